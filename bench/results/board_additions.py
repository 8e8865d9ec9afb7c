"""Additions to the boards of a store: trials of files of results, and reference rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.results import colours
from gan_bench.bench.results.beside import Board, Load, Notice, fitting
from gan_bench.bench.results.shipped import Shipped
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.summary import Measured
from gan_bench.bench.results.trial_rows import of_record, of_trial
from gan_bench.reports.schema import BOARD, LABELS, REFERENCES, SCORES, Schema

Cells = dict[str, Any]
"""A row: column -> value."""


def beside_boards(
    files: Sequence[Shipped],
    store: Store,
    rows: Iterable[Mapping[str, Any]],
    shown: Mapping[str, Measured],
    notice: Notice,
    dataset: Load,
) -> Iterator[tuple[Cells, list[Cells]]]:
    """Yield the trials of files of results that stand on the boards of a store: row, and rows of scores.

    Args:
        files: of results.
        store: the store.
        rows: of the store's own trials.
        shown: the evaluation that is shown of them, by key.
        notice: called with what is left out.
        dataset: gives data by name.
    """
    boards = _boards(store, rows, shown)
    for shipped in files:
        for record, found in fitting(shipped, boards, notice, dataset):
            row = {
                **catalogue.card(record.trial.variant),
                **of_trial(record.trial),
                **of_record(record),
                "look": colours.number(record.trial.variant),
                "eval_seconds": found and found.seconds,
                "primary": found and found.primary,
                "samples": None,
                "origin": shipped.name,
            }
            labels = {name: row[name] for name in LABELS}
            yield row, [{**cells(SCORES, score), **labels} for score in (found.rows if found else ())]


def _boards(store: Store, rows: Iterable[Mapping[str, Any]], shown: Mapping[str, Measured]) -> list[Board]:
    """Return the boards of a store on which something was measured."""
    by_board: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_board[tuple(row[name] for name in BOARD)].append(row)
    boards = []
    for own in by_board.values():
        key = next((row["trial"] for row in own if row["trial"] in shown), None)
        if key is not None:
            record = store.read(key)
            assert record is not None
            evaluation = next(e for e in store.evaluations(key) if e.key == shown[key].key)
            settings = {(row["variant"], row["hyperparameters"]) for row in own}
            boards.append(Board(record.trial, evaluation, settings))
    return boards


def rows_of_references(
    store: Store, wanted: Collection[str] | None, trials: Iterable[tuple[Mapping[str, Any], str]]
) -> list[Cells]:
    """Return the reference rows of the boards of trials: those of their data, networks and protocol.

    Args:
        store: the store.
        wanted: keys of reference rows; None: the newest of each board.
        trials: rows of trials, each with the protocol of its scores.
    """
    stored = [row for row in store.references() if wanted is None or row.key in wanted]
    rows: list[Cells] = []
    seen: set[tuple[Any, ...]] = set()
    for trial_row, protocol in trials if stored else ():
        board = tuple(trial_row[name] for name in BOARD)
        if board in seen:
            continue
        seen.add(board)
        record = store.read(trial_row["trial"])
        assert record is not None
        trial, network = record.trial, keys.digest(record.trial.network)
        newest = {  # stored rows come oldest first
            row.name: row
            for row in stored
            if row.content_hash == trial.content_hash
            and row.network in (None, network)
            and keys.protocol_key(row.protocol) == protocol
        }
        labels = dict(zip(BOARD, board, strict=True))
        for reference in newest.values():
            labels |= {"reference": reference.name, "title": reference.title, "meaning": reference.meaning}
            rows += [{**cells(REFERENCES, measured), **labels} for measured in reference.rows]
    return rows


def cells(schema: Schema, measured: Mapping[str, Any]) -> Cells:
    """Return a cell per column; stored rows may lack newer columns and have others beside them."""
    return {name: measured.get(name) for name in schema.columns}
