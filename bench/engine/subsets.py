"""Subsets of training rows: a game with few labels reads a part of a stream, drawn anew for each seed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.streams import stream
from gan_bench.datasets.sources import Fields, SampledSource, Source
from gan_bench.variants.declarations import Subset
from gan_bench.variants.misfits import Misfit

POOL = 20
"""Samples drawn of an infinite source for each row of a subset, of which it takes the first of each class."""


def part_of(source: Source, name: str, subset: Subset, seed: int) -> Tensor | Fields:
    """Return the indices of a subset of a finite source, int64 ``[rows]``, or its samples of an infinite one.

    They depend on the seed alone, not on the variant or on other replicas, and are drawn on the CPU: variants
    with one seed have the same labelled samples on every device.

    Args:
        source: the stream's training rows.
        name: of the stream, for messages.
        subset: how many rows, and of which field the classes are balanced.
        seed: of the trial; the numbers are those of the stream (seed, "labels").

    Raises:
        Misfit: if the source has too few rows, or too few of a class.
    """
    generator = stream(seed, "labels")
    if isinstance(source, SampledSource):
        length = POOL * subset.rows
        pool = source.sample(length, generator)
        rows = _chosen(name, subset, length, _labels(pool, subset), generator)
        return tree_map(lambda values: values[rows], pool)
    labels = _labels(source.gather(torch.arange(len(source))), subset) if subset.balanced else None
    return _chosen(name, subset, len(source), labels, generator)


def _labels(rows: Tensor | Fields, subset: Subset) -> Tensor | None:
    return rows[subset.balanced].cpu() if subset.balanced and isinstance(rows, dict) else None


def _chosen(
    name: str, subset: Subset, length: int, labels: Tensor | None, generator: torch.Generator
) -> Tensor:
    """Return the indices of the rows, ascending."""
    if subset.rows > length:
        raise Misfit(f"{subset.rows} rows of the stream {name} are asked for, training has {length}")
    shuffled = torch.randperm(length, generator=generator)
    if labels is None:
        return shuffled[: subset.rows].sort().values
    classes = labels.unique()
    more = torch.randperm(len(classes), generator=generator)[: subset.rows % len(classes)]
    quota = torch.full((len(classes),), subset.rows // len(classes))
    quota[more] += 1
    of_class = labels[shuffled]
    parts = [shuffled[of_class == value][:count] for value, count in zip(classes, quota, strict=True)]
    for value, part, count in zip(classes, parts, quota, strict=True):
        if len(part) < count:
            raise Misfit(
                f"{subset.rows} balanced rows of the stream {name} need {count} of class {int(value)}, "
                f"training has {len(part)}"
            )
    return torch.cat(parts).sort().values
