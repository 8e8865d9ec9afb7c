"""Scores of a set of samples with standard errors, beside reference rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from gan_bench.bench.engine.streams import stream
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.base import Measurement
from gan_bench.bench.metrics.extractors import Outputs
from gan_bench.bench.metrics.outputs import Output, of_samples
from gan_bench.bench.metrics.protocol import full_name_of


@dataclass(frozen=True)
class Score:
    """A metric of one set of samples.

    Attributes:
        metric: full name, with the extractor.
        direction: as in `bench.metrics.base.Metric`.
        value: not a number where it is undefined.
        error: standard error over sets of as many samples; None where it was not estimated.
        reason: why the value is undefined, or "".
        samples: their number, also of those that are not finite.
        seen: whether it compares them with training rows.
    """

    metric: str
    direction: str | None
    value: float
    error: float | None
    reason: str
    samples: int
    seen: bool


def scores(
    output: Output, evaluator: Evaluator, split: str, halves: int, seed: int, step: Callable[[], Any] = int
) -> list[Score]:
    """Return every metric of samples against one split.

    Standard errors are those of the delete-half jackknife (Shao & Wu 1989, "A general theory for jackknife
    variance estimation"): the standard deviation over random halves, drawn without replacement. The halves
    of an even number of samples vary as whole sets do; those of an odd one are a row smaller than what they
    leave out, and vary more by the root of the ratio of both. The bootstrap would draw copies of samples; a
    copy has distance 0 to its original, which falsifies precision, recall and every metric of neighbours.

    Args:
        output: the samples.
        evaluator: of the dataset, for so many samples.
        split: "test" or "validation".
        halves: number of halves, 0 for no errors.
        seed: of the halves.
        step: called after every half.
    """
    (whole,) = evaluator.extracted([output])
    found = _measured(whole, evaluator, split)
    values: dict[str, list[float]] = {name: [] for name in found}
    for half in _halves(whole, halves, seed):
        for name, one in _measured(half, evaluator, split).items():
            values[name].append(one.value)
        step()
    seen = {full_name_of(metric, extractor) for metric, extractor in evaluator.planned if metric.seen}
    return [
        Score(
            name,
            one.direction,
            one.value,
            None if one.reason else _deviation(values[name], len(output.rows)),
            one.reason or "",
            output.count,
            name in seen,
        )
        for name, one in found.items()
    ]


def _measured(output: Output, evaluator: Evaluator, split: str) -> dict[str, Measurement]:
    return {one.metric: one for one in evaluator.measure(output, final=True) if one.split == split}


def _halves(whole: Output, count: int, seed: int) -> Iterator[Output]:
    """Yield random halves of samples, without replacement, with what is known of their features."""
    rows = whole.rows
    for number in range(count if len(rows) >= 4 and not whole.broken else 0):
        generator = stream(seed, "evaluate", "half", str(number))
        chosen = torch.randperm(len(rows), generator=generator)[: len(rows) // 2]
        known = {
            extractor: Outputs(*(part[chosen.to(part.device)] for part in (of.features, of.logits)))
            for extractor, of in whole.known.items()
        }
        yield replace(of_samples(rows[chosen]), known=known)


def _deviation(values: list[float], rows: int) -> float | None:
    """Return the standard error of a set of so many rows, of which halves have these values."""
    known = np.array(values)
    if len(known) < 2 or not np.isfinite(known).all():
        return None
    half = rows // 2
    return float(known.std(ddof=1) * math.sqrt(half / (rows - half)))
