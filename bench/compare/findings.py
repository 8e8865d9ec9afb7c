"""What a comparison says: one finding per cell, tier and metric that is worth a line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Tier = Literal["exact", "quality", "stability", "speed", "pairing"]
Verdict = Literal["regression", "incomparable", "missing", "failed", "note"]
TIERS: tuple[Tier, ...] = ("exact", "quality", "stability", "speed")


@dataclass(frozen=True)
class Finding:
    """One line of the outcome."""

    tier: Tier
    verdict: Verdict
    cell: str
    """Short text: suite, dataset, variant, architecture, setting."""
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not finite becomes null."""
        numbers = {name: value if math.isfinite(value) else None for name, value in self.numbers.items()}
        return {**asdict(self), "numbers": numbers}
