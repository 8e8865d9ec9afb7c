"""Schedules: continuous hyperparameters as functions of training progress."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

_SHAPES: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "cosine": lambda t: 0.5 - 0.5 * math.cos(math.pi * t),
    "step": lambda t: float(t >= 1.0),
}


@dataclass(frozen=True)
class Schedule:
    """A value that goes from ``start`` to ``end`` while progress goes from ``begin`` to ``until``.

    Attributes:
        schedule: the shape, ``linear``, ``cosine`` or ``step`` (the jump is at ``until``).
        start, end: values before ``begin`` and after ``until``.
        begin, until: progress in [0, 1], the share of the budget that is spent.
    """

    schedule: str
    start: float
    end: float
    begin: float = 0.0
    until: float = 1.0

    def __post_init__(self) -> None:
        if self.schedule not in _SHAPES:
            near = difflib.get_close_matches(str(self.schedule), _SHAPES, n=1, cutoff=0.0)[0]
            raise ValueError(
                f"unknown schedule {self.schedule!r}, one of {', '.join(_SHAPES)} (nearest: {near})"
            )
        if not 0.0 <= self.begin < self.until <= 1.0:
            raise ValueError(f"0 <= begin < until <= 1 expected, got begin={self.begin}, until={self.until}")

    @classmethod
    def parse(cls, value: Mapping) -> Schedule:
        """Build from a mapping such as ``{schedule = "linear", start = 1e-3, end = 0}``.

        Raises:
            ValueError: for a missing or unknown key or an impossible value.
        """
        fields = cls.__dataclass_fields__
        unknown = [key for key in value if key not in fields]
        missing = [key for key in ("schedule", "start", "end") if key not in value]
        if unknown or missing:
            raise ValueError(
                f"a schedule has the keys {', '.join(fields)}; "
                f"unknown: {unknown or 'none'}, missing: {missing or 'none'}"
            )
        numbers = {key: float(number) for key, number in value.items() if key != "schedule"}
        return cls(schedule=value["schedule"], **numbers)

    def at(self, progress: float) -> float:
        """Return the value at ``progress`` in [0, 1]."""
        t = min(1.0, max(0.0, (progress - self.begin) / (self.until - self.begin)))
        return self.start + (self.end - self.start) * _SHAPES[self.schedule](t)

    def to_dict(self) -> dict[str, str | float]:
        """Return the mapping that :meth:`parse` reads."""
        return asdict(self)
