"""The tasks that are left: the plan less the contents of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.task import Task


def outstanding(
    packs: Iterable[Pack],
    wanted: Mapping[str, str],
    store: Store,
    cost: Callable[[Pack], float],
) -> list[Task]:
    """Return the tasks that complete the trials `wanted` (training key -> evaluation key), the longest first.

    A pack is trained whole if one of those trials in it has no record or a failed one, so that its numbers
    are those of an undisturbed run. Finished trials without the evaluation wanted are measured from their
    checkpoints.
    """
    train, measure = [], []
    for pack in packs:
        records = {trial.key: store.read(trial.key) for trial in pack.trials if trial.key in wanted}
        if any(record is None or record.status == "failed" for record in records.values()):
            train.append(Task("train", pack))
            continue
        stale = [
            trial
            for trial in pack.trials
            if (record := records.get(trial.key)) is not None
            and record.status == "finished"
            and not store.has_evaluation(trial.key, wanted[trial.key])
        ]
        if stale:
            measure.append(Task("evaluate", Pack(tuple(stale))))
    return sorted(train, key=lambda task: -cost(task.pack)) + measure
