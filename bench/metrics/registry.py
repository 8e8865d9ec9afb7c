"""The registered metrics, open to plug-ins: `@register("name", title=..., direction=...)` on a function."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

from gan_bench.bench.metrics.base import Compute, Metric, MetricError
from gan_bench.bench.metrics.order import ORDER

_metrics: dict[str, Metric] = {}


class UnknownMetric(MetricError):
    """No metric has this name."""


def register(name: str, **fields: Any) -> Callable[[Compute], Compute]:
    """Register a function `(fake, real, truth) -> float` as the metric `name`.

    Args:
        name: unique lower-case name.
        fields: the other fields of `bench.metrics.base.Metric`; `doc` is the function's docstring.

    Raises:
        MetricError: the name is taken, or the fields contradict each other.
    """

    def add(compute: Compute) -> Compute:
        metric = Metric(name=name, compute=compute, doc=inspect.getdoc(compute) or "", **fields)
        taken = _metrics.get(name)
        if taken is not None:
            raise MetricError(f"metric {name!r} is already registered by {taken.compute.__module__}")
        _metrics[name] = metric
        return compute

    return add


def unregister(name: str) -> None:
    """Remove a plug-in's metric again (for tests)."""
    info(name)
    del _metrics[name]


def names() -> tuple[str, ...]:
    """Return the names of all metrics: those of `ORDER`, then plug-ins' in order of registration."""
    places = {name: place for place, name in enumerate(ORDER)}
    return tuple(sorted(_metrics, key=lambda name: places.get(name, len(places))))


def info(name: str) -> Metric:
    """Return the metric called `name`.

    Raises:
        UnknownMetric: there is none; the message lists the nearest names.
    """
    if name in _metrics:
        return _metrics[name]
    near = difflib.get_close_matches(name, _metrics, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names())}"
    raise UnknownMetric(f"unknown metric {name!r}; {hint}")
