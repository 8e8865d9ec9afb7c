"""The real side of metrics: reference samples with features and statistics, each computed once and cached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Split, When, kind_of
from gan_bench.bench.metrics.cache import cached_arrays
from gan_bench.bench.metrics.extractors import Extractor, Outputs
from gan_bench.bench.metrics.gaussian import Gaussian, placed
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.seen import seen_rows
from gan_bench.datasets.base import Dataset


class Reals:
    """The reference samples of one dataset, kept for every extractor, split and number that is asked for.

    Images are compared with a whole split; references of other data are drawn in any number.

    Args:
        dataset: the dataset.
        counts: number of samples for each `when` of a metric.
        cache: the folder that keeps features between runs; None keeps them in memory only.
        device: where features are kept and compared.
    """

    def __init__(
        self, dataset: Dataset, counts: Mapping[When, int], cache: Path | None, device: str = "cpu"
    ) -> None:
        self.dataset, self.device = dataset, torch.device(device)
        self._counts = counts
        self._cache = cache
        self._kept: dict[tuple[Extractor | None, Split, When, bool, str], Samples] = {}

    def _whole_split(self, field: str) -> bool:
        return kind_of(self.dataset, field) == "images"

    def numbers(self, split: Split) -> dict[When, int]:
        """Return the numbers of reference samples of ``real``, for metrics along training and at the end."""
        rows = self.dataset.reference_rows(split)
        if self._whole_split("real"):
            whole = len(self.dataset.reference(split)) if rows is None else rows
            return {"curve": whole, "final": min(whole, self._counts["final"])}
        return {when: min(self._counts[when], rows or self._counts[when]) for when in ("curve", "final")}

    def samples(
        self, extractor: Extractor | None, split: Split, when: When, seen: bool = False, field: str = "real"
    ) -> Samples:
        """Return the reference samples of a field in a split, or training images where `seen` is True."""
        key = (extractor, split, when, seen, field)
        if key not in self._kept:
            if when == "final" and self._whole_split(field):
                whole = self.samples(extractor, split, "curve", seen, field)
                self._kept[key] = whole.spread(self._counts["final"])
            else:
                self._kept[key] = self._load(extractor, split, when, seen, field)
        return self._kept[key]

    def _load(self, extractor: Extractor | None, split: Split, when: When, seen: bool, field: str) -> Samples:
        count = None if self._whole_split(field) else self._counts[when]
        raw = seen_rows(self.dataset, field) if seen else self.dataset.reference(split, count, field)
        place = "train" if seen else split
        real = load_real(raw, self.dataset, extractor, place, self._cache, field, self.device)
        return real if seen else real.made_from(self._labels(split, count, field))

    def _labels(self, split: Split, count: int | None, field: str) -> dict[str, Tensor]:
        """Return the labels of reference rows, where the data pair the field with labels."""
        if "label" not in self.dataset.spaces:
            return {}
        labels = self.dataset.paired("label", (field,), split, count)
        return {} if labels is None else {"label": labels}


def load_real(
    raw: Tensor,
    dataset: Dataset,
    extractor: Extractor | None,
    place: str,
    cache: Path | None,
    field: str = "real",
    device: torch.device | str = "cpu",
) -> Samples:
    """Return real samples with features, logits, the Gaussian of the features and its root.

    Args:
        raw: the samples.
        dataset: the dataset they belong to.
        extractor: the feature extractor; without one the samples alone are returned.
        place: the split they are, part of the cache's key.
        cache: the folder that keeps the arrays; None keeps nothing.
        field: the field whose values they are.
        device: where features, Gaussian and root are.
    """
    if extractor is None:
        return Samples(raw, dataset, field=field, device=device)
    key = key_of(dataset, extractor, place, len(raw), field, torch.device(device))
    outputs = cached_arrays(
        cache,
        ("outputs", *key),
        lambda: {name: part.cpu().numpy() for name, part in extractor(raw)._asdict().items()},
    )
    known = Outputs(*(torch.from_numpy(outputs[name]) for name in Outputs._fields))
    real = Samples(raw, dataset, extractor, known, field=field, device=device)
    if len(raw) > 1:  # the Gaussian of Inception's features and its root are seconds of work

        def fit() -> dict[str, np.ndarray]:
            here = Samples(raw, dataset, extractor, known, field=field)  # on the CPU: equal for all devices
            return {**here.gaussian._asdict(), "root": here.root}

        fitted = cached_arrays(cache, ("gaussian", *key), fit)
        kept = {name: placed(array, real.device) for name, array in fitted.items()}
        real.gaussian, real.root = Gaussian(kept["mean"], kept["covariance"]), kept["root"]
    return real


def key_of(
    dataset: Dataset, extractor: Extractor, place: str, rows: int, field: str, device: torch.device
) -> tuple[str, ...]:
    """Return the cache's key: features that a GPU extracted have other last digits than a processor's."""
    of_field = () if field == "real" else (field,)
    of_device = () if device.type == "cpu" else (f"on {device.type}",)
    return (dataset.content_hash, extractor.sha256, place, str(rows), *of_field, *of_device)
