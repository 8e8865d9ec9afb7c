"""From a trial's folder, or its key, back to the model that it trained."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Model, restore
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.damage import CURE, problem
from gan_bench.bench.results.missing import require
from gan_bench.bench.results.store import Store


def find(record: str, results: Path | None) -> tuple[Store, str]:
    """The store and the key that RECORD and --results mean; raises UsageError."""
    folder = Path(record)
    if results is None:
        if not (folder / "record.json").is_file():
            raise UsageError(
                f"{record}: no trial's folder, which is RESULTS/trials/KEY and holds record.json; "
                "a key alone needs --results RESULTS"
            )
        folder = folder.resolve()
        return Store(folder.parent.parent), folder.name
    store = Store(results)
    known = list(store)
    if not known:
        raise UsageError(f"--results {results}: holds no trials")
    found = [key for key in known if key.startswith(record)]
    if len(found) > 1:
        raise UsageError(f"{record}: {len(found)} keys in {results} begin like this; give more of it")
    if not found:
        near = difflib.get_close_matches(record, known, n=1)
        hint = (
            f"did you mean {near[0]}?" if near else f"its {len(known)} keys are the folders in {store.trials}"
        )
        raise UsageError(f"{results} holds no trial {record!r}; {hint}")
    return store, found[0]


def restored(store: Store, key: str, roots: Collection[Path]) -> tuple[Trial, Any, Model]:
    """The trial, its dataset and its trained model on the CPU.

    Raises UsageError where there is no checkpoint, the data are out of reach or others now, or the
    checkpoint does not fit the networks of this version.
    """
    folder = store.folder(key)
    if (why := problem(folder)) is not None:
        raise UsageError(f"{why}; {CURE}")
    record = store.read(key)
    assert record is not None  # there is one, and it is whole
    require(record, str(folder))
    weights = store.weights(key)
    if weights is None:
        reason = "" if record.status == "finished" else f": the trial {record.status}"
        raise UsageError(f"{folder} holds no checkpoint{reason}")
    trial = record.trial
    dataset = catalogue.dataset(trial.data_name, roots=roots, stand_in=False)
    if dataset.content_hash != trial.content_hash:
        raise UsageError(f"{folder}: dataset {trial.data_name} is not the one that the trial was trained on")
    # Hyperparameters that the variant did not have then take their defaults.
    settings = catalogue.resolve(trial.variant, trial.hyperparameters)
    job = job_of(Pack((dataclasses.replace(trial, hyperparameters=settings),)), "cpu")
    try:
        return trial, dataset, restore(job, dataset, weights)
    except ValueError as error:
        raise UsageError(f"{folder}: {error}") from error
