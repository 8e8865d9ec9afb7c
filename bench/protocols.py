"""Under which protocol each trial is measured, and what of its data cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bench import catalogue, keys
from bench.measure import protocol_of
from bench.runner import Settings
from bench.trial import Trial


def protocols(
    trials: Iterable[Trial], load: Callable[[str], Any], settings: Settings
) -> tuple[dict[str, str], list[str]]:
    """Return training key -> evaluation key of every trial, and a sentence for each limit of its data.

    Damaged or missing extractors are found here, not by a worker: raises UsageError.
    """
    known: dict[tuple[str, int, int], dict[str, Any]] = {}
    wanted: dict[str, str] = {}
    limits: dict[str, None] = {}
    for trial in trials:
        measuring = (trial.dataset, trial.samples, trial.final_samples)
        if measuring not in known:
            data, how = load(trial.dataset), (settings.inception, settings.device)
            evaluator = catalogue.evaluator(data, *measuring[1:], *how)
            known[measuring] = protocol_of(evaluator)
            limits |= dict.fromkeys(catalogue.limits(evaluator))
        wanted[trial.key] = keys.evaluation_key(trial.key, known[measuring])
    return wanted, list(limits)
