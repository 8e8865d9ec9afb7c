"""Scores and losses of trials as columns of Arrow tables with a row per trial, a tenth as large as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gan_bench.reports.schema import HISTORY, LABELS, SCORES, Schema

BATCH = 500
"""Trials that are held as lists before they become columns."""


def names_of(schema: Schema) -> list[str]:
    """Return the columns of a frame that are not labels of a trial."""
    return [name for name in schema.columns if name not in LABELS]


def _types(schema: Schema) -> dict[str, pa.DataType]:
    return {
        name: pa.string() if schema.fields[name].dtype == "text" else pa.float64()
        for name in names_of(schema)
    }


TEXTS = ("trial", "digest", "seals", "summary")
"""Columns of one text per trial."""
NESTED = {"scores": SCORES, "history": HISTORY}
"""Columns of a table per trial -> its schema."""
LAYOUT = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.list_(pa.struct(list(_types(schema).items())))) for name, schema in NESTED.items()),
    ]
)


class Columns:
    """Trials that are gathered, column by column."""

    def __init__(self) -> None:
        self._done: list[pa.Table] = []
        self._begin()

    def _begin(self) -> None:
        self._texts: dict[str, list[str | None]] = {name: [] for name in TEXTS}
        self._cells: dict[str, dict[str, list[Any]]] = {
            name: {each: [] for each in names_of(schema)} for name, schema in NESTED.items()
        }
        self._counts: dict[str, list[int]] = {name: [] for name in NESTED}

    def add(
        self,
        texts: Mapping[str, str | None],
        scores: Sequence[Mapping[str, Any]],
        history: Mapping[str, Sequence[Any]],
    ) -> None:
        """Add a trial: its texts, rows of scores and columns of losses."""
        for name, column in self._texts.items():
            column.append(texts[name])
        for name, cells in self._cells["scores"].items():
            cells.extend([row.get(name) for row in scores])
        self._counts["scores"].append(len(scores))
        for name, cells in self._cells["history"].items():
            cells.extend(history[name])
        self._counts["history"].append(len(history["name"]))
        if len(self._texts["trial"]) >= BATCH:
            self._close()

    def take(self, table: pa.Table) -> None:
        """Add trials that are columns already."""
        if self._texts["trial"]:
            self._close()
        self._done.append(table)

    def _close(self) -> None:
        columns: list[pa.Array] = [pa.array(column, pa.string()) for column in self._texts.values()]
        for name, schema in NESTED.items():
            kinds = _types(schema)
            cells = [_array(self._cells[name][each], kind) for each, kind in kinds.items()]
            ends = [0, *accumulate(self._counts[name])]
            table = pa.StructArray.from_arrays(cells, names=list(kinds))
            columns.append(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), table))
        self._done.append(pa.Table.from_arrays(columns, schema=LAYOUT))
        self._begin()

    def table(self) -> pa.Table:
        """Return all trials; of one that was added again, all its rows."""
        if self._texts["trial"]:
            self._close()
        return pa.concat_tables([LAYOUT.empty_table(), *self._done])


def _array(cells: list[Any], kind: pa.DataType) -> pa.Array:
    """Return a column; whole numbers may be larger than floats hold exactly."""
    if kind == pa.string():
        return pa.array(cells, kind)
    return pa.array(np.array(cells, dtype=np.float64), from_pandas=True)


def newest(table: pa.Table) -> pa.Table:
    """Return the last row of each trial."""
    last = {key: number for number, key in enumerate(table["trial"].to_pylist())}
    return table if len(last) == len(table) else table.take(pa.array(sorted(last.values())))


def flat(table: pa.Table, column: str, keys: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a nested column of these trials, in this order, with the column `trial`."""
    number = {key: i for i, key in enumerate(table["trial"].to_pylist())}
    rows = [number[key] for key in keys if key in number]
    table = table.select(["trial", column]).take(pa.array(rows, pa.int64())).combine_chunks()
    lists = table[column].combine_chunks()
    trials = table["trial"].combine_chunks().take(pc.list_parent_indices(lists))
    names = names_of(NESTED[column])
    return pa.table({"trial": trials, **dict(zip(names, lists.flatten().flatten(), strict=True))}).to_pandas()
