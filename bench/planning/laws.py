"""Laws of a search: distributions of hyperparameters in `[search.space]`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_bench.bench.common.errors import UsageError, check_name

BOUNDED = ("uniform", "log-uniform", "integer")
LAWS = (*BOUNDED, "choices")
EXPECTED = "{ choices = [...] } or { law = ..., low = ..., high = ... }"
LARGEST = 2**63 - 1
"""The largest whole number that a law can draw."""


@dataclass(frozen=True)
class Law:
    """One law: equally likely choices, or numbers between two bounds (both included).

    Draws of the continuous laws have three significant digits, so tables show the exact values.
    """

    kind: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Any, ...] = ()

    @property
    def ends(self) -> tuple[Any, ...]:
        """The choices, or the two bounds; the hyperparameter must allow them."""
        return self.choices or (self.low, self.high)

    def draw(self, generator: np.random.Generator) -> Any:
        """Return one draw."""
        if self.kind == "choices":
            return self.choices[int(generator.integers(len(self.choices)))]
        if self.kind == "integer":
            return int(generator.integers(int(self.low), int(self.high) + 1))
        if self.kind == "uniform":
            return self._rounded(generator.uniform(self.low, self.high))
        return self._rounded(np.exp(generator.uniform(np.log(self.low), np.log(self.high))))

    def at(self, u: float) -> Any:
        """Return the quantile of the law at `u` in [0, 1)."""
        if self.kind == "choices":
            return self.choices[int(u * len(self.choices))]
        if self.kind == "integer":
            return int(self.low + np.floor(u * (self.high + 1 - self.low)))
        if self.kind == "uniform":
            return self._rounded(self.low + u * (self.high - self.low))
        return self._rounded(np.exp(np.log(self.low) + u * np.log(self.high / self.low)))

    def _rounded(self, value: float) -> float:
        return float(min(max(float(f"{value:.3g}"), self.low), self.high))


def parse(content: Any, where: str) -> Law:
    """Return the law of a table such as `{ law = "uniform", low = 0, high = 1 }`.

    Args:
        content: the table.
        where: place in the suite, for messages.

    Raises:
        UsageError: for an unknown law or key, a missing key, bounds that are not finite or not in order, a
            log-uniform law that is not above 0, an integer law with fractional bounds, no choices.
    """
    if not isinstance(content, Mapping):
        raise UsageError(f"{where} is {content!r}: a law expected, as in {EXPECTED}")
    kind = content.get("law", "choices" if "choices" in content else None)
    if kind is None:
        raise UsageError(f"{where}: `law` is missing, expected {EXPECTED}")
    check_name("law", kind, LAWS, where)
    needed = ("choices",) if kind == "choices" else ("low", "high")
    for key in content:
        check_name("key", key, ("law", *needed), f"{where}, a law of {kind}")
    for key in needed:
        if key not in content:
            raise UsageError(f"{where}: `{key}` is missing, which the law {kind} needs")
    if kind == "choices":
        choices = content["choices"]
        if not isinstance(choices, list) or not choices:
            raise UsageError(f"{where}: choices is {choices!r}: a list of at least one value expected")
        return Law(kind, choices=tuple(choices))
    return _bounded(kind, content, where)


def _bounded(kind: str, content: Mapping[str, Any], where: str) -> Law:
    from gan_bench.variants.hyperparameters import number, whole

    read = whole if kind == "integer" else number
    bounds = {name: read(content[name]) for name in ("low", "high")}
    for name, value in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise UsageError(f"{where}: {name} is {content[name]!r}: a finite number expected")
        if kind == "integer" and not isinstance(value, int):
            raise UsageError(f"{where}: {name} is {value!r}: a whole number expected for an integer law")
    low, high = bounds["low"], bounds["high"]
    if kind == "log-uniform" and low <= 0:
        raise UsageError(f"{where}: low must be above 0 for a log-uniform law, and is {low!r}")
    if low > high:
        raise UsageError(f"{where}: low must be at most high, and is {low!r} with high {high!r}")
    if kind == "log-uniform" and not math.isfinite(high / low):
        raise UsageError(f"{where}: low {low!r} is too near to 0 for a log-uniform law up to {high!r}")
    return Law(kind, low, high)
