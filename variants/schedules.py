"""Schedules: continuous hyperparameters as functions of training progress."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from gan_bench.names import suggestion


def _between(shape: Callable[[float], float]) -> Callable[[float, float, float], float]:
    """Return a shape from ``start`` to ``end`` for one from 0 to 1."""
    return lambda start, end, t: start + (end - start) * shape(t)


_SHAPES: dict[str, Callable[[float, float, float], float]] = {
    "linear": _between(lambda t: t),
    "cosine": _between(lambda t: 0.5 - 0.5 * math.cos(math.pi * t)),
    "step": _between(lambda t: float(t >= 1.0)),
    "exponential": lambda start, end, t: start * (end / start) ** t if t < 1.0 else end,
}
"""Value at the share ``t`` in [0, 1] of the way from ``start`` to ``end``."""


@dataclass(frozen=True)
class Schedule:
    """A value that goes from ``start`` to ``end`` while progress goes from ``begin`` to ``until``.

    Attributes:
        schedule: the shape: ``linear``, ``cosine``, ``step`` (the jump is at ``until``), or
            ``exponential``, start (end / start)^t at the share t of the way: the same factor in every step,
            down to the floor ``end``.
        start, end: values before ``begin`` and after ``until``; above 0 if exponential.
        begin, until: progress in [0, 1], the share of the budget that is spent.
    """

    schedule: str
    start: float
    end: float
    begin: float = 0.0
    until: float = 1.0

    def __post_init__(self) -> None:
        if self.schedule not in _SHAPES:
            raise ValueError(f"unknown schedule {self.schedule!r}; {suggestion(self.schedule, _SHAPES)}")
        if not 0.0 <= self.begin < self.until <= 1.0:
            raise ValueError(f"0 <= begin < until <= 1 expected, got begin={self.begin}, until={self.until}")
        if self.schedule == "exponential" and not (self.start > 0.0 and self.end > 0.0):
            raise ValueError(
                f"an exponential schedule never reaches 0: start and end above 0 expected, got "
                f"start={self.start}, end={self.end} (linear and cosine ones may end at 0)"
            )

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
        return _SHAPES[self.schedule](self.start, self.end, t)

    def to_dict(self) -> dict[str, str | float]:
        """Return the mapping that :meth:`parse` reads."""
        return asdict(self)
