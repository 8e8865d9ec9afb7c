"""Promises of every dataset: hash, streams, draws, conversions, references, and a truth that is true."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.checking.checks import expect, promises
from gan_bench.datasets import Dataset, SampledSource, Source, registry
from gan_bench.datasets.checks import check

SIGMAS = 5.0
"""Standard errors within which stated moments and frequencies are those of the reference."""
MOST = 60_000_000
"""Values of training rows that are compared with the references."""


def load(name: str) -> Dataset:
    """Return a dataset, loaded anew, without a stand-in."""
    return registry.load(name, stand_in=False)


@promises("dataset", "it loads, and its declarations agree with its rows")
def loads(name: str) -> None:
    """Raise for a dataset that does not load, with the reason."""
    check(load(name))


@promises("dataset", "its content hash is the same each time")
def keeps_its_hash(name: str) -> None:
    """Raise for a hash that changes, or is no SHA-256."""
    first, second = load(name).content_hash, load(name).content_hash
    expect(first == second, "its content hash differs between two loads: its rows or definition do")
    digits = {*"0123456789abcdef"}
    expect(len(first) == 64 and {*first} <= digits, f"its content hash is {first!r}, expected 64 hex digits")


@promises("dataset", "batches depend on the given generator alone")
def follows_the_generator(name: str) -> None:
    """Raise for draws from global generators."""
    data = load(name)
    before = torch.get_rng_state(), repr(np.random.get_state()), random.getstate()  # noqa: NPY002
    for stream, source in everything(data):
        first = batch(source)
        with torch.random.fork_rng():
            torch.manual_seed(12345)
            again = batch(source)
        agree = all(torch.equal(rows, first[field]) for field, rows in again.items())
        expect(agree, f"stream {stream}: a second draw with the same generator differs")
    kept = torch.equal(torch.get_rng_state(), before[0])
    kept = kept and repr(np.random.get_state()) == before[1] and random.getstate() == before[2]  # noqa: NPY002
    expect(kept, "reading it changes a global random generator")


@promises("dataset", "restoring prepared values gives the raw ones")
def converts_both_ways(name: str) -> None:
    """Raise for conversions that are no inverses, leave the bounds, or change their input."""
    data = load(name)
    for stream, fields in data.streams.items():
        rows = batch(data.stream(stream), alone=stream)
        for field in fields:
            raw, kept, space = rows[field], rows[field].clone(), data.spaces[field]
            prepared = data.prepare(raw, field)
            expect(torch.equal(raw, kept), f"field {field}: prepare changes the raw values in place")
            if space.bounds is not None:
                low, high = space.bounds
                inside = low <= float(prepared.min()) and float(prepared.max()) <= high
                expect(inside, f"field {field}: prepared values leave the bounds {space.bounds}")
            restored = data.restore(prepared, field).to(raw.dtype)
            close = torch.allclose(restored.double(), raw.double(), rtol=1e-5, atol=1e-4)
            expect(close, f"field {field}: restore(prepare(raw)) is not raw")


@promises("dataset", "references are the same rows each time, and hold every class")
def has_references(name: str) -> None:
    """Raise for references that change or lack a class."""
    data, again = load(name), load(name)
    for split in ("validation", "test"):
        rows = data.reference(split)
        expect(torch.equal(rows, again.reference(split)), f"the {split} reference differs between two loads")
        first = data.reference(split, 3)
        expect(torch.equal(rows[:3], first), f"the first rows of the {split} reference depend on the count")
        labels = data.reference_labels(split)
        if labels is None:
            continue
        absent = sorted({*range(data.truth.classes or 0)} - {*labels.unique().tolist()})
        expect(not absent, f"the {split} reference has no row of class {', '.join(map(str, absent))}")


@promises("dataset", "no row of training is among the references")
def keeps_splits_apart(name: str) -> None:
    """Raise for rows that training and references share; draws of a law may coincide."""
    data = load(name)
    source = data.stream()
    if isinstance(source, SampledSource):
        return
    count = min(len(source), max(MOST // math.prod(data.shape), 1))
    rows = source.gather(torch.arange(count) * len(source) // count)
    train = rows_of(rows if isinstance(rows, Tensor) else rows["real"])
    for split in ("validation", "test"):
        shared = len(train & rows_of(data.reference(split)))
        expect(not shared, f"{shared} rows of the {split} reference are among the training rows")


@promises("dataset", "what it states of its truth is true of its reference")
def tells_the_truth(name: str) -> None:
    """Raise for moments or class frequencies that are more than `SIGMAS` standard errors off."""
    data = load(name)
    truth, rows = data.truth, data.reference("test").double().flatten(1).numpy()
    if truth.mean is not None and truth.std is not None:
        spread = np.array(truth.std)
        off = np.abs(rows.mean(0) - truth.mean) > SIGMAS * spread / math.sqrt(len(rows))
        expect(
            not off.any(), f"the stated mean is {truth.mean}, that of the reference {_rounded(rows.mean(0))}"
        )
        fourth = ((rows - truth.mean) ** 4).mean(0)
        error = np.sqrt(np.maximum(fourth - spread**4, 0) / len(rows))
        far = np.abs(((rows - truth.mean) ** 2).mean(0) - spread**2) > SIGMAS * error + 1e-12
        expect(not far.any(), f"the stated std is {truth.std}, that of the reference {_rounded(rows.std(0))}")
    labels = data.reference_labels("test")
    if truth.weights is not None and truth.classes is not None and labels is not None:
        found = np.bincount(labels.numpy(), minlength=truth.classes) / len(labels)
        stated = np.array(truth.weights)
        error = np.sqrt(stated * (1 - stated) / len(labels))
        expect(
            not (np.abs(found - stated) > SIGMAS * error).any(),
            f"classes have the shares {_rounded(found)}, stated are {truth.weights}",
        )


def everything(data: Dataset) -> Iterator[tuple[str, Source]]:
    """Yield every stream of every split, with its name."""
    for stream in data.streams:
        for split in data.splits:
            yield stream, data.stream(stream, split)


def batch(
    source: Source,
    shape: tuple[int, ...] = (2, 5),
    dtype: torch.dtype = torch.float32,
    seed: int = 3,
    *,
    alone: str = "real",
) -> dict[str, Tensor]:
    """Return a batch as the engine draws it, by field; that of a source of one field is called `alone`."""
    generator = torch.Generator().manual_seed(seed)
    if isinstance(source, SampledSource):
        rows = source.sample(math.prod(shape), generator, dtype)
        fields = rows if isinstance(rows, dict) else {alone: rows}
        return {name: field.reshape(*shape, *field.shape[1:]) for name, field in fields.items()}
    found = source.gather(torch.randint(len(source), shape, generator=generator))
    return found if isinstance(found, dict) else {alone: found}


def rows_of(rows: Tensor) -> set[bytes]:
    """Return the bytes of every row."""
    return {row.tobytes() for row in rows.numpy()}


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values)
