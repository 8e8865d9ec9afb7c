"""Evaluators of a run, one per dataset and way of measuring, created at first use; and their protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Measuring, Trial
from gan_bench.bench.planning.user_errors import usage_errors


class Evaluators:
    """Evaluators by trial.

    Args:
        load: returns a dataset by name.
        inception: a weights file of Inception, `download`, or None.
        device: for the extraction of features.
    """

    def __init__(self, load: Callable[[str], Any], inception: str | None, device: str) -> None:
        self.load, self.inception, self.device = load, inception, device
        self._evaluators: dict[tuple[str, Measuring], Any] = {}

    def __call__(self, trial: Trial) -> Any:
        """Return the evaluator of `trial`; raise UsageError for damaged or missing extractors."""
        key = (trial.dataset, trial.measuring)
        if key not in self._evaluators:
            data = self.load(trial.dataset)
            self._evaluators[key] = new_evaluator(data, *trial.measuring, self.inception, self.device)
        return self._evaluators[key]


def protocol_of(evaluator: Any) -> dict[str, Any]:
    """Return what a measurement depends on beside the training: the metrics and the drawing of samples."""
    from gan_bench.bench.engine.model import PROTOCOL

    return {**evaluator.protocol, "sampling": PROTOCOL}


def new_evaluator(
    data: Any,
    samples: int,
    final_samples: int,
    ranked_by: Sequence[str],
    requested: Sequence[str],
    inception: str | None,
    device: str,
) -> Any:
    """Return the evaluator of a dataset; real features are kept in the user's cache folder."""
    from gan_bench.bench.metrics import Evaluator

    with usage_errors():
        return Evaluator(
            data,
            samples=samples,
            final_samples=final_samples,
            inception=inception,
            cache=catalogue.cache_folder(),
            device=device,
            ranked_by=ranked_by,
            requested=requested,
        )


def metric_names() -> tuple[str, ...]:
    """Return the names of all metrics."""
    from gan_bench.bench.metrics import names

    return names()


def score_names() -> list[str]:
    """Return the names of all scores: metrics, also with the name of an extractor, as `fid_lenet28`."""
    from gan_bench.bench.metrics.descriptions import full_names

    return full_names()


def limits(measuring: Any) -> list[str]:
    """Return what cannot be measured or shown of a dataset; raise UsageError for a bad extractor."""
    from gan_bench.bench.metrics.limits import limits as limits_of

    with usage_errors():
        return limits_of(measuring)
