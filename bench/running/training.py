"""Train and measure one pack, and write its records."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.memory import is_lack_of_memory
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import new_evaluator
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.trial import Measuring, Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.failures import provenance_of, record_failed, summary
from gan_bench.bench.running.places import Turn
from gan_bench.bench.running.task import Report, Result, RunContext


def train(pack: Pack, context: RunContext, report: Report) -> list[Result]:
    """Train a pack, measure it at every point of its budget, and write a record of every trial.

    A measurement that raises fails the record of its own trial; any other exception is raised.
    """
    from gan_bench.bench import engine
    from gan_bench.bench.running.measuring import PackMeasuring
    from gan_bench.bench.running.snapshots import PackSnapshots

    dataset, evaluator = _measuring(pack.trials[0], context)
    measuring = PackMeasuring(dataset, evaluator, len(pack.trials), is_gpu(context.device))
    snapshots = PackSnapshots(pack, context, measuring)
    started = datetime.now(UTC).isoformat()
    turn = Turn(context.turn)

    def measure(point: Any) -> None:
        with turn.given_up():
            measuring.measure(point)

    with turn.taken():
        outcomes = engine.train(
            job_of(pack, context.device),
            dataset,
            on_point=measure,
            on_progress=lambda p: report(p.kimg, p.iteration, p.seconds),
            snapshots=snapshots,
        )
    store = Store(context.out)
    results = []
    of_slots = zip(pack.trials, outcomes, measuring.recorders, strict=True)
    for slot, (trial, outcome, recorder) in enumerate(of_slots):
        if slot in measuring.failed:
            facts = provenance_of(context, pack, slot)
            results.append(record_failed(store, pack, slot, *measuring.failed[slot], facts))
            continue
        evaluation = recorder.close(trial.key, measuring.seconds[slot])
        facts = {f.name: getattr(outcome, f.name) for f in dataclasses.fields(outcome)}
        history = facts.pop("history")
        record = Record(
            trial,
            facts.pop("status"),
            outcome=facts,
            history={name: list(column) for name, column in history.items()},
            provenance={
                **provenance_of(context, pack, slot),
                "started": started,
                "continued_at": snapshots.continued_at,
                "continued_from_kimg": snapshots.continued_from,
            },
        )
        try:
            store.add(record, evaluation, recorder.samples, recorder.weights)
        except OSError as error:  # a full disk: others of the pack may have been written, or be smaller
            why, facts = f"its record cannot be written: {error}", provenance_of(context, pack, slot)
            failed = record_failed(store, pack, slot, why, traceback.format_exc(), facts)
            results.append(dataclasses.replace(failed, unwritable=True))
            continue
        metric, value = _headline(evaluation.rows, evaluator.primary)
        notices = _notices(outcome, snapshots.trouble)
        results.append(Result(trial, outcome.status, outcome.seconds, metric, value, notices=notices))
    if not any(result.unwritable for result in results):  # else the next run continues from it
        snapshots.place.remove()
    return results


def _notices(outcome: Any, snapshots: str) -> tuple[str, ...]:
    """Return what did not go as planned, in sentences without a subject."""
    texts = [snapshots] if snapshots else []
    if outcome.not_captured:
        texts.append(f"could not be recorded as CUDA graphs, so training was slower: {outcome.not_captured}")
    if outcome.not_deterministic:
        operations = ", ".join(outcome.not_deterministic)
        texts.append(f"may have other last bits in another run; not deterministic here: {operations}")
    return tuple(texts)


def evaluate(pack: Pack, context: RunContext) -> list[Result]:
    """Measure the end of finished trials again under another protocol; what was measured before stays.

    A trial that cannot be measured fails, and the others are measured all the same.
    """
    store = Store(context.out)
    return [_evaluated(trial, context, store) for trial in pack.trials]


def _evaluated(trial: Trial, context: RunContext, store: Store) -> Result:
    """Measure one finished trial again; raise only where memory runs out."""
    try:
        return _measured_again(trial, context, store)
    except Exception as error:  # any: of a metric, say, which may be a plug-in's
        if is_lack_of_memory(error):
            raise
        return Result(trial, "failed", error=summary(error))


def _measured_again(trial: Trial, context: RunContext, store: Store) -> Result:
    from gan_bench.bench import engine
    from gan_bench.bench.running.measuring import SPENT
    from gan_bench.bench.running.recorder import Recorder

    dataset, evaluator = _measuring(trial, context)
    start = time.perf_counter()
    try:
        record, weights = store.read(trial.key), store.weights(trial.key)
        if record is None or weights is None:
            raise UsageError(f"{store.folder(trial.key)} holds no checkpoint to measure")
        model = engine.restore(job_of(Pack((trial,)), context.device), dataset, weights)
    except (UsageError, ValueError) as error:  # foreign or damaged
        store.left_out[store.folder(trial.key)] = f"{store.folder(trial.key)}: {error}"
        text = f"{error}; set aside in {store.set_aside()}, to be trained again by the next run"
        return Result(trial, "failed", error=text)
    at = {name: record.outcome.get(name) for name in ("seconds", *SPENT)}
    at |= {"kimg": record.outcome["images"] / 1000, "iteration": record.outcome["iterations"]}
    recorder = Recorder(dataset, evaluator)
    recorder.measure(model, at, final=True, curve=False)
    evaluation = recorder.close(trial.key, time.perf_counter() - start)
    store.add_evaluation(trial.key, evaluation)
    metric, value = _headline(evaluation.rows, evaluator.primary)
    return Result(trial, record.status, evaluation.seconds, metric, value)


def _measuring(trial: Trial, context: RunContext) -> tuple[Any, Any]:
    dataset, evaluator = _loaded(
        trial.data_source,
        trial.measuring,
        context.data_roots,
        context.inception,
        context.device,
    )
    if dataset.content_hash != trial.content_hash:
        raise RuntimeError(f"dataset {trial.data_name} changed since the run was planned")
    return dataset, evaluator


@functools.lru_cache(maxsize=4)
def _loaded(
    name: str, measuring: Measuring, roots: tuple[Path, ...], inception: str | None, device: str
) -> tuple[Any, Any]:
    """Return a dataset and its evaluator, kept for the next task of this process, without the network."""
    dataset = catalogue.dataset(name, roots=roots, download=False, stand_in=False)
    return dataset, new_evaluator(dataset, *measuring, inception, device)


def _headline(rows: list[Mapping[str, Any]], primary: str) -> tuple[str, float | None]:
    wanted = {"metric": primary, "when": "final", "split": "test", "weights": "raw"}
    with contextlib.suppress(StopIteration):
        return primary, next(r["value"] for r in rows if all(r[k] == v for k, v in wanted.items()))
    return primary, None
