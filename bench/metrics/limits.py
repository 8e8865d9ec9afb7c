"""Limits of measuring and picturing a dataset, found before anything is trained."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import torch

from gan_bench.bench.metrics.base import NO_VALUE, Metric, kind_of
from gan_bench.bench.metrics.directions import tasks_of
from gan_bench.bench.metrics.evaluator import Evaluator
from gan_bench.bench.metrics.extractors import try_out
from gan_bench.bench.metrics.protocol import SPLITS
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.names import counted

PICTURED = (1, 3)
"""Channels of images that have a picture."""
FEW = 50  # metrics are tried where a split has fewer real rows; none needs more
TRIED = 100  # samples in such a try


def limits(evaluator: Evaluator) -> list[str]:
    """Return one sentence for each limit of this dataset's metrics and pictures.

    Raises:
        MetricError: for an extractor that does not read the dataset's images.
    """
    data = evaluator.dataset
    found = [f"{data.name}: {note}" for note in data.notes]
    for extractor in {id(e): e for _, e in evaluator.planned if e is not None}.values():
        try_out(extractor, data)
    without = [metric for metric, extractor in evaluator.planned if metric.extractor and extractor is None]
    if without and data.kind == "images":
        found.append(f"{data.name}: {_listed(without)} will be undefined: {_cure(evaluator, without)}")
    if data.kind == "images" and not pictured(data):
        found.append(
            f"{data.name}: there is no picture of images of {counted(data.shape[0], 'channel')}; "
            "`sample RECORD -o FILE.npz` writes them as numbers"
        )
    return found + _classes(data) + _narrow(evaluator) + _small(evaluator)


def pictured(dataset: Dataset) -> bool:
    """Return True where images of such a dataset can be shown."""
    return dataset.shape[0] in PICTURED


def _classes(data: Dataset) -> list[str]:
    """Name classes without a training row, which a game of labels cannot learn."""
    source = data.stream("labelled", "train") if "labelled" in data.streams else None
    labels = source.fields.get("label") if isinstance(source, AlignedSource) else None
    if not isinstance(labels, ResidentSource) or data.truth.classes is None:
        return []
    missing = np.flatnonzero(
        np.bincount(labels.data.cpu().numpy(), minlength=data.truth.classes) == 0
    ).tolist()
    if not missing:
        return []
    some = f"class {missing[0]}" if len(missing) == 1 else f"{len(missing)} classes ({missing[0]}, ...)"
    return [
        f"{data.name}: the train split has no row of {some}: games of labels cannot learn what to make of it"
    ]


def _listed(metrics: list[Metric]) -> str:
    return ", ".join(metric.name for metric in metrics)


def _cure(evaluator: Evaluator, without: list[Metric]) -> str:
    """Return the reason why there are no features, and the cure."""
    own = "register an extractor and name it (ImageDataset(..., extractor=NAME))"
    if not pictured(evaluator.dataset):
        return f"the dataset names no feature extractor, and Inception takes 1 or 3 channels: {own}"
    if all(metric.extractor == "classes" for metric in without):
        return f"they need a classifier of these classes: {own}"
    return f"the dataset names no feature extractor: give --inception download (or a file), or {own}"


def _narrow(evaluator: Evaluator) -> list[str]:
    """Name metrics that are undefined because the images to make are smaller than what they look at."""
    data, fields = evaluator.dataset, {"sample": "real"}
    fields |= {ability: makes for ability, (_, makes) in tasks_of(data).items()}
    found = defaultdict(list)
    for metric, _ in evaluator.planned:
        field = fields.get(metric.ability)
        if field is None or kind_of(data, field) != "images":
            continue
        height, width = _least(data, field, metric)
        if min(height, width) < metric.side:
            found[field, height, width, metric.side].append(metric)
    return [
        f"{data.name}: {_listed(metrics)} will be undefined: {side} pixels in each direction are needed, the "
        f"smallest image of {field} has {height}x{width}"
        for (field, height, width, side), metrics in found.items()
    ]


def _least(data: Dataset, field: str, metric: Metric) -> tuple[int, int]:
    """Return height and width of the smallest image that a metric measures of a field, without a border."""
    height, width = data.spaces[field].shape[-2:]
    if "place" in metric.reads and "place" in data.spaces:  # of tiles, which are put together
        places = torch.cat([data.reference(split, None, "place") for split in SPLITS])
        height, width = min(places[:, 3:].long().tolist(), key=min)
    border = 2 * (data.truth.border or 0) if "border" in metric.truth else 0
    return height - border, width - border


def _small(evaluator: Evaluator) -> list[str]:
    """Name metrics that are undefined because a reference has few rows, tried on these rows themselves."""
    data, reasons = evaluator.dataset, defaultdict(list)
    for split in SPLITS:
        rows = data.reference_rows(split)
        if rows is None or rows >= FEW:
            continue
        real = data.reference(split)
        copies = real.repeat(math.ceil(TRIED / rows), *[1] * (real.ndim - 1))[:TRIED]
        for metric, extractor in evaluator.planned:
            if metric.ability != "sample" or metric.when == "path" or split not in metric.splits:
                continue
            if metric.extractor and extractor is None:
                continue
            try:
                metric.compute(Samples(copies, data, extractor), Samples(real, data, extractor), data.truth)
            except NO_VALUE as error:
                reasons[split, str(error)].append(metric)
    return [
        f"{data.name}: {_listed(metrics)} will be undefined on the {split} split: {reason}"
        for (split, reason), metrics in reasons.items()
    ]
