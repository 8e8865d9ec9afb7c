"""Small jobs for tests: a few iterations of any variant, with what is needed to compare two runs."""

from __future__ import annotations

import functools

import pytest

from gan_bench import variants
from gan_bench.bench.checking.jobs import (
    MLP,
    SETTINGS,
    largest_difference,
    made,
    make_job,
    outputs,
    same,
    trained_on,
    weights,
)  # fmt: skip
from gan_bench.bench.engine.facts import data_spec
from gan_bench.datasets import load
from gan_bench.datasets.photographs import photographs
from gan_bench.datasets.super_resolution import low_high

CONV = {"family": "conv", "width": 4}

__all__ = [
    "CONV", "GROUNDS", "MLP", "PICTURES", "SETTINGS", "both_ways", "dataset", "ground", "largest_difference",
    "made", "make_job", "outputs", "same", "trained", "weights",
]  # fmt: skip

PICTURES = "small-pictures"
GROUNDS = (
    *("ring", "turned", "digits", "digit-outlines", "inverted-digits", "three-tints"),
    PICTURES,
)
"""Data on which perceptrons can play any variant."""


@functools.cache
def dataset(name):
    """A dataset by name; pictures of 16 pixels with half their resolution, which no suite needs."""
    if name != PICTURES:
        return load(name)
    china, _ = photographs()
    parts = {"train": china[:, :48, :48], "validation": china[:, 48:80, :32], "test": china[:, 80:128, :48]}
    return low_high(name, *({split: part} for split, part in parts.items()), 2, side=8)


both_ways = pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])


def ground(variant, candidates=GROUNDS):
    """The first of some datasets that a variant can be played on; skips the test where there is none."""
    reasons = {name: variants.get(variant).refuses(data_spec(dataset(name))) for name in candidates}
    fitting = [name for name, reason in reasons.items() if not reason]
    return fitting[0] if fitting else pytest.skip(f"{variant} has no data here: {reasons}")


def trained(job, data=None):
    """The trainer after its run, on the dataset given or the first that fits the variant."""
    data = data or ground(job.variant)
    return trained_on(job, dataset(data) if isinstance(data, str) else data)
