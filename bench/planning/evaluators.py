"""Evaluators of the trials of a run, one per dataset and counts, and their protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial


class Evaluators:
    """Evaluators by trial.

    Args:
        load: gives the dataset of a name.
        inception: a weights file of Inception, `download`, or None.
        device: where features are extracted.
    """

    def __init__(self, load: Callable[[str], Any], inception: str | None, device: str) -> None:
        self.load, self.inception, self.device = load, inception, device
        self._made: dict[tuple[str, int, int], Any] = {}

    def __call__(self, trial: Trial) -> Any:
        """Return what measures `trial`; raises UsageError for damaged or missing extractors."""
        measuring = (trial.dataset, trial.samples, trial.final_samples)
        if measuring not in self._made:
            data = self.load(trial.dataset)
            self._made[measuring] = catalogue.evaluator(data, *measuring[1:], self.inception, self.device)
        return self._made[measuring]


def protocol_of(evaluator: Any) -> dict[str, Any]:
    """Return what a measurement depends on beside the training: the metrics and the drawing of samples."""
    from gan_bench.bench.engine.model import PROTOCOL

    return {**evaluator.protocol, "sampling": PROTOCOL}
