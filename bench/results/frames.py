"""DataFrames of a store, for reports."""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import colours
from gan_bench.bench.results.records import AXES, Evaluation, Record
from gan_bench.bench.results.store import Store
from gan_bench.reports.schema import BOARD, HISTORY, METRICS, REFERENCES, SCORES, TRIALS, Schema

COSTS = ("iterations", "critic_updates", "generator_updates", "images", "pretraining_images", "flop")
"""Facts of an outcome that are columns under the same name."""


@dataclass(frozen=True)
class Frames:
    """Frames of `reports.schema`.

    Trials trained together share a `pack`. `train_seconds`, `compile_seconds`, `iterations_per_second` and
    `images_per_second` are the whole pack's, each of its trials has them; `images` and `eval_seconds` are a
    trial's own.
    """

    trials: pd.DataFrame
    scores: pd.DataFrame
    history: pd.DataFrame
    references: pd.DataFrame
    """One row per board, reference row, draw and measurement."""
    metrics: pd.DataFrame
    """One row per metric of the scores, reference rows and published numbers, in the order of tables."""


def load(
    store: Store,
    trials: Collection[Trial] | None = None,
    evaluations_of: Mapping[str, str] | None = None,
    references_of: Collection[str] | None = None,
) -> Frames:
    """Return the frames of a store, or of those of its records that belong to `trials`, under their labels.

    `dataset` is the data really used. Each dataset is shown under one protocol: that of `evaluations_of`
    (training key -> evaluation key), else the one that most of its trials were measured under, the newest
    where several were. Of reference rows those that `references_of` names by key, or else the newest of each
    board. Raises UsageError for damaged files.
    """
    planned = None if trials is None else {trial.key: trial for trial in trials}
    wanted = list(store) if planned is None else [key for key in planned if store.folder(key).exists()]
    records = {key: record for key in wanted if (record := store.read(key)) is not None}
    evaluations = {key: store.evaluations(key) for key in records}
    chosen = _protocols(records, evaluations)
    card = functools.cache(catalogue.card)
    beside = _References(store, references_of)
    rows: dict[str, list[dict[str, Any]]] = {"trials": [], "scores": [], "history": []}
    for key, record in records.items():
        trial = planned[key] if planned else record.trial
        wish = (evaluations_of or {}).get(key)
        found = [
            e
            for e in evaluations[key]
            if e.key == wish or (not wish and _protocol(e) == chosen[_data(record)])
        ]
        evaluation = found[0] if found else None
        scores = _rows(evaluation, evaluations[key]) if evaluation else []
        labels = _labels(trial, record)
        rows["trials"].append({**labels, **card(trial.variant), **_facts(store, trial, record, evaluation)})
        rows["scores"] += [{**_cells(SCORES, score), **labels} for score in scores]
        rows["history"] += _history(key, record)
        if evaluation:
            beside.add(trial, evaluation)
    return Frames(
        _rates(TRIALS.build(rows["trials"])),
        SCORES.build(rows["scores"]),
        HISTORY.build(rows["history"]),
        REFERENCES.build(beside.rows),
        _described(rows["scores"] + beside.rows + store.paper_numbers(), evaluations),
    )


def _described(
    rows: Iterable[Mapping[str, Any]], evaluations: Mapping[str, list[Evaluation]]
) -> pd.DataFrame:
    """Return titles, units and meanings of the metrics in `rows`, which stored extractors may measure."""
    from gan_bench.bench.metrics import describe

    measured = (evaluation for found in evaluations.values() for evaluation in found)
    extractors = {name for evaluation in measured for name in evaluation.protocol.get("extractors", {})}
    described = describe((row["metric"] for row in rows), sorted(extractors))
    return METRICS.build(description._asdict() for description in described)


class _References:
    """Reference rows of a store, put beside the boards of the trials that are added."""

    def __init__(self, store: Store, wanted: Collection[str] | None) -> None:
        self.stored = [row for row in store.references() if wanted is None or row.key in wanted]
        self.rows: list[dict[str, Any]] = []
        self._boards: set[tuple[Any, ...]] = set()

    def add(self, trial: Trial, evaluation: Evaluation) -> None:
        """Put the rows of the trial's data, networks and protocol on its board."""
        board = (trial.suite, trial.data_name, trial.stand_in_for, trial.architecture, trial.kimg)
        if not self.stored or board in self._boards:
            return
        self._boards.add(board)
        network = keys.digest(trial.network)
        newest = {  # stored rows come oldest first
            row.name: row
            for row in self.stored
            if row.content_hash == trial.content_hash
            and row.network in (None, network)
            and keys.digest(row.protocol) == _protocol(evaluation)
        }
        labels = dict(zip(BOARD, board, strict=True))
        for row in newest.values():
            labels |= {"reference": row.name, "title": row.title, "meaning": row.meaning}
            self.rows += [{**_cells(REFERENCES, measured), **labels} for measured in row.rows]


