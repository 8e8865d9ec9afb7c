"""Trials of a file of results that may stand on the boards of a store, and the reasons of the others.

A trial may where everything is equal that a fair comparison needs: suite, data by content, networks,
budget, evaluation points, dtype, the engine's numerics, and protocol and version of the metrics that rank.
It must also be what this version of the program would train: the plan of its suite, which must be one of the
package, has its key. Anything else is left out with a notice, so no stale number is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped as suites
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.current import Plans
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.shipped import Shipped
from gan_bench.bench.results.trial_rows import of_trial, same_metrics

EQUAL = {
    "content_hash": "data",
    "network": "networks",
    "budget": "budget",
    "kimg": "budget",
    "points": "evaluation points",
    "samples": "number of samples",
    "final_samples": "number of samples",
    "dtype": "dtype",
    "ranked_by": "metrics that rank",
}
"""Fields of trials that must be equal -> their names in messages."""
STALE = "this version of the program would train it otherwise (settings or numerics changed)"
FOREIGN = "a suite that does not come with the package cannot be planned anew, to see if they are stale"


Notice = Callable[[str], None]
Load = Callable[[str], Any]
"""Name of a dataset -> the dataset."""
Cell = tuple[str, str]
"""Variant and hyperparameters, as JSON."""


@dataclass(frozen=True)
class Board:
    """A board of a store: one of its trials with its evaluation, and the settings that stand on it."""

    trial: Trial
    evaluation: Evaluation
    cells: Collection[Cell]


def fitting(
    shipped: Shipped, boards: Iterable[Board], notice: Notice, load: Load = catalogue.dataset
) -> Iterator[tuple[Record, Evaluation | None]]:
    """Yield the trials of a file that may stand on one of the boards.

    Settings that a board has itself are not taken.

    Args:
        shipped: the file.
        boards: of the store.
        notice: called once for each reason, with the variants that it leaves out.
        load: gives datasets, to plan anew what the file holds.
    """
    by_suite: dict[str, list[Board]] = defaultdict(list)
    for board in boards:
        by_suite[board.trial.suite].append(board)
    reasons: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    plans, found = Plans(shipped.trials, load), set()
    for record, evaluation in shipped.trials:
        trial = record.trial
        for board in by_suite.get(trial.suite, ()):
            if (trial.dataset, trial.architecture) != (board.trial.dataset, board.trial.architecture):
                continue
            found.add(trial.suite)
            if cell_of(trial) in board.cells:
                continue
            if why := _difference(trial, evaluation, board, plans):
                reasons[trial.suite, why][trial.variant] = None
            else:
                yield record, evaluation and _measured_alike(evaluation, board)
                break
    for (suite, why), variants in reasons.items():
        notice(f"{shipped.name}: {', '.join(variants)} of suite {suite} left out: {why}")
    for suite in sorted(by_suite.keys() - found):
        notice(f"{shipped.name}: no results for the data and networks of suite {suite}")


def cell_of(trial: Trial) -> Cell:
    """Return variant and hyperparameters of a trial."""
    facts = of_trial(trial)
    return facts["variant"], facts["hyperparameters"]


def _difference(trial: Trial, evaluation: Evaluation | None, board: Board, plans: Plans) -> str:
    """Return the reason why a trial may not stand on a board, or an empty text."""
    own = board.trial
    for name, word in EQUAL.items():
        if getattr(trial, name) != getattr(own, name):
            return f"other {word}"
    if trial.versions["engine"] != own.versions["engine"]:
        return "other numerics of the engine"
    if evaluation is not None and not {*evaluation.primary.split(",")} <= {
        *same_metrics(board.evaluation.protocol, evaluation.protocol)
    }:
        return "another protocol or version of the metrics that rank"
    if trial.suite not in suites():
        return FOREIGN
    return "" if plans.have(trial) else STALE


def _measured_alike(evaluation: Evaluation, board: Board) -> Evaluation:
    """Return an evaluation with the rows whose metrics mean the same as the board's, under its protocol."""
    same = {*same_metrics(board.evaluation.protocol, evaluation.protocol)}
    rows = [row for row in evaluation.rows if row["metric"] in same]
    return replace(evaluation, rows=rows, protocol=board.evaluation.protocol)
