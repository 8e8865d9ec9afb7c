"""Colours, markers and line styles: the same look for a variant in every report."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

PALETTE = [
    ("#0072b2", "#5fb0ea"),
    ("#d55e00", "#ff8f4d"),
    ("#00805e", "#3fcf9f"),
    ("#bb5a96", "#f0a6cf"),
    ("#a87400", "#f0c14b"),
    ("#2a93d1", "#a6dcff"),
    ("#6b5b00", "#cfc06a"),
    ("#6a2fa0", "#c7a0f5"),
]
"""Pairs of colours for light and for dark paper.

Okabe and Ito's colour-blind-safe colours (2008), darker where the originals are too pale for white paper,
with purple for black, since real data are grey.
"""
# Neither length divides the palette's eight: 8 x 11 looks come before the first one is repeated.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*"]
LineStyle = tuple[float, Sequence[float]] | Literal["-"]
LINES: list[LineStyle] = [
    "-",
    (0, (5, 1.5)),
    (0, (1.5, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
]
OWN = math.lcm(len(PALETTE), len(MARKERS), len(LINES))
"""Number of different looks. Numbers from it on are of names that nothing shipped with the project has."""


@dataclass(frozen=True)
class Look:
    """Colour, marker and line style of a variant."""

    colour: str
    marker: str
    line: LineStyle


def looks(numbers: Mapping[str, int]) -> dict[str, Look]:
    """Return the look of each variant by its number (see `assign`)."""

    def look(number: int) -> Look:
        return Look(
            PALETTE[number % len(PALETTE)][0], MARKERS[number % len(MARKERS)], LINES[number % len(LINES)]
        )

    return {variant: look(number) for variant, number in numbers.items()}


def assign(names: Sequence[str], compared: Sequence[Collection[str]]) -> dict[str, int]:
    """Return a different number for each of `names`; numbers that are equal modulo 8 have the same colour.

    Args:
        names: all variants, in an order that does not change.
        compared: groups of variants that appear together. Variants of a group that is no larger than the
            palette get different colours where that is possible: they choose before all others.
    """
    groups = [set(group) for group in compared if len(group) <= len(PALETTE)]
    members = set().union(*groups)
    numbers: dict[str, int] = {}
    for name in sorted(names, key=lambda name: name not in members):
        company = set().union(*(group for group in groups if name in group))
        taken = {numbers[other] % len(PALETTE) for other in company & numbers.keys()}
        free = (number for number in itertools.count() if number not in numbers.values())
        numbers[name] = next(number for number in free if number % len(PALETTE) not in taken)
    return numbers


def extended(
    numbers: Mapping[str, int], names: Sequence[str], compared: Sequence[Collection[str]]
) -> dict[str, int]:
    """Return numbers for further names: each gets the colour that is rarest in the groups it is in.

    Args:
        numbers: those of other names, which stay as they are.
        names: in an order that does not change.
        compared: groups of names that appear together, of any size.
    """
    further: dict[str, int] = {}
    for name in names:
        given = {**numbers, **further}
        company = set().union(*(group for group in compared if name in group)) & given.keys()
        colours = Counter(given[other] % len(PALETTE) for other in company)
        free = itertools.islice((n for n in itertools.count() if n not in given.values()), len(PALETTE))
        further[name] = min(free, key=lambda number: (colours[number % len(PALETTE)], number))
    return further


def number_of(name: str, unlike: int | None = None) -> int:
    """Return a number from `OWN` on for a name that has none: a function of the name, so always the same.

    Args:
        name: of a composition or a plug-in's variant.
        unlike: number of the variant that a composition changes, whose colour it does not get.
    """
    free = [n for n in range(OWN) if unlike is None or (n - unlike) % len(PALETTE)]
    return OWN + free[int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % len(free)]


def apart(numbers: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers for names that are shown together: equal colours have other markers and lines.

    Numbers from `OWN` on keep their colour, and change their marker and line where a name before them has one
    of these in the same colour. Numbers below it stay as they are, and come first in their order.
    """
    given: dict[str, int] = {}
    for name in sorted(numbers, key=lambda name: min(numbers[name], OWN)):
        alike = [other for other in given.values() if (other - numbers[name]) % len(PALETTE) == 0]

        def clashes(number: int, alike: Sequence[int] = alike) -> int:
            return sum((other - number) % len(of) == 0 for other in alike for of in (MARKERS, LINES))

        start, steps = numbers[name] - OWN, range(0, OWN, len(PALETTE))
        own = [OWN + (start + step) % OWN for step in steps]
        given[name] = numbers[name] if start < 0 else min(own, key=clashes)
    return given
