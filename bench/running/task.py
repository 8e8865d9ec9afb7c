"""One task of a run, in whatever process: train a pack, measure it, write its records."""

from __future__ import annotations

import contextlib
import functools
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record, Status
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.recorder import Recorder

UPDATES = ("critic_updates", "generator_updates")


@dataclass(frozen=True)
class Settings:
    """What every process of a run must know."""

    out: Path
    device: str = "cpu"
    data_roots: tuple[Path, ...] = ()
    inception: str | None = None
    """A weights file of Inception, or `download`."""
    plugins: tuple[Path, ...] = ()
    provenance: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Task:
    """A pack to train, or one trial to measure again from its checkpoint."""

    kind: Literal["train", "evaluate"]
    pack: Pack


@dataclass(frozen=True)
class Result:
    """What came of one trial of a task, for the terminal."""

    trial: Trial
    status: Status
    seconds: float = 0.0
    metric: str = ""
    value: float | None = None
    error: str | None = None


Report = Callable[[float, int, float], None]
"""Called with kimg per replica, iteration and training seconds so far."""


def run_task(task: Task, settings: Settings, report: Report = lambda *_: None) -> list[Result]:
    """Do a task and write its records; an exception in it becomes failed records."""
    from gan_bench.bench.engine.numerics import numerics

    try:
        with numerics():
            if task.kind == "train":
                return _train(task.pack, settings, report)
            return _evaluate(task.pack, settings)
    except Exception as error:
        return record_failure(task, settings, summary(error), traceback.format_exc())


