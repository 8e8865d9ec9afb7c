"""The plan of metrics for a dataset, the metrics that rank it, and the protocol that keys are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gan_bench.bench.metrics import registry
from gan_bench.bench.metrics.base import SUBJECTS, Metric, MetricError, Split, When, known_of
from gan_bench.bench.metrics.descriptions import full_name
from gan_bench.bench.metrics.extractors import Extractor
from gan_bench.bench.metrics.extractors import extractor as registered
from gan_bench.bench.metrics.reals import Reals
from gan_bench.bench.metrics.seen import seen_count
from gan_bench.datasets.base import Dataset
from gan_bench.names import suggestion

Planned = tuple[Metric, Extractor | None]
"""A metric and the extractor that it is measured on, None for one that needs none or has none."""
SPLITS: tuple[Split, ...] = ("test", "validation")


def planned(
    dataset: Dataset,
    own: Extractor | None,
    inception: Extractor | None,
    requested: Collection[str] = (),
    device: str = "cpu",
) -> list[Planned]:
    """Return the metrics that apply to a dataset, each with every extractor that it is measured on.

    Args:
        dataset: the dataset.
        own: the dataset's own extractor, its classifier.
        inception: Inception, for metrics of features as well.
        requested: names of metrics that are wanted beside those that are always measured.
        device: of the extractors that metrics name themselves.

    Raises:
        UnknownSubject: for a metric that ranks neither a group of datasets nor a registered one.
        MetricError: for a metric that names an extractor which there is not.
    """
    registry.check_ranks()

    def extractors(metric: Metric) -> tuple[Extractor | None, ...]:
        if metric.extractor is None:
            return (None,)
        if metric.extractor == "classes":
            return (own,)
        if metric.extractor != "features":
            return (registered(metric.extractor, device),)
        return tuple(known for known in (own, inception) if known is not None) or (None,)

    every = [registry.info(name) for name in registry.names()]
    wanted = [metric for metric in every if not metric.on_request or metric.name in requested]
    applying = [metric for metric in wanted if metric.applies(dataset)]
    return [(metric, found) for metric in applying for found in extractors(metric)]


def check_requested(names: Iterable[str], dataset: Dataset, plan: Sequence[Planned]) -> None:
    """Raise MetricError for a name of no metric that applies to the dataset."""
    applying = {metric.name for metric, _ in plan}
    for name in names:
        if name not in applying:
            registry.info(name)
            raise MetricError(f"{dataset.name} cannot be measured by {name!r}, which does not apply to it")


def full_name_of(metric: Metric, extractor: Extractor | None) -> str:
    """Return the name that scores of a metric on an extractor have."""
    return full_name(metric.name, "" if extractor is None else extractor.suffix)


def ranking(dataset: Dataset, plan: Sequence[Planned], names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the full names of the metrics that order a dataset's tables; later ones break ties.

    They are those of `names`; by default those that rank the dataset by its name, else those of the first of
    `SUBJECTS` that it belongs to and that any metric ranks; each on its first extractor.

    Raises:
        MetricError: for a name of no metric that applies to the dataset, or that is no statement of quality.
    """
    if names:
        return tuple(_able(name, dataset, plan) for name in names)
    belongs = known_of(dataset) | {dataset.kind, *dataset.streams}
    for subject in (dataset.name, *(subject for subject in SUBJECTS if subject in belongs)):
        found: dict[str, str] = {}
        for metric, extractor in plan:
            if subject in metric.ranks:
                found.setdefault(metric.name, full_name_of(metric, extractor))
        if found:
            return tuple(found.values())
    return ()


def _able(name: str, dataset: Dataset, plan: Sequence[Planned]) -> str:
    """Return the full name of a metric that can rank a dataset, on its first extractor."""
    applying = {metric.name: (metric, extractor) for metric, extractor in reversed(plan)}
    able = [known for known, (metric, _) in applying.items() if metric.direction in ("min", "max")]
    if name not in able:
        registry.info(name)
        raise MetricError(
            f"{dataset.name} cannot be ranked by {name!r}: the metric does not apply to it, or neither more "
            f"nor less of it is better; {suggestion(name, able)}"
        )
    return full_name_of(*applying[name])


def protocol(plan: Sequence[Planned], counts: Mapping[When, int], reals: Reals) -> dict[str, Any]:
    """Return everything beside the samples that the values depend on, as plain JSON values.

    Args:
        plan: metrics and their extractors.
        counts: number of generated samples for each `when` of a metric.
        reals: the real side.
    """
    dataset = reals.dataset
    return {
        "metrics": {
            full_name_of(metric, extractor): {
                "version": metric.version,
                "n_fake": counts[metric.when],
                "when": metric.when,
                "splits": list(metric.splits),
                **({"n_real": seen_count(dataset)} if metric.seen else {}),
                **({"n_training": metric.training} if metric.training else {}),
                **({"settings": dict(metric.settings)} if metric.settings else {}),
            }
            for metric, extractor in plan
        },
        "n_real": {split: reals.numbers(split) for split in SPLITS},
        "extractors": {e.suffix or "inception": e.sha256 for _, e in plan if e is not None},
        "quantisation": "uint8" if dataset.kind == "images" else "none",
    }
