"""Metrics, and their measurements: a value, or the reason why there is none."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from gan_bench.errors import UserError

if TYPE_CHECKING:
    from gan_bench.datasets.base import Dataset, Truth

Direction = Literal["min", "max", "target"]
When = Literal["curve", "final", "path"]
Split = Literal["test", "validation"]
KINDS = ("scalar", "planar", "vectors", "images", "labels")
"""Kinds of fields: numbers, points, vectors, images, and labels (one for a sample, or a map of them)."""
SUBJECTS = (
    *("palette", "mapping", "pairs", "moves", "low_high"),
    *("class_modes", "images", "modes", "scalar", "planar", "vectors"),
)
"""Groups of datasets that a metric can rank, by order of precedence: fields of the truth, streams, kinds."""


class MetricError(UserError):
    """A request that no metric can meet: an unknown name, too few samples, damaged weights."""


class Undefined(Exception):
    """Signal that a metric has no value for these samples; the message is the reason that is recorded."""


NO_VALUE = (Undefined, np.linalg.LinAlgError, torch.linalg.LinAlgError)
"""Errors whose message is the reason of a value that there is not: a matrix may have no decomposition."""

Compute = Callable[[Any, Any, "Truth"], float]


@dataclass(frozen=True)
class Metric:
    """One number about generated samples, and all that lists, tables, plots and pages say about it.

    Attributes:
        name: short name; on an extractor a metric is reported as `name_extractor` (`fid_lenet28`).
        compute: `(made, target, truth) -> float`; raises `Undefined` where there is no value. Both are
            `Samples`: what the game made, and the rows of the same field to compare it with, None for codes.
            `made.given` holds the raw inputs by field.
        ability: the ability asked of the trained game; a game without it is not measured.
        paired: True where row i of `target` must belong to row i of `made.given`: the row that the data pair
            with it, or its image under the known map. It is undefined for data that know neither. False
            compares with the reference of the field.
        draws: number of outputs for each input, with other noise: `made.draws`.
        beside: further abilities: what they make, as many rows, is `made.beside[NAME]`. A game without one of
            them is not measured by this metric.
        training: number of training rows that the ability is used on as well, with their `reads`; they are
            `made.training`, for metrics that fit something. Fewer where the training split has fewer, 0 for
            none. It is not measured on infinite data.
        reads: further fields of the data whose rows belong to the inputs (a label, a hole); they are added to
            `made.given`, and it is undefined for data that do not pair them. The game does not see them.
        title: heading in tables and label of axes.
        direction: "min" or "max" is better; "target" is best at the real data's own value (not ranked);
            None is no statement about quality.
        meaning: one sentence for readers who know GANs; default: the first paragraph of `doc`.
        ranks: names of datasets, or `SUBJECTS`, whose tables are ordered by this metric. The metrics that
            name the dataset decide, else those of the first subject that it belongs to and that has any; of
            several metrics the later ones break ties.
        low, high: closed range of possible values (infinite where there is no bound).
        side: least height and width of images that have a value, without the border of the truth.
        unit: unit of the value for axes, empty for a pure number.
        when: "curve" (every scheduled point, on all samples), "final" (once, on `final_samples`) or "path"
            (once, on the samples' means along the curve: `made` is a `dynamics.Trajectory`).
        kinds: kinds of field that it applies to, `KINDS`: of the field that the ability makes.
        truth: fields of the dataset's truth that it needs; where one is None it is not measured.
        any_of: fields of the truth and streams of which the data must have one; none: no such need.
        without: fields of the truth that make it meaningless; where one is known it is not measured.
        extractor: None, "features" (any extractor), "classes" (only the dataset's own classifier), or the
            name of a registered extractor, on which it is measured whatever the dataset names.
        splits: reference splits to measure against; "validation" is needed to choose the best point.
        on_request: True for a metric that is measured only where a suite names it (`metrics`, `ranked_by`).
        seen: True where `target` are rows of the training split (see `bench.metrics.seen`); it is not
            measured on infinite data, of which no row is seen twice.
        version: raised whenever the same samples would give another value.
        settings: constants of the method, part of the protocol.
        target: the value of the data itself, from its truth; plots draw it as a line. Without it, the target
            of a metric of direction "target" is its value for the real reference rows.
        doc: the function's docstring: its meaning, then its method and source.

    Raises:
        MetricError: fields contradict each other.
    """

    name: str
    compute: Compute = field(repr=False, compare=False)
    title: str
    direction: Direction | None
    ability: str = "sample"
    paired: bool = False
    draws: int = 1
    beside: tuple[str, ...] = ()
    training: int = 0
    reads: tuple[str, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    side: int = 1
    unit: str = ""
    meaning: str = ""
    ranks: tuple[str, ...] = ()
    when: When = "curve"
    kinds: tuple[str, ...] = ("scalar", "planar", "vectors", "images")
    truth: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    extractor: str | None = None
    splits: tuple[Split, ...] = ("test",)
    seen: bool = False
    on_request: bool = False
    version: int = 1
    settings: Mapping[str, int | float | str] = field(default_factory=dict, hash=False)
    target: Callable[[Truth], float | None] | None = field(default=None, repr=False, compare=False)
    doc: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise MetricError(f"metric name {self.name!r} must be letters, digits and underscores")
        if self.direction not in ("min", "max", "target", None):
            raise MetricError(f"metric {self.name!r}: direction {self.direction!r} is not min, max or target")
        if self.when not in ("curve", "final", "path"):
            raise MetricError(f"metric {self.name!r}: when {self.when!r} is not curve, final or path")
        if self.draws < 1 or (self.draws > 1 and self.when == "path"):
            raise MetricError(f"metric {self.name!r}: {self.draws} draws, expected 1 or more (1 of a path)")
        if self.side < 1:
            raise MetricError(f"metric {self.name!r}: side {self.side}, expected 1 pixel or more")
        if self.training and self.when == "path":
            raise MetricError(f"metric {self.name!r}: a path has no training rows")
        if self.paired and self.seen:
            raise MetricError(f"metric {self.name!r}: training rows (seen) belong to no input; it is paired")
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise MetricError(f"metric {self.name!r}: kind {unknown[0]!r} is not one of {', '.join(KINDS)}")
        if not self.low < self.high:
            raise MetricError(f"metric {self.name!r}: low {self.low} must be below high {self.high}")
        if self.ranks and self.direction not in ("min", "max"):
            raise MetricError(
                f"metric {self.name!r}: direction is {self.direction}; to rank it must be min or max"
            )
        if not self.meaning:
            object.__setattr__(self, "meaning", " ".join(self.doc.partition("\n\n")[0].split()))

    def applies(self, dataset: Dataset) -> bool:
        """Return True for a dataset of this metric's kinds whose truth has what it needs."""
        from gan_bench.bench.metrics.seen import seen_count

        known = known_of(dataset)
        fits = known.issuperset(self.truth) and known.isdisjoint(self.without)
        fits = fits and (not self.any_of or not {*known, *dataset.streams}.isdisjoint(self.any_of))
        kinds: set[str] = {dataset.kind}
        if self.ability != "sample":  # it depends on the game which field is made
            kinds |= {kind_of(dataset, field) for field in dataset.spaces}
        finite = not (self.seen or self.training) or seen_count(dataset) > 0
        return not kinds.isdisjoint(self.kinds) and fits and finite

    def target_of(self, data: Callable[[], Any], truth: Truth) -> float | None:
        """Return the value of the data itself, from `truth` or measured on `data()`; None if it has none."""
        value = None if self.target is None else self.target(truth)
        if value is None and self.direction == "target" and self.ability == "sample":
            with contextlib.suppress(*NO_VALUE):  # the data itself has no value either
                value = self.compute(data(), data(), truth)
        return None if value is None or not math.isfinite(value) else float(value)


def kind_of(dataset: Dataset, field: str) -> str:
    """Return the kind of a dataset's field, one of `KINDS`; the dataset states that of ``real``."""
    if field == "real":
        return dataset.kind
    space = dataset.spaces[field]
    if space.is_label:
        return "labels"
    if space.is_image:
        return "images"
    return {1: "scalar", 2: "planar"}.get(math.prod(space.shape), "vectors")


def known_of(dataset: Dataset) -> set[str]:
    """Return the names of the fields of a dataset's truth that are known."""
    return {name for name, value in vars(dataset.truth).items() if value is not None}


@dataclass(frozen=True)
class Measurement:
    """A metric's value for one set of samples; `value` is NaN exactly where `reason` is not None.

    `target` is the value of the data itself (see `Metric`), None where there is none; `samples` the number of
    rows that were measured, fewer than the protocol's where the inputs have no more; None for a path.
    """

    metric: str
    value: float
    version: int
    direction: Direction | None
    when: When
    split: Split = "test"
    reason: str | None = None
    target: float | None = None
    samples: int | None = None


def measured(
    metric: Metric,
    name: str,
    compute: Callable[[], float],
    split: Split,
    *,
    final: bool,
    target: float | None = None,
    samples: int | None = None,
) -> Measurement:
    """Return the value of `compute` as a measurement of `metric` under its full `name`, with its target.

    It has a reason in place of a value where `compute` raises one of `NO_VALUE`, or the result is not finite.
    """
    value, reason = math.nan, None
    try:
        with np.errstate(all="ignore"):  # an overflow is recorded as not finite
            value = float(compute())
        if not math.isfinite(value):
            raise Undefined(f"the computation gave {value}")
    except NO_VALUE as undefined:
        value, reason = math.nan, str(undefined)
    when: When = "final" if final else "curve"
    return Measurement(name, value, metric.version, metric.direction, when, split, reason, target, samples)
