"""The list of metrics, open to plug-ins: `@register("name", title=..., direction=...)` on a function."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

from gan_bench.bench.metrics.base import Compute, Metric, MetricError

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
        if not name.isidentifier():
            raise MetricError(f"metric name {name!r} must be letters, digits and underscores")
        if metric.direction not in ("min", "max", "target", None):
            raise MetricError(f"metric {name!r}: direction {metric.direction!r} is not min, max or target")
        if metric.when not in ("curve", "final", "path"):
            raise MetricError(f"metric {name!r}: when {metric.when!r} is not curve, final or path")
        if not metric.low < metric.high:
            raise MetricError(f"metric {name!r}: low {metric.low} must be below high {metric.high}")
        _metrics[name] = metric
        return compute

    return add


def unregister(name: str) -> None:
    """Remove a plug-in's metric again (for tests)."""
    info(name)
    del _metrics[name]


def names() -> tuple[str, ...]:
    """Names of all registered metrics, in order of registration."""
    return tuple(_metrics)


def info(name: str) -> Metric:
    """The metric called `name`.

    Raises:
        UnknownMetric: there is none; the message lists the nearest names.
    """
    if name in _metrics:
        return _metrics[name]
    near = difflib.get_close_matches(name, _metrics, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(_metrics)}"
    raise UnknownMetric(f"unknown metric {name!r}; {hint}")
