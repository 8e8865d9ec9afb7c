"""Restore the trained model of a trial from its folder or its key."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Model, restore
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.damage import cure, problem
from gan_bench.bench.results.missing import require
from gan_bench.bench.results.store import Store
from gan_bench.bench.sampling.choosing import chosen
from gan_bench.names import counted, nearest


def find_trial(record: str, results: Path | None) -> tuple[Store, str]:
    """Return the store and the key of a trial.

    Args:
        record: a trial's folder; `RESULTS:VARIANT:PLACE` (see `choosing.chosen`); or the beginning of its
            key, with `results`.
        results: a folder of results.

    Raises:
        UsageError: if there is no such trial, or more than one.
    """
    folder = Path(record)
    if results is None and (found := chosen(record)) is not None:
        return found
    if results is None:
        if not (folder / "record.json").is_file():
            raise UsageError(_no_trial(record))
        folder = folder.resolve()
        if folder.parent.name != "trials":
            raise UsageError(f"{record} is outside of RESULTS/trials, where the folder of a trial stands")
        return Store(folder.parent.parent), folder.name
    store = Store(results)
    known = list(store)
    if not known:
        raise UsageError(f"--results {results}: the folder has no trials; expected one that `run` has filled")
    matches = [key for key in known if key.startswith(record)]
    if len(matches) > 1:
        raise UsageError(f"{record}: {len(matches)} keys in {results} begin with this; give more characters")
    if not matches:
        near = nearest(record, known)
        hint = f"did you mean {near!r}?" if near else f"its keys are the folders in {store.trials}"
        raise UsageError(f"{results} has no trial {record!r}; {hint}")
    return store, matches[0]


def _no_trial(record: str) -> str:
    """Return the reason why a text names no trial, and what would."""
    if len(keys := list(Store(Path(record)))):
        return (
            f"{record} is a folder of results with {counted(len(keys), 'trial')}; expected a trial:"
            f" {record}:VARIANT:best, or {record}/trials/KEY"
        )
    folder, colon, _ = record.partition(":")
    if colon and not Path(folder).is_dir():
        return f"{record}: there is no folder {folder}; expected RESULTS:VARIANT:best, or RESULTS/trials/KEY"
    return (
        f"{record} is not the folder of a trial (RESULTS/trials/KEY, with record.json); expected one,"
        " or RESULTS:VARIANT:best; to give a key only, add --results RESULTS"
    )


def restore_trial(store: Store, key: str, roots: Collection[Path]) -> tuple[Trial, Any, Model]:
    """Return the trial, its dataset and its trained model on the CPU.

    Args:
        store: the folder of results.
        key: of the trial.
        roots: folders of image data.

    Raises:
        UsageError: if there is no checkpoint, the data cannot be found or have changed, or the checkpoint
            does not fit the networks of this version.
    """
    folder = store.folder(key)
    if (why := problem(folder)) is not None:
        raise UsageError(f"{why}; {cure()}")
    record = store.read(key)
    assert record is not None  # `problem` found it complete
    require(record, str(folder))
    weights = store.weights(key)
    if weights is None:
        reason = "" if record.status == "finished" else f": the trial {record.status}"
        raise UsageError(f"{folder} has no checkpoint{reason}")
    trial = record.trial
    dataset = catalogue.dataset(trial.data_source, roots=roots, stand_in=False)
    if dataset.content_hash != trial.content_hash:
        raise UsageError(f"{folder}: dataset {trial.data_name} has changed since the trial was trained")
    # Hyperparameters that the variant has gained since then take their defaults.
    settings = catalogue.resolve(trial.variant, trial.hyperparameters)
    job = job_of(Pack((dataclasses.replace(trial, hyperparameters=settings),)), "cpu")
    try:
        return trial, dataset, restore(job, dataset, weights)
    except ValueError as error:
        raise UsageError(f"{folder}: {error}") from error
