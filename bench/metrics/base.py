"""What a metric is, and what every measurement carries: a value, or the reason why there is none."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from gan_bench.datasets.base import Dataset, Truth

Direction = Literal["min", "max", "target"]
When = Literal["curve", "final", "path"]
Split = Literal["test", "validation"]


class MetricError(Exception):
    """A request that no metric can meet: an unknown name, too few samples, damaged weights. User-facing."""


class Undefined(Exception):
    """Raised by a metric that has no value for these samples; its message is the reason that is recorded."""


Compute = Callable[[Any, Any, "Truth"], float]


@dataclass(frozen=True)
class Metric:
    """One number about generated samples, and how to read it.

    Attributes:
        name: short name; metrics on an extractor are reported as `name_extractor` (`fid_lenet28`).
        compute: `(fake, real, truth) -> float`; raises `Undefined` where there is no value. For another
            ability than `sample`, `fake` is what the game made of its inputs, and in place of `real` stand
            these, raw, by name.
        ability: what it asks the trained game for; a game that cannot do it is not measured.
        title: label for tables and axes.
        direction: "min" or "max" is better; "target" is best at the real data's own value (not ranked);
            None says nothing about quality.
        low, high: closed range of possible values (infinite where there is no bound).
        unit: unit of the value, empty for a pure number.
        when: "curve" (every scheduled point, on all samples), "final" (once, on `final_samples`) or "path"
            (once, on the samples' means along the curve: `fake` is a `bench.metrics.dynamics.Path`).
        kinds: dataset kinds it is meant for: "scalar", "planar", "vectors", "images".
        truth: fields of the dataset's truth that it needs; where one is None it is not measured.
        without: fields of the truth that make it meaningless; where one is known it is not measured.
        extractor: None, "features" (any extractor) or "classes" (only the dataset's own classifier).
        splits: reference splits to measure against; "validation" as well for what chooses "best".
        seen: whether `real` are rows of the training split (see `bench.metrics.seen`), whatever split
            the value stands beside; not measured on infinite data, of which no row is seen twice.
        version: raised whenever the same samples would give another value.
        settings: constants of the method, part of the protocol.
        target: the value of the data itself, from what is known of its truth; a line that plots draw. Without
            it the target of a metric with that direction is its value for the real reference rows.
        doc: what it measures and its source.
    """

    name: str
    compute: Compute = field(repr=False, compare=False)
    title: str
    direction: Direction | None
    ability: str = "sample"
    low: float = float("-inf")
    high: float = float("inf")
    unit: str = ""
    when: When = "curve"
    kinds: tuple[str, ...] = ("scalar", "planar", "vectors", "images")
    truth: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extractor: Literal["features", "classes"] | None = None
    splits: tuple[Split, ...] = ("test",)
    seen: bool = False
    version: int = 1
    settings: Mapping[str, int | float | str] = field(default_factory=dict, hash=False)
    target: Callable[[Truth], float | None] | None = field(default=None, repr=False, compare=False)
    doc: str = field(default="", repr=False, compare=False)

    def applies(self, dataset: Dataset) -> bool:
        """Whether this metric is meant for such a dataset, whose truth tells what it needs."""
        from gan_bench.bench.metrics.seen import seen_count

        known = {name for name, value in vars(dataset.truth).items() if value is not None}
        fits = known.issuperset(self.truth) and known.isdisjoint(self.without)
        return dataset.kind in self.kinds and fits and (not self.seen or seen_count(dataset) > 0)

    def target_of(self, real: Callable[[], Any], truth: Truth) -> float | None:
        """The value of the data itself, None where there is none: from `truth`, or measured on `real()`."""
        value = None if self.target is None else self.target(truth)
        if value is None and self.direction == "target" and self.ability == "sample":
            with contextlib.suppress(Undefined):  # then there is nothing to be near to
                value = self.compute(real(), real(), truth)
        return None if value is None or not math.isfinite(value) else float(value)


@dataclass(frozen=True)
class Measurement:
    """A metric's value for one set of samples; `value` is nan exactly where `reason` says why.

    `target` is the value of the data itself (see `Metric`), where there is one.
    """

    metric: str
    value: float
    version: int
    direction: Direction | None
    when: When
    split: Split = "test"
    reason: str | None = None
    target: float | None = None


def measured(
    metric: Metric,
    name: str,
    compute: Callable[[], float],
    split: Split,
    *,
    final: bool,
    target: float | None = None,
) -> Measurement:
    """Return the value of `compute` as a measurement of `metric` under its full `name`, with its target.

    It has no value, and the reason instead, where `compute` raises `Undefined` or a matrix has no
    decomposition, and where the result is not finite.
    """
    value, reason = math.nan, None
    try:
        with np.errstate(all="ignore"):  # what overflows is not finite, and that is the reason recorded
            value = float(compute())
        if not math.isfinite(value):
            raise Undefined(f"the computation gave {value}")
    except (Undefined, np.linalg.LinAlgError) as undefined:
        value, reason = math.nan, str(undefined)
    when: When = "final" if final else "curve"
    return Measurement(name, value, metric.version, metric.direction, when, split, reason, target)