def _cells(schema: Schema, measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell per column; stored rows may lack newer columns and have others beside them."""
    return {name: measured.get(name) for name in schema.columns}


def _rates(trials: pd.DataFrame) -> pd.DataFrame:
    """Return iterations and images per second of each pack, whose time is that of its longest-lived trial."""
    known = trials[["train_seconds", "pack_size", "iterations", "images"]].apply(pd.to_numeric)
    longest = known.groupby(trials["pack"])[["iterations", "images"]].transform("max")
    seconds, size = known["train_seconds"], known["pack_size"].fillna(1)
    return trials.assign(
        iterations_per_second=longest["iterations"] / seconds,
        images_per_second=size * longest["images"] / seconds,
    )


def _labels(trial: Trial, record: Record) -> dict[str, Any]:
    return {
        "trial": trial.key,
        "suite": trial.suite,
        "dataset": trial.data_name,
        "stand_in_for": trial.stand_in_for,
        "variant": trial.variant,
        "profile": trial.profile,
        "architecture": trial.architecture,
        "seed": trial.seed,
        "status": record.status,
    }


def _facts(store: Store, trial: Trial, record: Record, evaluation: Evaluation | None) -> dict[str, Any]:
    outcome = record.outcome
    pack = record.provenance.get("pack", {})
    samples = store.folder(trial.key) / "samples.npz"
    return {
        "budget": trial.budget,
        "kind": trial.kind,
        "paper": trial.paper,
        "year": trial.year,
        "look": colours.numbers().get(trial.variant),
        "kimg": trial.kimg,
        "hyperparameters": json.dumps(trial.hyperparameters, sort_keys=True),
        "varied": json.dumps(trial.varied),
        "error": record.error,
        "diverged_at": outcome.get("diverged_at"),
        **{name: outcome.get(name) for name in COSTS},
        **_weights(outcome),
        "train_seconds": outcome.get("seconds") or None,
        "compile_seconds": outcome.get("compile_seconds"),
        "eval_seconds": evaluation.seconds if evaluation else None,
        "primary": evaluation.primary if evaluation else None,
        "pack": f"{pack['id']} {record.provenance.get('started')}" if "id" in pack else trial.key,
        "pack_size": pack.get("size"),
        "iterations_per_second": None,  # see `_rates`
        "images_per_second": None,
        "device": record.provenance.get("device"),
        "machine": _machine(record.provenance),
        "software": _software(record.provenance),
        "samples": str(samples) if samples.exists() else None,
    }


def _weights(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of the critics' networks, of the other trained ones and of frozen ones, and by role.

    Records of before name no critics; their roles are called so.
    """
    trained, frozen = outcome.get("parameters"), outcome.get("frozen_parameters", {})
    if trained is None:
        return dict.fromkeys(("critic_parameters", "other_parameters", "frozen_parameters", "parameters"))
    critics = outcome.get("critics", [role for role in trained if role.startswith("critic")])
    total = sum(count for role, count in trained.items() if role in critics)
    return {
        "critic_parameters": total,
        "other_parameters": sum(trained.values()) - total,
        "frozen_parameters": sum(frozen.values()),
        "parameters": json.dumps({**trained, **frozen}),
    }


def _machine(provenance: Mapping[str, Any]) -> str:
    cores = provenance.get("cores")
    parts = [provenance.get("processor"), f"{cores} cores" if cores else None, provenance.get("platform")]
    return ", ".join(part for part in parts if part)


def _software(provenance: Mapping[str, Any]) -> str:
    """Return versions and the revision of the code, those first that decide numbers."""
    versions = provenance.get("versions") or {}
    parts = [f"{name} {version}" for name, version in versions.items() if version]
    gpu = provenance.get("gpu") or {}
    parts += [f"{name} {gpu[name]}" for name in ("driver", "cuda", "cudnn") if gpu.get(name)]
    return ", ".join([*parts, *(f"revision {text[:20]}" for text in [provenance.get("revision")] if text)])


def _history(key: str, record: Record) -> list[dict[str, Any]]:
    rows = len(next(iter(record.history.values()), ()))
    axes = {name: record.history.get(name, [None] * rows) for name in AXES}
    return [
        {"trial": key, **{axis: column[i] for axis, column in axes.items()}, "name": name, "kind": kind,
         "value": value}
        for name, kind in record.followed.items()
        for i, value in enumerate(record.history[name])
    ]  # fmt: skip


def _data(record: Record) -> str:
    return keys.digest([record.trial.content_hash, record.trial.stand_in_for, record.trial.budget])


def _protocol(evaluation: Evaluation) -> str:
    return keys.digest(evaluation.protocol)


def _protocols(records: Mapping[str, Record], evaluations: Mapping[str, list[Evaluation]]) -> dict[str, str]:
    """Return for each set of data and budget, the protocol with the most trials, then the newest."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, str] = {}
    for key, record in records.items():
        for evaluation in evaluations[key]:
            protocol = _protocol(evaluation)
            counts[_data(record)][protocol] += 1
            newest[protocol] = max(newest.get(protocol, ""), evaluation.created)
    return {data: max(count, key=lambda p: (count[p], newest[p])) for data, count in counts.items()}


def _rows(found: Evaluation, evaluations: list[Evaluation]) -> list[Mapping[str, Any]]:
    """Return the rows of an evaluation, with curves that others of the trial hold of unchanged metrics."""
    rows = list(found.rows)
    have = {row["metric"] for row in rows if row["when"] == "curve"}
    for other in reversed(evaluations):
        same = {name for name in _same_metrics(found.protocol, other.protocol) if name not in have}
        more = [row for row in other.rows if row["metric"] in same and row["when"] != "final"]
        rows += more
        have |= {row["metric"] for row in more}
    return rows


def _same_metrics(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return metrics whose values mean the same under both protocols."""
    rest = {name: part for name, part in one.items() if name not in ("metrics", "extractors")}
    if any(other.get(name) != part for name, part in rest.items()):
        return []
    extractors = one.get("extractors", {}).items() & other.get("extractors", {}).items()
    if extractors != one.get("extractors", {}).items() and extractors != other.get("extractors", {}).items():
        return []
    other_metrics = other["metrics"]
    return [name for name, facts in one["metrics"].items() if other_metrics.get(name) == facts]
