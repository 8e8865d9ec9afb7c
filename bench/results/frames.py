"""DataFrames of a store, for reports."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import colours
from gan_bench.bench.results.beside import Load, Notice
from gan_bench.bench.results.board_additions import beside_boards, cells, rows_of_references
from gan_bench.bench.results.damage import cure
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.shipped import Shipped
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.summary import Measured, Summary
from gan_bench.bench.results.trial_rows import history_of, of_trial, scores_of
from gan_bench.bench.results.whole import texts
from gan_bench.reports.schema import HISTORY, LABELS, METRICS, REFERENCES, SCORES, TRIALS, Schema


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
    beside: Sequence[Shipped] = (),
    notice: Notice = lambda _: None,
    dataset: Load = catalogue.dataset,
) -> Frames:
    """Return the frames of a store, or of those of its records that belong to `trials`, under their labels.

    Each set of data is shown under one protocol: the one asked for, else that under which most of its trials
    were measured, the newest of several. Trials that the store's index knows are not read again.

    Args:
        store: the store.
        trials: under whose labels its records are shown; None: all records under their own.
        evaluations_of: training key -> key of the evaluation asked for.
        references_of: keys of the reference rows; None: the newest of each board.
        beside: files whose trials stand on the boards that they fit, see `bench.results.beside`.
        notice: called with what is left out of these.
        dataset: gives data by name, for these.

    Raises:
        UsageError: for damaged files.
    """
    planned = {} if trials is None else {trial.key: trial for trial in trials}
    wanted = list(store) if trials is None else [key for key in planned if store.has(key)]
    found = _found(store, wanted)
    shown = _shown(found.summaries, evaluations_of or {})
    card = functools.cache(catalogue.card)
    rows = {}
    for key, summary in found.summaries.items():
        row = _row(store, summary, planned.get(key), shown.get(key))
        rows[key] = {**card(row["variant"]), "look": colours.number(row["variant"]), **row}
    table, scores = list(rows.values()), list(_scores(found, rows, shown))
    for row, more in beside_boards(beside, store, table, shown, notice, dataset) if beside else ():
        table.append(row)
        scores += more
    references = rows_of_references(store, references_of, [(rows[key], shown[key].protocol) for key in shown])
    all_trials = _rates(TRIALS.build(table))
    of_history = [row for key, (record, _) in found.several.items() for row in _rows(key, history_of(record))]
    indexed = [key for key in rows if key not in found.several]
    measured = store.index.scores([key for key in indexed if key in shown])
    all_scores = _with(SCORES, scores, measured, all_trials)
    published = (row["metric"] for row in [*references, *store.paper_numbers()])
    extractors = {name for s in found.summaries.values() for e in s.evaluations for name in e.extractors}
    return Frames(
        all_trials,
        all_scores,
        _with(HISTORY, of_history, store.index.history(indexed), all_trials),
        REFERENCES.build(references),
        _described([*all_scores["metric"].unique(), *published], extractors),
    )


@dataclass(frozen=True)
class _Found:
    """Trials of a store.

    Attributes:
        summaries: of all of them, by key.
        several: record and evaluations of those with several evaluations, whose scores are put together; the
            scores of others are in the store's index.
    """

    summaries: dict[str, Summary] = field(default_factory=dict)
    several: dict[str, tuple[Record, list[Evaluation]]] = field(default_factory=dict)


def _found(store: Store, wanted: Iterable[str]) -> _Found:
    """Return trials of a store by their keys; those that its index knows are not read again."""
    found = _Found()
    for key in wanted:
        if (known := store.index.get(key, texts(store.folder(key)).digest)) is not None:
            found.summaries[key] = known.summary
        elif (record := store.read(key)) is not None:
            if record.trial.key != key:
                raise UsageError(f"{store.folder(key)}: the record of another trial; {cure()}")
            evaluations = store.evaluations(key)
            found.summaries[key] = Summary.of(record, evaluations)
            if not store.index.add(record, evaluations, None):
                found.several[key] = record, evaluations
    return found


def _shown(summaries: Mapping[str, Summary], asked: Mapping[str, str]) -> dict[str, Measured]:
    """Return by key of the trial its evaluation that is shown, where it has it.

    It is the one asked for by its key, else the one under the protocol of the trial's data.
    """
    protocols = _protocols(summaries.values())
    shown = {}
    for key, summary in summaries.items():
        wish = asked.get(key)
        fitting = (
            e
            for e in summary.evaluations
            if e.key == wish or (not wish and e.protocol == protocols[summary.data])
        )
        if (found := next(fitting, None)) is not None:
            shown[key] = found
    return shown


def _row(store: Store, summary: Summary, planned: Trial | None, found: Measured | None) -> dict[str, Any]:
    """Return the row of a trial, under the labels of a plan where one is given."""
    facts = summary.facts | (of_trial(planned) if planned else {})
    samples = store.folder(facts["trial"]) / "samples.npz"
    return facts | {
        "eval_seconds": found and found.seconds,
        "primary": found and found.primary,
        "samples": str(samples) if samples.exists() else None,
    }


def _scores(
    found: _Found, rows: Mapping[str, Mapping[str, Any]], shown: Mapping[str, Measured]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of scores of the trials that have several evaluations."""
    for key, (_, evaluations) in found.several.items():
        labels = {name: rows[key][name] for name in LABELS}
        for one in (one for one in evaluations if key in shown and one.key == shown[key].key):
            yield from ({**cells(SCORES, score), **labels} for score in scores_of(one, evaluations))


