"""Samples along each of a game's codes, all other draws held."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.abilities.bounded import bytes_of, fitting
from gan_bench.bench.abilities.classes import labelled
from gan_bench.bench.abilities.subject import Subject
from gan_bench.spaces import Space
from gan_bench.variants.noise import Noise

ABILITY = "sample"
COMPONENTS = 8
CATEGORIES = 20
STEPS = 9
HELD = 3
WIDE = 2.0  # standard deviations of an unbounded code, to either side


def codes_of(subject: Subject) -> dict[str, Space]:
    """Return the codes that samples depend on, by name."""
    drawn = subject.abilities[ABILITY].noise if ABILITY in subject.abilities else ()
    return (
        {name: space for name, space in subject.model.game.codes().items() if name in drawn} if drawn else {}
    )


def values_of(space: Space, noise: Noise, steps: int = STEPS) -> Tensor:
    """Return the values that a traversal gives a code: all categories, or equal steps over its range.

    The range is the space's, else that of a uniform law, else two standard deviations to either side.
    """
    if space.classes is not None:
        return torch.arange(space.classes)
    if space.bounds is not None:
        low, high = space.bounds
    elif noise.law == "uniform":
        low, high = sorted((noise.low * noise.scale, noise.high * noise.scale))
    else:
        low, high = -WIDE * abs(noise.scale), WIDE * abs(noise.scale)
    return torch.from_numpy(np.linspace(low, high, steps))  # torch's has 1e-8 in the place of 0


def traversal(
    subject: Subject, code: str, steps: int = STEPS, held: int = HELD, most: int = COMPONENTS
) -> dict[str, Tensor]:
    """Return samples in which one component of a code runs over its values, and all other draws are held.

    Args:
        subject: the trained model.
        code: one of `codes_of`.
        steps: values of a continuous code; a category takes each of its values.
        held: number of draws, each held along a row.
        most: components at most, the first ones.

    Returns:
        `rows` (components, held, values, *shape), raw, and `values`, one number each. Nothing where samples
        are not finite.
    """
    space = codes_of(subject)[code]
    values = values_of(space, subject.declared(ABILITY)[code], steps)
    components = min(most, math.prod(space.shape))
    size = (components, held, len(values))
    noise = {
        name: rows[None, :, None].expand(*size, *rows.shape[1:]).clone()
        for name, rows in subject.draws(ABILITY, held).items()
    }
    varied = noise[code].reshape(*size, -1)
    for component in range(components):
        varied[component, ..., component] = values.to(varied.dtype)
    noise[code] = varied.reshape(*size, *space.shape)
    made = subject.make(ABILITY, {name: rows.flatten(0, 2) for name, rows in noise.items()})
    if made is None:
        return {}
    return {"rows": made.unflatten(0, size), "values": values}


def traversals(subject: Subject) -> dict[str, Tensor]:
    """Return the arrays of `traversal` of every code as `CODE.rows` and `CODE.values`, bounded in size.

    Labels that an ability takes as inputs are left out: samples of every class show them.
    """
    kept: dict[str, Tensor] = {}
    inputs = {"label"} if labelled(subject.abilities) else set()
    for code, space in codes_of(subject).items():
        if code not in inputs and (space.classes or 0) <= CATEGORIES:
            row = HELD * (space.classes or STEPS) * bytes_of(subject.dataset.shape)
            found = traversal(subject, code, most=fitting(COMPONENTS, row))
            kept |= {f"{code}.{name}": array for name, array in found.items()}
    return kept
