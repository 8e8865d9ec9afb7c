"""The evaluator: measure sets of generated samples with all metrics that apply to a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_bench.bench.metrics.base import Measurement, Metric, MetricError, Split, Undefined, When, measured
from gan_bench.bench.metrics.dynamics import Trajectory
from gan_bench.bench.metrics.extractors import Extractor, of_dataset
from gan_bench.bench.metrics.protocol import Planned, full_name_of, planned, protocol, ranking
from gan_bench.bench.metrics.reals import Reals
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Dataset


class Evaluator:
    """Measure generated samples against one dataset; the real side is computed once and kept.

    Args:
        dataset: the dataset that the samples imitate.
        samples: number of samples for metrics along training (FID, IS, modes ...).
        final_samples: number for metrics measured once at the end (KID, precision, recall ...).
        inception: weights file of torch-fidelity's InceptionV3, or "download" to fetch it;
            adds `fid`, `is`, `kid` ... beside those on the dataset's own extractor.
        cache: folder that keeps features of real images between runs; None keeps them in memory only.
        device: the device that extracts features.

    Raises:
        MetricError: an extractor's weights are missing or damaged, or a count is not positive.
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
        self._plan = planned(dataset, own, weights)
        self._reals = Reals(dataset, self._counts, cache)

    @property
    def samples_needed(self) -> int:
        """Number of samples to draw at every point: the larger of the two counts."""
        finals = any(metric.when == "final" for metric, _ in self._plan)
        return max(self._counts.values()) if finals else self._counts["curve"]

    @property
    def planned(self) -> tuple[Planned, ...]:
        """Each metric that applies, with each extractor that it is measured on."""
        return tuple(self._plan)

    @property
    def ranking(self) -> tuple[str, ...]:
        """Full names of the metrics that tables rank by; later ones break ties."""
        return ranking(self.dataset, self._plan)

    @property
    def primary(self) -> str:
        """Full name of the metric that tables rank by."""
        return self.ranking[0]

    @cached_property
    def protocol(self) -> dict[str, Any]:
        """Everything beside the samples that the values depend on, as plain JSON values."""
        return protocol(self._plan, self._counts, self._reals)

    def measure(
        self, samples: Tensor, *, final: bool, broken: int = 0, short: bool = False
    ) -> list[Measurement]:
        """Measure one set of generated samples.

        Args:
            samples: raw (restored) samples, at least `samples_needed` rows (for a point that is not final,
                the count of curve metrics is enough); uint8 for images. Surplus rows are ignored.
            final: True measures the metrics of the end as well, and is the `when` of all results.
            broken: number of samples without a raw value because they were not finite
                (`datasets.finite.Restored`). They count as rows; with any, every metric is undefined.
            short: True accepts fewer rows, for finite data that have no more.

        Raises:
            MetricError: there are too few samples.
        """
        needed = self.samples_needed if final else self._counts["curve"]
        if (count := len(samples) + broken) < needed and not short:
            raise MetricError(f"measuring {self.dataset.name} needs {needed} samples, got {count}")
        samples = samples[:needed]
        active = self._active("sample", final)
        whole = {extractor: Samples(samples, self.dataset, extractor) for _, extractor in active}
        fakes = {
            (extractor, when): whole[extractor].first(self._counts[when])
            for extractor, when in {(extractor, metric.when) for metric, extractor in active}
        }
        return [
            self._measurement(
                metric,
                extractor,
                fakes[extractor, metric.when],
                partial(self._reals.samples, extractor, split, metric.when, metric.seen),
                split,
                final,
                broken,
            )
            for metric, extractor in active
            for split in metric.splits
        ]

    @property
    def abilities(self) -> tuple[str, ...]:
        """Abilities beside `sample` that the metrics ask of a trained game."""
        return tuple(dict.fromkeys(m.ability for m, _ in self._plan if m.ability != "sample"))

    @property
    def inputs_needed(self) -> int:
        """Number of inputs to give an ability; fewer where the data has fewer."""
        return self._counts["curve"]

    def measure_ability(
        self,
        ability: str,
        given: Mapping[str, Tensor],
        made: Tensor,
        split: Split,
        *,
        final: bool,
        broken: int = 0,
    ) -> list[Measurement]:
        """Measure the outputs that a trained game made from data.

        Args:
            ability: one of `abilities`.
            given: its inputs by name, raw, from `split`.
            made: its outputs, raw (restored), one row for each input that is not among the broken.
            split: validation or test.
            final, broken: as in `measure`.
        """
        return [
            self._measurement(
                metric,
                extractor,
                Samples(made, self.dataset, extractor),
                lambda: given,
                split,
                final,
                broken,
            )
            for metric, extractor in self._active(ability, final)
            if split in metric.splits
        ]

    def _active(self, ability: str, final: bool) -> list[Planned]:
        planned = [(metric, e) for metric, e in self._plan if metric.ability == ability]
        return [(m, e) for m, e in planned if m.when == "curve" or (final and m.when == "final")]

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

    def _measurement(
        self,
        metric: Metric,
        extractor: Extractor | None,
        fake: Samples,
        beside: Callable[[], Any],
        split: Split,
        final: bool,
        broken: int,
    ) -> Measurement:
        def compute() -> float:
            if broken or fake.broken:
                raise Undefined(f"{broken + fake.broken} of {broken + len(fake)} samples are not finite")
            return metric.compute(fake, beside(), self.dataset.truth)

        target = metric.target_of(beside, self.dataset.truth)
        name = full_name_of(metric, extractor)
        return measured(metric, name, compute, split, final=final, target=target)
