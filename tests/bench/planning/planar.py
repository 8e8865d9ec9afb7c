"""Planar data for plans, and suites with other fields."""

from __future__ import annotations

import copy
from typing import Any

from gan_bench import datasets
from gan_bench.bench.planning.suite import Suite


def load(name: str) -> Any:
    """Return planar data without labels under another name."""
    data = copy.copy(datasets.load("quadratic"))
    data.name, data.content_hash = name, f"hash of {name}"
    return data


def with_(suite: Suite, **fields: Any) -> Suite:
    part = suite.model_copy(update=fields)
    return part.model_copy(update={"parts": [part]})