def summary(error: Exception) -> str:
    """The kind of an exception and the first line of its message."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


def record_failure(task: Task, settings: Settings, error: str, details: str | None = None) -> list[Result]:
    """Write failed records for those members of a pack that have none; needs no torch, raises no OSError."""
    store = Store(settings.out)
    results = []
    for slot, trial in enumerate(task.pack.trials):
        if task.kind == "train":
            results.append(_failed(store, trial, error, details, _provenance(settings, task.pack, slot)))
        else:
            results.append(Result(trial, "failed", error=error))
    return results


def _failed(
    store: Store, trial: Trial, error: str, details: str | None, provenance: Mapping[str, Any]
) -> Result:
    """Write a failed record."""
    try:
        store.add(Record(trial, "failed", error, details, provenance=provenance))
    except OSError as unwritable:  # a full disk: say it, and let the rest go on
        error = f"{error}; and its record cannot be written: {unwritable}"
    return Result(trial, "failed", error=error)


def _train(pack: Pack, settings: Settings, report: Report) -> list[Result]:
    from gan_bench.bench.engine import train

    first = pack.trials[0]
    dataset, evaluator = _measuring(first, settings)
    recorders = [Recorder(dataset, evaluator) for _ in pack.trials]
    evaluation_seconds = [0.0] * len(pack.trials)
    unmeasured: dict[int, tuple[str, str]] = {}
    started = datetime.now(UTC).isoformat()

    def on_point(point: Any) -> None:
        at = {name: getattr(point, name) for name in ("kimg", "iteration", "seconds", *UPDATES)}
        for i, model in enumerate(point.models):
            if model is None or i in unmeasured:
                continue
            start = time.perf_counter()
            try:
                recorders[i].measure(model, at, final=point.final)
            except Exception as error:  # its own record fails, not those of its neighbours
                unmeasured[i] = (summary(error), traceback.format_exc())
                if len(unmeasured) == len(pack.trials):
                    raise
            evaluation_seconds[i] += time.perf_counter() - start

    outcomes = train(
        job_of(pack, settings.device),
        dataset,
        on_point=on_point,
        on_progress=lambda p: report(p.kimg, p.iteration, p.seconds),
    )
    store = Store(settings.out)
    results = []
    for slot, (trial, outcome, recorder) in enumerate(zip(pack.trials, outcomes, recorders, strict=True)):
        if slot in unmeasured:
            results.append(_failed(store, trial, *unmeasured[slot], _provenance(settings, pack, slot)))
            continue
        evaluation = recorder.close(trial.key, evaluation_seconds[slot])
        names = ("diverged_at", "iterations", *UPDATES, "images", "seconds", "compile_seconds")
        facts = {**{name: getattr(outcome, name) for name in names}, "parameters": dict(outcome.parameters)}
        record = Record(
            trial,
            outcome.status,
            outcome=facts,
            history={name: list(column) for name, column in outcome.history.items()},
            provenance={**_provenance(settings, pack, slot), "started": started},
        )
        store.add(record, evaluation, recorder.samples, recorder.weights)
        metric, value = _headline(evaluation.rows, evaluator.primary)
        results.append(Result(trial, outcome.status, outcome.seconds, metric, value))
    return results


def _evaluate(pack: Pack, settings: Settings) -> list[Result]:
    """Measure the end of finished trials again under another protocol; what was measured before stays."""
    from gan_bench.bench.engine import restore

    store = Store(settings.out)
    results = []
    for trial in pack.trials:
        dataset, evaluator = _measuring(trial, settings)
        record = store.read(trial.key)
        start = time.perf_counter()
        try:
            weights = store.weights(trial.key)
            if record is None or weights is None:
                raise UsageError(f"{store.folder(trial.key)} holds no checkpoint to measure")
            model = restore(job_of(Pack((trial,)), settings.device), dataset, weights)
        except (UsageError, ValueError) as error:  # foreign or damaged: the others are measured all the same
            store.left_out[store.folder(trial.key)] = f"{store.folder(trial.key)}: {error}"
            text = f"{error}; set aside in {store.set_aside()}, to be trained again by the next run"
            results.append(Result(trial, "failed", error=text))
            continue
        at = {name: record.outcome[name] for name in ("seconds", *UPDATES)}
        at |= {"kimg": record.outcome["images"] / 1000, "iteration": record.outcome["iterations"]}
        recorder = Recorder(dataset, evaluator)
        recorder.measure(model, at, final=True, curve=False)
        evaluation = recorder.close(trial.key, time.perf_counter() - start)
        store.add_evaluation(trial.key, evaluation)
        metric, value = _headline(evaluation.rows, evaluator.primary)
        results.append(Result(trial, record.status, evaluation.seconds, metric, value))
    return results


def _measuring(trial: Trial, settings: Settings) -> tuple[Any, Any]:
    dataset, evaluator = _loaded(
        trial.data_name,
        trial.samples,
        trial.final_samples,
        settings.data_roots,
        settings.inception,
        settings.device,
    )
    if dataset.content_hash != trial.content_hash:
        raise RuntimeError(f"dataset {trial.data_name} changed since the run was planned")
    return dataset, evaluator


@functools.lru_cache(maxsize=4)
def _loaded(
    name: str, samples: int, final_samples: int, roots: tuple[Path, ...], inception: str | None, device: str
) -> tuple[Any, Any]:
    """A dataset and its evaluator, kept for the next task of this process. Never goes to the network."""
    dataset = catalogue.dataset(name, roots=roots, download=False, stand_in=False)
    return dataset, catalogue.evaluator(dataset, samples, final_samples, inception, device)


def _provenance(settings: Settings, pack: Pack, slot: int) -> dict[str, Any]:
    facts = {"id": pack.id, "size": len(pack.trials), "slot": slot, "compiled": pack.compiled}
    return {**(settings.provenance or {}), "pack": facts, "finished": datetime.now(UTC).isoformat()}


def _headline(rows: list[Mapping[str, Any]], primary: str) -> tuple[str, float | None]:
    wanted = {"metric": primary, "when": "final", "split": "test", "weights": "raw"}
    with contextlib.suppress(StopIteration):
        return primary, next(r["value"] for r in rows if all(r[k] == v for k, v in wanted.items()))
    return primary, None
