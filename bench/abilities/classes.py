"""Samples of every class that is asked for: the same latents in every row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gan_bench.bench.abilities.bounded import bytes_of, fitting
from gan_bench.bench.abilities.subject import Subject
from gan_bench.variants.declarations import Ability

CLASSES = 20
COLUMNS = 10
POINTS = 200


def labelled(abilities: Mapping[str, Ability]) -> str | None:
    """Return the name of the ability that makes samples of the labels that it is given; None without one."""
    asked = (("label",), "real")
    return next((name for name, of in abilities.items() if (of.inputs, of.makes) == asked), None)


def rows_of_classes(
    subject: Subject, columns: int | None = None, classes: Sequence[int] | None = None
) -> dict[str, Tensor]:
    """Return samples of classes; those of a column share all draws.

    Args:
        subject: the trained model.
        columns: samples of each class; default: 10 images, or 200 points, and no more than fit a record.
        classes: their labels; default: the first 20.

    Returns:
        `rows` (classes, columns, *shape), raw, and `class` (classes,). Nothing where the game makes no
        samples of given labels, or where they are not finite.
    """
    ability = labelled(subject.abilities)
    if ability is None or not subject.dataset.truth.classes:
        return {}
    if classes is None:
        classes = range(min(subject.dataset.truth.classes, CLASSES))
    if columns is None:
        shape = subject.dataset.shape
        columns = fitting(COLUMNS if math.prod(shape) > 2 else POINTS, bytes_of(shape) * len(classes))
    draws = subject.draws(ability, columns)
    repeated = {name: rows.repeat(len(classes), *[1] * (rows.ndim - 1)) for name, rows in draws.items()}
    labels = torch.tensor(classes)
    made = subject.make(ability, repeated, {"label": labels.repeat_interleave(columns)})
    return {} if made is None else {"rows": made.unflatten(0, (len(classes), columns)), "class": labels}
