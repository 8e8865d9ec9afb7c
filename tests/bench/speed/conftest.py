from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.speed.workload import DEFAULT, Workload, workloads

Choose = Callable[..., list[Workload]]


@pytest.fixture
def choose() -> Choose:
    """Workloads of the default suite, or of one that is named, with tiny networks unless told otherwise."""

    def choose(suite: str = str(DEFAULT), **options: object) -> list[Workload]:
        usual = {"reference": "nsgan", "architecture": "mlp, hidden=[8]", "variants": ["nsgan"]}
        return workloads(load_suite(suite), functools.cache(catalogue.dataset), **{**usual, **options})  # type: ignore[arg-type]

    return choose
