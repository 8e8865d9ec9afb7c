"""Protocols under which trials are measured, and limits of their data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.planning.evaluators import Evaluators, limits, protocol_of
from gan_bench.bench.planning.trial import Trial


def protocols(
    trials: Iterable[Trial], evaluators: Evaluators, notice: Callable[[str], None]
) -> dict[str, str]:
    """Return training key -> evaluation key of every trial; call `notice` once per limit of its data.

    Damaged or missing extractors are found here, not by a worker: raises UsageError.
    """
    wanted: dict[str, str] = {}
    used: dict[int, Any] = {}
    for trial in trials:
        evaluator = evaluators(trial)
        used[id(evaluator)] = evaluator
        wanted[trial.key] = keys.evaluation_key(trial.key, protocol_of(evaluator))
    for limit in dict.fromkeys(limit for one in used.values() for limit in limits(one)):
        notice(limit)
    return wanted
