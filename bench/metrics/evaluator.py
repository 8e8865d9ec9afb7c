"""The evaluator: measure sets of generated samples with all metrics that apply to a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Measurement, MetricError, When, kind_of, measured
from gan_bench.bench.metrics.comparison import Comparison
from gan_bench.bench.metrics.dynamics import Trajectory
from gan_bench.bench.metrics.extractors import Extractor, Outputs, of_dataset
from gan_bench.bench.metrics.outputs import Output, Query, of_samples, queries
from gan_bench.bench.metrics.protocol import (
    Planned,
    check_requested,
    full_name_of,
    planned,
    protocol,
    ranking,
)
from gan_bench.bench.metrics.reals import Reals
from gan_bench.datasets.base import Dataset

if TYPE_CHECKING:
    from gan_bench.variants.declarations import Ability


class Evaluator:
    """Measure generated samples against one dataset; the real side is computed once and kept.

    Args:
        dataset: the dataset that the samples imitate.
        samples: number of samples for metrics along training (FID, IS, modes ...).
        final_samples: number for metrics measured once at the end (KID, precision, recall ...).
        inception: weights file of torch-fidelity's InceptionV3, or "download" to fetch it;
            adds `fid`, `is`, `kid` ... beside those on the dataset's own extractor.
        cache: folder that keeps features of real images between runs; None keeps them in memory only.
        device: where features are extracted and compared.
        ranked_by: names of the metrics that tables rank by; default: those that rank such data.
        requested: names of further metrics, of those that are measured on request (`Metric.on_request`).

    Raises:
        MetricError: an extractor's weights are missing or damaged, a count is not positive, or a metric
            cannot rank the data or does not apply to them.

    Attributes:
        ranking: full names of the metrics that tables rank by; later ones break ties.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        samples: int,
        final_samples: int = 2000,
        inception: Path | str | None = None,
        cache: Path | None = None,
        device: str = "cpu",
        ranked_by: Sequence[str] = (),
        requested: Sequence[str] = (),
    ):
        if samples < 1 or final_samples < 1:
            raise MetricError(f"sample counts must be positive, got {samples} and {final_samples}")
        self.dataset = dataset
        self._counts: dict[When, int] = {"curve": samples, "final": final_samples, "path": samples}
        images = dataset.kind == "images"
        own = of_dataset(dataset, device) if images else None
        weights: Extractor | None = None
        if inception is not None and images and dataset.shape[0] in (1, 3):
            from gan_bench.bench.metrics.extractors.inception import load

            weights = load(inception, device)
        self._plan = planned(dataset, own, weights, {*ranked_by, *requested}, device)
        check_requested(requested, dataset, self._plan)
        self._ranked_by = tuple(ranked_by)
        self.ranking = ranking(dataset, self._plan, self._ranked_by)
        self._reals = Reals(dataset, self._counts, cache, device)

    def count_of(self, ability: str) -> int:
        """Return the number of rows that its metrics need of an ability, the largest of their counts."""
        counts = (self._counts[m.when] for m, _ in self._plan if m.ability == ability)
        return max(counts, default=self._counts["curve"])

    @property
    def abilities(self) -> tuple[str, ...]:
        """Return the abilities that the metrics ask of a trained game, `sample` first."""
        return tuple(dict.fromkeys(("sample", *(metric.ability for metric, _ in self._plan))))

    def queries(self, abilities: Mapping[str, Ability]) -> Iterator[Query]:
        """Yield what the metrics ask of a game with these abilities.

        Inputs are the first rows of a split's reference. A finite split may have fewer than a metric needs;
        the count is cut, and measurements state it.
        """
        for name in self.abilities:
            if name in abilities:
                draws = max((m.draws for m, _ in self._plan if m.ability == name), default=1)
                yield from queries(name, abilities, self.dataset, self.count_of(name), draws)

    @property
    def planned(self) -> tuple[Planned, ...]:
        """Each metric that applies, with each extractor that it is measured on."""
        return tuple(self._plan)

    @property
    def primary(self) -> str:
        """Full name of the metric that tables rank by."""
        return self.ranking[0]

    @cached_property
    def protocol(self) -> dict[str, Any]:
        """Everything beside the samples that the values depend on, as plain JSON values."""
        found = protocol(self._plan, self._counts, self._reals)
        return {**found, "ranked_by": list(self.ranking)} if self._ranked_by else found

    def measure(self, made: Output | Tensor, *, final: bool) -> list[Measurement]:
        """Measure the answer to one query, with every metric of the query's ability.

        Args:
            made: the output; or generated samples alone, raw (restored), uint8 for images. Rows beyond a
                metric's count are ignored. Fewer rows are measured as they are, see `Measurement.samples`.
            final: True measures the metrics of the end as well, and is the `when` of all results.
        """
        output = made if isinstance(made, Output) else of_samples(made)
        query = output.query
        active = self._active(query, final)
        reads = dict.fromkeys(field for metric, _ in active for field in metric.reads)
        comparison = Comparison(output, self._reals, self._counts, reads)
        return [
            comparison.measure(metric, extractor, split, final=final)
            for metric, extractor in active
            for split in metric.splits
            if query.split in (None, split)
        ]

    def extracted(self, outputs: Sequence[Output]) -> list[Output]:
        """Return samples with their features and logits, which each extractor finds in one pass over all.

        Args:
            outputs: samples of one draw, of several replicas. Those with broken rows are returned unchanged.
        """
        whole = [output for output in outputs if not output.broken and len(output.rows)]
        known: list[dict[Extractor, Outputs]] = [{} for _ in whole]
        sizes = [len(output.rows) for output in whole]
        extractors = dict.fromkeys(e for m, e in self._plan if m.ability == "sample" and e is not None)
        for extractor in extractors if whole else ():
            parts = (part.split(sizes) for part in extractor(torch.cat([output.rows for output in whole])))
            for of, features, logits in zip(known, *parts, strict=True):
                of[extractor] = Outputs(features, logits)
        found = {id(one): replace(one, known=of) for one, of in zip(whole, known, strict=True)}
        return [found.get(id(output), output) for output in outputs]

    def _active(self, query: Query, final: bool) -> list[Planned]:
        """Return the metrics of a query's ability that take what was made, at this point of training."""
        whens = ("curve", "final") if final else ("curve",)
        kind = kind_of(self.dataset, query.makes) if query.makes else None
        return [
            (metric, extractor)
            for metric, extractor in self._plan
            if metric.ability == query.name
            and query.abilities.keys() >= {*metric.beside}
            and metric.when in whens
            and (kind is None or kind in metric.kinds)
        ]

    @property
    def follows_trajectory(self) -> bool:
        """True where a metric needs the samples' means along training."""
        return any(metric.when == "path" for metric, _ in self._plan)

    def measure_trajectory(self, trajectory: Trajectory) -> list[Measurement]:
        """Measure the trajectory of the samples' mean, at its end."""
        active = [(metric, extractor) for metric, extractor in self._plan if metric.when == "path"]
        return [
            measured(
                metric,
                full_name_of(metric, extractor),
                partial(metric.compute, trajectory, None, self.dataset.truth),
                split,
                final=True,
            )
            for metric, extractor in active
            for split in metric.splits
        ]
