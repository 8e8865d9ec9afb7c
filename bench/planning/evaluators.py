"""Evaluators of a run, one per dataset and way of measuring, created at first use; and their protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Measuring, Trial


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
            self._evaluators[key] = catalogue.evaluator(data, *trial.measuring, self.inception, self.device)
        return self._evaluators[key]


def protocol_of(evaluator: Any) -> dict[str, Any]:
    """Return what a measurement depends on beside the training: the metrics and the drawing of samples."""
    from gan_bench.bench.engine.model import PROTOCOL

    return {**evaluator.protocol, "sampling": PROTOCOL}
