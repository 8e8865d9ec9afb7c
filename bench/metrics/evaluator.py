"""The evaluator: all metrics that apply to a dataset, on one set of generated samples after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path as File
from typing import Any

from torch import Tensor

from gan_bench.bench.metrics import registry
from gan_bench.bench.metrics.base import Measurement, Metric, MetricError, Split, Undefined, When, measured
from gan_bench.bench.metrics.dynamics import Path
from gan_bench.bench.metrics.extractors import Extractor, of_dataset
from gan_bench.bench.metrics.reals import load_real
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.seen import seen_count, seen_rows
from gan_bench.datasets.base import Dataset

SPLITS: tuple[Split, ...] = ("test", "validation")


class Evaluator:
    """Measures generated samples against one dataset; the real side is computed once and kept.

    Args:
        dataset: what the samples imitate (`datasets.base.Dataset`).
        samples: number of samples behind every metric of a curve (FID, IS, modes ...).
        final_samples: number behind those measured once at the end (KID, precision, recall ...).
        inception: weights file of torch-fidelity's InceptionV3, or "download" to let it be fetched;
            adds `fid`, `is`, `kid` ... beside those on the dataset's own extractor.
        cache: folder that keeps the features of real images between runs; None keeps them in memory only.
        device: where features are extracted.

    Raises:
        MetricError: an extractor's weights are missing or damaged, or a count is not positive.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        samples: int,
        final_samples: int = 2000,
        inception: File | str | None = None,
        cache: File | None = None,
        device: str = "cpu",
    ):
        if samples < 1 or final_samples < 1:
            raise MetricError(f"sample counts must be positive, got {samples} and {final_samples}")
        self.dataset = dataset
        self._counts: dict[When, int] = {"curve": samples, "final": final_samples, "path": samples}
        self._cache = cache
        images = dataset.kind == "images"
        self._own = of_dataset(dataset, device) if images else None
        self._inception: Extractor | None = None
        if inception is not None and images and dataset.shape[0] in (1, 3):
            from gan_bench.bench.metrics.extractors.inception import load

            self._inception = load(inception, device)
        self._plan = [
            (metric, extractor)
            for metric in map(registry.info, registry.names())
            if metric.applies(dataset)
            for extractor in self._extractors(metric)
        ]
        self._reals: dict[tuple[Extractor | None, Split, When, bool], Samples] = {}

    @property
    def _whole_split(self) -> bool:
        """Images are compared with a whole split; toy references are drawn to any size."""
        return self.dataset.kind == "images"

    def _extractors(self, metric: Metric) -> tuple[Extractor | None, ...]:
        if metric.extractor is None:
            return (None,)
        if metric.extractor == "classes":
            return (self._own,)
        return tuple(e for e in (self._own, self._inception) if e is not None) or (None,)

    @property
    def samples_needed(self) -> int:
        """How many samples to draw at every point (the larger of the two counts)."""
        finals = any(metric.when == "final" for metric, _ in self._plan)
        return max(self._counts.values()) if finals else self._counts["curve"]

    @property
    def planned(self) -> tuple[tuple[Metric, Extractor | None], ...]:
        """What is measured: each metric that applies, on each extractor that it is measured with."""
        return tuple(self._plan)

    @property
    def ranking(self) -> tuple[str, ...]:
        """Full names of the metrics that tables rank by; later ones break ties."""
        if self.dataset.truth.mapping is not None:
            return ("mapping_error",)
        if self.dataset.truth.class_modes is not None:
            return (_full_name("class_modes", self._own), _full_name("class_mode_kl", self._own))
        if self.dataset.kind == "images":
            return (_full_name("fid", self._own),)
        if self.dataset.truth.modes is not None:
            return ("modes", "high_quality")
        return ("w1",) if self.dataset.kind == "scalar" else ("sliced_wasserstein",)

    @property
    def primary(self) -> str:
        """Full name of the metric that tables rank by."""
        return self.ranking[0]

    @cached_property
    def protocol(self) -> dict[str, Any]:
        """Everything beside the samples that the values depend on, as plain JSON values."""
        extractors = {e.suffix or "inception": e.sha256 for _, e in self._plan if e is not None}
        return {
            "metrics": {
                _full_name(metric.name, extractor): {
                    "version": metric.version,
                    "n_fake": self._counts[metric.when],
                    "when": metric.when,
                    "splits": list(metric.splits),
                    **({"n_real": seen_count(self.dataset)} if metric.seen else {}),
                    **({"settings": dict(metric.settings)} if metric.settings else {}),
                }
                for metric, extractor in self._plan
            },
            "n_real": {split: self._real_counts(split) for split in SPLITS},
            "extractors": extractors,
            "quantisation": "uint8" if self.dataset.kind == "images" else "none",
        }

    def _real_counts(self, split: Split) -> dict[When, int]:
        rows = self.dataset.reference_rows(split)
        if self._whole_split:
            whole = len(self.dataset.reference(split)) if rows is None else rows
            return {"curve": whole, "final": min(whole, self._counts["final"])}
        return {when: min(self._counts[when], rows or self._counts[when]) for when in ("curve", "final")}

    def measure(
        self, samples: Tensor, *, final: bool, broken: int = 0, short: bool = False
    ) -> list[Measurement]:
        """Measure one set of generated samples.

        Args:
            samples: raw (restored) samples, at least `samples_needed` rows (for a point that is not final,
                the count of curve metrics is enough); uint8 for images. Surplus rows are ignored.
            final: whether to measure the metrics of the end as well; it is also the `when` of all results.
            broken: number of samples that have no raw value because they were not finite
                (`datasets.finite.Restored`). They count as rows; with any, every metric is undefined.
            short: whether fewer rows will do, as of finite data that have no more.

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
                partial(self._real, extractor, split, metric.when, metric.seen),
                split,
                final,
                broken,
            )
            for metric, extractor in active
            for split in metric.splits
        ]

    @property
    def abilities(self) -> tuple[str, ...]:
        """What its metrics ask a trained game for beside samples."""
        return tuple(dict.fromkeys(m.ability for m, _ in self._plan if m.ability != "sample"))

    @property
    def inputs_needed(self) -> int:
        """How many inputs to give an ability, where the data has as many."""
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
        """Measure what a trained game made of data.

        Args:
            ability: one of `abilities`.
            given: its inputs by name, raw, from the split named.
            made: what it made of them, raw (restored), a row for each input that is not among the broken.
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

    def _active(self, ability: str, final: bool) -> list[tuple[Metric, Extractor | None]]:
        planned = [(metric, e) for metric, e in self._plan if metric.ability == ability]
        return [(m, e) for m, e in planned if m.when == "curve" or (final and m.when == "final")]

    @property
    def follows_path(self) -> bool:
        """Whether a metric asks for the means of the samples along training."""
        return any(metric.when == "path" for metric, _ in self._plan)

    def measure_path(self, path: Path) -> list[Measurement]:
        """Measure the path that the samples' mean took, at its end."""
        active = [(metric, extractor) for metric, extractor in self._plan if metric.when == "path"]
        return [
            measured(
                metric,
                _full_name(metric.name, extractor),
                partial(metric.compute, path, None, self.dataset.truth),
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
        name = _full_name(metric.name, extractor)
        return measured(metric, name, compute, split, final=final, target=target)

    def _real(self, extractor: Extractor | None, split: Split, when: When, seen: bool) -> Samples:
        """The reference samples of a split, or training images in their place, with what is known of them."""
        key = (extractor, split, when, seen)
        if key not in self._reals:
            if when == "final" and self._whole_split:
                self._reals[key] = self._real(extractor, split, "curve", seen).spread(self._counts["final"])
            else:
                self._reals[key] = self._load_real(extractor, split, when, seen)
        return self._reals[key]

    def _load_real(self, extractor: Extractor | None, split: Split, when: When, seen: bool) -> Samples:
        count = None if self._whole_split else self._counts[when]
        raw = seen_rows(self.dataset) if seen else self.dataset.reference(split, count)
        return load_real(raw, self.dataset, extractor, "train" if seen else split, self._cache)


def _full_name(name: str, extractor: Extractor | None) -> str:
    return f"{name}_{extractor.suffix}" if extractor is not None and extractor.suffix else name
