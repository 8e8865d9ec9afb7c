"""Every registered dataset, and one of a user; rows of their streams."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gan_bench import datasets
from gan_bench.bench.checking import datasets as checks
from gan_bench.bench.checking.datasets import batch
from gan_bench.datasets import StreamingSource, registry
from gan_bench.datasets.images import ImageDataset, Split


def streamed_plug_in() -> datasets.Dataset:
    """A user's dataset, as unlike the house's as may be: streamed, in colour, not square, without labels."""

    def read(rows: np.ndarray) -> np.ndarray:
        pattern = np.arange(3 * 4 * 6).reshape(3, 4, 6)
        return (
            (pattern * 7 + rows[:, None, None, None] * 13) % 251 + rows[:, None, None, None] // 251
        ).astype(np.uint8)

    def part(first: int, length: int) -> Split:
        return Split(StreamingSource(lambda rows: read(rows + first), length, (3, 4, 6)))

    parts = {"train": part(0, 40), "validation": part(40, 20), "test": part(60, 120)}
    return ImageDataset("streamed-plug-in", parts, content_hash="5" * 64)


PLUG_IN = registry.Info("streamed-plug-in", "images", "Plug-in", "a test", False, None, streamed_plug_in)


NAMES = [*datasets.names(), PLUG_IN.name]
read_twice = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in ("facades-256", "facade-labels") else name
        for name in NAMES
    ],
)
"""All datasets; in the fast suite the files of facades are read a second time for one of the three."""


@cache
def load(name: str, repetition: int = 0) -> datasets.Dataset | None:
    try:
        return datasets.load(name, allow_download=False, stand_in=False)
    except datasets.Unreachable:
        return None


def everything(dataset):
    """Every stream of every split."""
    return [source for _, source in checks.everything(dataset)]


def fields_of_every_stream(dataset):
    return [(stream, field) for stream, fields in dataset.streams.items() for field in fields]


def raw_rows(dataset, stream="real", field="real"):
    return batch(dataset.stream(stream), alone=stream)[field]


def agrees_with(labels, weights):
    """Frequencies within five standard errors of the weights."""
    weights, count = np.array(weights), len(labels)
    found = np.bincount(labels, minlength=len(weights)) / count
    assert (np.abs(found - weights) <= 5 * np.sqrt(weights * (1 - weights) / count)).all()
