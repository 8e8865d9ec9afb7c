"""DataFrames of a store, for reports."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import colours
from gan_bench.bench.results.beside import Board, Load, Notice, fitting
from gan_bench.bench.results.damage import cure
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.shipped import Shipped
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.summary import Measured, Summary
from gan_bench.bench.results.trial_rows import history_of, of_record, of_trial, scores_of
from gan_bench.bench.results.whole import texts
from gan_bench.reports.schema import BOARD, HISTORY, LABELS, METRICS, REFERENCES, SCORES, TRIALS, Schema


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

    `dataset` is the data really used. Each dataset is shown under one protocol: that of `evaluations_of`
    (training key -> evaluation key), else the one that most of its trials were measured under, the newest
    where several were. Of reference rows those that `references_of` names by key, or else the newest of each
    board. Trials that the store's index knows are not read again. Trials of the files `beside` stand on the
    boards that they fit (see `bench.results.beside`), for which `dataset` gives data by name; `notice` is
    called with what is left out of them. Raises UsageError for damaged files.
    """
    planned = None if trials is None else {trial.key: trial for trial in trials}
    wanted = list(store) if planned is None else [key for key in planned if store.has(key)]
    read: dict[str, tuple[Record, list[Evaluation]]] = {}
    summaries: dict[str, Summary] = {}
    for key in wanted:
        if (known := store.index.get(key, texts(store.folder(key)).digest)) is not None:
            summaries[key] = known.summary
        elif (record := store.read(key)) is not None:
            if record.trial.key != key:
                raise UsageError(f"{store.folder(key)}: the record of another trial; {cure()}")
            evaluations = store.evaluations(key)
            summaries[key] = Summary.of(record, evaluations)
            if not store.index.add(record, evaluations, None):
                read[key] = record, evaluations
    chosen = _protocols(summaries.values())
    card, looks = functools.cache(catalogue.card), colours.numbers()
    untrained = _References(store, references_of)
    rows: dict[str, list[dict[str, Any]]] = {"trials": [], "scores": [], "history": []}
    indexed: list[str] = []
    shown: dict[str, Measured] = {}
    for key, summary in summaries.items():
        wish = (evaluations_of or {}).get(key)
        found = next(
            (
                e
                for e in summary.evaluations
                if e.key == wish or (not wish and e.protocol == chosen[summary.data])
            ),
            None,
        )
        samples = store.folder(key) / "samples.npz"
        row = summary.facts | (of_trial(planned[key]) if planned else {})
        row |= {
            "look": looks.get(row["variant"]),
            "eval_seconds": found and found.seconds,
            "primary": found and found.primary,
            "samples": str(samples) if samples.exists() else None,
        }
        rows["trials"].append({**card(row["variant"]), **row})
        if found:
            shown[key] = found
            untrained.add(row, found.protocol)
        if key in read:
            record, evaluations = read[key]
            labels = {name: row[name] for name in LABELS}
            scores = next(
                (scores_of(e, evaluations) for e in evaluations if found and e.key == found.key), []
            )
            rows["scores"] += [{**_cells(SCORES, score), **labels} for score in scores]
            rows["history"] += _rows(key, history_of(record))
        elif found:
            indexed.append(key)
    if beside:
        _put_beside(beside, store, rows, {key: found.key for key, found in shown.items()}, notice, dataset)
    table = _rates(TRIALS.build(rows["trials"]))
    scores = _with(SCORES, rows["scores"], store.index.scores(indexed), table)
    of_history = [key for key in summaries if key not in read]
    extractors = {name for s in summaries.values() for e in s.evaluations for name in e.extractors}
    metrics = [
        *scores["metric"].unique(),
        *(row["metric"] for row in [*untrained.rows, *store.paper_numbers()]),
    ]
    return Frames(
        table,
        scores,
        _with(HISTORY, rows["history"], store.index.history(of_history), table),
        REFERENCES.build(untrained.rows),
        _described(metrics, extractors),
    )


