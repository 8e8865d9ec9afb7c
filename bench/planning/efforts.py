"""The effort of trials: operations and FLOP of their whole training."""

from __future__ import annotations

from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.rehearsals import rehearsal_of, structure_key
from gan_bench.bench.planning.trial import Trial

_rounds: dict[tuple[Any, ...], Any] = {}


def effort(trial: Trial, data: Any) -> Any:
    """Return the `bench.engine.effort.Effort` of a trial's whole training on its dataset.

    Each structure (networks, batch, rounds) is counted once, which takes about as long as two iterations.
    """
    from gan_bench.bench.engine.effort import Effort, effort_of_rounds
    from gan_bench.bench.engine.numerics import numerics
    from gan_bench.bench.engine.rehearsal import MOST_WORK

    work = trial.variant, trial.network, trial.hyperparameters, data
    key = structure_key(*work)
    if key not in _rounds:
        small = rehearsal_of(*work).work <= MOST_WORK
        with numerics():
            _rounds[key] = effort_of_rounds(*work, values=small)
    rounds, budget = _rounds[key], catalogue.course(trial, data)
    return Effort(
        budget.total([one.operations for one in rounds], budget.iterations),
        budget.total([one.flop for one in rounds], budget.iterations),
    )
