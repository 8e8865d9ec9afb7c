"""Findings of a comparison: one per cell, tier and metric; findings with one cause are joined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from typing import Any, Literal

Tier = Literal["exact", "quality", "stability", "speed", "pairing"]
Verdict = Literal["regression", "incomparable", "missing", "failed", "note", "fine"]
TIERS: tuple[Tier, ...] = ("exact", "quality", "stability", "speed")
JUDGED: tuple[Verdict, ...] = ("regression", "fine")
"""Verdicts of a test; findings with the others name what was not tested, and the reason."""
ROOM = 70
"""Largest number of characters for the names of joined cells; longer lists are replaced by their count."""


@dataclass(frozen=True)
class Finding:
    """One finding: a verdict on a cell, or on several with one cause."""

    tier: Tier
    verdict: Verdict
    cell: str
    """Name: suite, dataset, architecture, budget, variant, setting."""
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    metric: str = ""
    """Of a test of scores."""
    cells: tuple[str, ...] = ()
    """Names of all cells of a joined finding; `cell` is then their common text."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; numbers that are not finite become null."""
        numbers = {name: value if math.isfinite(value) else None for name, value in self.numbers.items()}
        return {**asdict(self), "numbers": numbers}


def amount(value: float) -> str:
    """Return a median as text; an infinite one is of lost seeds."""
    return "lost" if math.isinf(value) else f"{value:.4g}"


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Join findings that are no result of a test and have the same tier, verdict and text."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for place, finding in enumerate(findings):
        own = place if finding.verdict in JUDGED else None
        groups.setdefault((finding.tier, finding.verdict, finding.text, own), []).append(finding)
    return [joined(group) for group in groups.values()]


def joined(group: list[Finding]) -> Finding:
    """Return one finding for several with one cause; if their texts differ, it has the first."""
    if len(group) == 1:
        return group[0]
    names = tuple(name for finding in group for name in (finding.cells or (finding.cell,)))
    text = group[0].text
    if any(finding.text != text for finding in group):
        text = f"{text} (the first of {len(group)} cells)"
    return replace(group[0], cell=_together(names), text=text, cells=names)


def parted(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the leading parts that all names share, and the rest of each name, which is never empty."""
    parts = [name.split(" · ") for name in names]
    heads = zip(*(name[:-1] for name in parts), strict=False)
    shared = [same[0] for same in takewhile(lambda same: len(set(same)) == 1, heads)]
    return shared, [" · ".join(name[len(shared) :]) for name in parts]


def _together(names: tuple[str, ...]) -> str:
    """Return a common text of names: `a · b · c` and `a · b · d` give `a · b · (2 cells: c, d)`."""
    shared, others = parted(names)
    rest = ", ".join(others)
    return " · ".join([*shared, f"({len(names)} cells{f': {rest}' if len(rest) <= ROOM else ''})"])