def _put_beside(
    files: Sequence[Shipped],
    store: Store,
    rows: dict[str, list[dict[str, Any]]],
    shown: Mapping[str, str],
    notice: Notice,
    dataset: Load,
) -> None:
    """Add the trials and scores of files of results to those of a store; `shown`: trial -> its evaluation."""
    by_board: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows["trials"]:
        by_board[tuple(row[name] for name in BOARD)].append(row)
    boards = []
    for own in by_board.values():
        key = next((row["trial"] for row in own if row["trial"] in shown), None)
        if key is not None:
            record = store.read(key)
            assert record is not None
            evaluation = next(e for e in store.evaluations(key) if e.key == shown[key])
            cells = {(row["variant"], row["hyperparameters"]) for row in own}
            boards.append(Board(record.trial, evaluation, cells))
    for shipped in files:
        for record, found in fitting(shipped, boards, notice, dataset):
            row = {
                **catalogue.card(record.trial.variant),
                **of_trial(record.trial),
                **of_record(record),
                "look": colours.numbers().get(record.trial.variant),
                "eval_seconds": found and found.seconds,
                "primary": found and found.primary,
                "samples": None,
                "origin": shipped.name,
            }
            rows["trials"].append(row)
            labels = {name: row[name] for name in LABELS}
            rows["scores"] += [{**_cells(SCORES, score), **labels} for score in (found.rows if found else ())]


def _with(
    schema: Schema, rows: list[dict[str, Any]], indexed: pd.DataFrame, trials: pd.DataFrame
) -> pd.DataFrame:
    """Return the frame of rows and of those that come from the index, in the order of the trials."""
    own = schema.build(rows)
    if indexed.empty:
        return _typed(schema, own)
    labels = [name for name in schema.columns if name in LABELS and name != "trial"]
    labelled = indexed.join(trials.set_index("trial")[labels], on="trial")[schema.columns]
    frame = pd.concat([own, labelled], ignore_index=True) if rows else labelled
    place = pd.Series(range(len(trials)), index=trials["trial"])
    return _typed(schema, frame.loc[frame["trial"].map(place).sort_values(kind="stable").index])


def _typed(schema: Schema, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the types that the schema gives its columns."""
    frame = frame.reset_index(drop=True)
    for name, field in schema.fields.items():
        if field.dtype == "text":
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None).infer_objects()
        elif field.dtype == "count" and frame[name].notna().all():
            frame[name] = frame[name].astype("int64")
    return frame


def _described(metrics: Iterable[str], extractors: Iterable[str]) -> pd.DataFrame:
    """Return titles, units and meanings of metrics, which stored extractors may measure."""
    from gan_bench.bench.metrics import describe

    return METRICS.build(description._asdict() for description in describe(metrics, sorted(extractors)))


class _References:
    """Reference rows of a store, put beside the boards of the trials that are added."""

    def __init__(self, store: Store, wanted: Collection[str] | None) -> None:
        self.stored = [row for row in store.references() if wanted is None or row.key in wanted]
        self.rows: list[dict[str, Any]] = []
        self._store = store
        self._boards: set[tuple[Any, ...]] = set()

    def add(self, row: Mapping[str, Any], protocol: str) -> None:
        """Put the rows of a trial's data, networks and protocol on its board; `row` is the trial's."""
        board = tuple(row[name] for name in BOARD)
        if not self.stored or board in self._boards:
            return
        self._boards.add(board)
        record = self._store.read(row["trial"])
        assert record is not None
        trial, network = record.trial, keys.digest(record.trial.network)
        newest = {  # stored rows come oldest first
            row.name: row
            for row in self.stored
            if row.content_hash == trial.content_hash
            and row.network in (None, network)
            and keys.protocol_key(row.protocol) == protocol
        }
        labels = dict(zip(BOARD, board, strict=True))
        for reference in newest.values():
            labels |= {"reference": reference.name, "title": reference.title, "meaning": reference.meaning}
            self.rows += [{**_cells(REFERENCES, measured), **labels} for measured in reference.rows]


def _rows(trial: str, columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a trial's columns."""
    return [
        dict(zip(("trial", *columns), (trial, *row), strict=True))
        for row in zip(*columns.values(), strict=True)
    ]


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


def _protocols(summaries: Iterable[Summary]) -> dict[str, str]:
    """Return for each set of data and budget, the protocol with the most trials, then the newest."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, str] = {}
    for summary in summaries:
        for evaluation in summary.evaluations:
            counts[summary.data][evaluation.protocol] += 1
            newest[evaluation.protocol] = max(newest.get(evaluation.protocol, ""), evaluation.created)
    return {data: max(count, key=lambda p: (count[p], newest[p])) for data, count in counts.items()}
