"""The registered metrics, open to plug-ins: `@register("name", title=..., direction=...)` on a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from gan_bench import datasets
from gan_bench.bench.metrics.base import SUBJECTS, Compute, Metric, MetricError
from gan_bench.bench.metrics.order import ORDER
from gan_bench.errors import UnknownEntry
from gan_bench.names import Registry, suggestion


class UnknownMetric(MetricError, UnknownEntry):
    """No metric has this name; the message gives the nearest that exists."""


class UnknownSubject(MetricError, UnknownEntry):
    """A metric ranks data that are not registered; the message gives the nearest that exist."""


METRICS: Registry[Metric] = Registry("metric", refused=MetricError, unknown=UnknownMetric, order=ORDER)


def register(name: str, **fields: Any) -> Callable[[Compute], Compute]:
    """Register a function `(made, target, truth) -> float` as the metric `name`.

    Args:
        name: unique lower-case name.
        fields: the other fields of `bench.metrics.base.Metric`; `doc` is the function's docstring.

    Raises:
        MetricError: the name is taken, or the fields contradict each other.
    """

    def add(compute: Compute) -> Compute:
        metric = Metric(name=name, compute=compute, doc=inspect.getdoc(compute) or "", **fields)
        METRICS.add(name, metric, compute)
        return compute

    return add


def names() -> tuple[str, ...]:
    """Return the names of all metrics: those of `ORDER`, then plug-ins' in order of registration."""
    return METRICS.names()


def info(name: str) -> Metric:
    """Return the metric called `name`.

    Raises:
        UnknownMetric: there is none; the message gives the nearest name.
    """
    return METRICS.get(name)


def check_ranks() -> None:
    """Check what metrics rank, once all plug-ins are loaded: a metric may be registered before its dataset.

    Raises:
        UnknownSubject: for a metric that ranks neither a group of datasets nor a registered one.
    """
    known = (*SUBJECTS, *datasets.names())
    for metric in METRICS.entries():
        for subject in metric.ranks:
            if subject not in known:
                raise UnknownSubject(
                    f"metric {metric.name!r}: ranks {subject!r} is neither a dataset nor a group of them; "
                    f"{suggestion(subject, known)}"
                )
