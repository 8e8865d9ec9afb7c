"""What a comparison says: a finding per cell, tier and metric; one cause is said once for all its cells."""

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
"""Verdicts of a test; the others say what was not tested, and why."""
ROOM = 70
"""Characters of the names of the cells of one cause; longer lists are counted only."""


@dataclass(frozen=True)
class Finding:
    """One line of the outcome."""

    tier: Tier
    verdict: Verdict
    cell: str
    """Short text: suite, dataset, architecture, budget, variant, setting."""
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    """Every cell that one cause applies to, where `cell` stands for several."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not finite becomes null."""
        numbers = {name: value if math.isfinite(value) else None for name, value in self.numbers.items()}
        return {**asdict(self), "numbers": numbers}


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Say what is true of several cells once: join untested findings of the same tier, verdict and text."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for place, finding in enumerate(findings):
        own = place if finding.verdict in JUDGED else None
        groups.setdefault((finding.tier, finding.verdict, finding.text, own), []).append(finding)
    return [joined(group) for group in groups.values()]


def joined(group: list[Finding]) -> Finding:
    """Return one finding for several of one cause; where their texts differ, the first stands for all."""
    if len(group) == 1:
        return group[0]
    names = tuple(name for finding in group for name in (finding.cells or (finding.cell,)))
    text = group[0].text
    if any(finding.text != text for finding in group):
        text = f"{text} (the first of {len(group)} cells)"
    return replace(group[0], cell=_together(names), text=text, cells=names)


def _together(names: tuple[str, ...]) -> str:
    """`a · b · c` and `a · b · d` -> `a · b · (2 cells: c, d)`."""
    parts = [name.split(" · ") for name in names]
    shared = [same[0] for same in takewhile(lambda same: len(set(same)) == 1, zip(*parts, strict=False))]
    rest = ", ".join(" · ".join(own[len(shared) :]) for own in parts)
    return " · ".join([*shared, f"({len(names)} cells{f': {rest}' if len(rest) <= ROOM else ''})"])