def _with(
    schema: Schema, rows: list[dict[str, Any]], indexed: pd.DataFrame, trials: pd.DataFrame
) -> pd.DataFrame:
    """Return the frame of rows and of those that come from the index, in the order of the trials."""
    own = schema.build(rows)
    if indexed.empty:
        return _typed(schema, own)
    place = pd.Index(trials["trial"])
    places = place.get_indexer(indexed["trial"])
    labels = [name for name in schema.columns if name in LABELS and name != "trial"]
    labelled = indexed.assign(**{name: trials[name].array.take(places) for name in labels})[schema.columns]
    frame = pd.concat([own, labelled], ignore_index=True) if rows else labelled
    places = np.concatenate([place.get_indexer(own["trial"]), places])
    in_order = bool((np.diff(places) >= 0).all())
    return _typed(schema, frame if in_order else frame.take(np.argsort(places, kind="stable")))


def _typed(schema: Schema, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the types that the schema gives its columns."""
    frame = frame.reset_index(drop=True)
    for name, column in schema.fields.items():
        if (
            column.dtype == "text"
            and isinstance(frame[name].dtype, pd.StringDtype)
            and frame[name].notna().any()
        ):
            continue  # pandas 3 has read what the next line would make, in 40 ms for 150,000 cells
        if column.dtype == "text":
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None).infer_objects()
        elif column.dtype == "count" and frame[name].notna().all():
            frame[name] = frame[name].astype("int64")
    return frame


def _described(metrics: Iterable[str], extractors: Iterable[str]) -> pd.DataFrame:
    """Return titles, units and meanings of metrics, which stored extractors may measure."""
    from gan_bench.bench.metrics import describe

    return METRICS.build(description._asdict() for description in describe(metrics, sorted(extractors)))


def _rows(trial: str, columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a trial's columns."""
    return [
        dict(zip(("trial", *columns), (trial, *row), strict=True))
        for row in zip(*columns.values(), strict=True)
    ]


def _rates(trials: pd.DataFrame) -> pd.DataFrame:
    """Return iterations and images per second of each pack, whose time is that of its longest-lived trial."""
    known = trials[["train_seconds", "pack_size", "iterations", "images"]].apply(pd.to_numeric)
    longest = known.groupby(trials["pack"])[["iterations", "images"]].transform("max")
    seconds, size = known["train_seconds"], known["pack_size"].fillna(1)
    return trials.assign(
        iterations_per_second=longest["iterations"] / seconds,
        images_per_second=size * longest["images"] / seconds,
    )


def _protocols(summaries: Iterable[Summary]) -> dict[str, str]:
    """Return for each set of data and budget, the protocol with the most trials, then the newest."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, str] = {}
    for summary in summaries:
        for evaluation in summary.evaluations:
            counts[summary.data][evaluation.protocol] += 1
            newest[evaluation.protocol] = max(newest.get(evaluation.protocol, ""), evaluation.created)
    return {data: max(count, key=lambda p: (count[p], newest[p])) for data, count in counts.items()}
