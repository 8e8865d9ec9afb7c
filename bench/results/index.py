"""The index of a large store: what reports read of its trials, as columns of one Parquet file.

    RESULTS/index/<SHA-256 of the file>.parquet

It only saves time. A trial comes from it while its record and evaluations are, byte for byte, those that were
checked when it was added; samples and checkpoints are checked as ever. All others are read from their
folders. Without the file, with other code, or if it is damaged, nothing comes from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gan_bench.bench.common.files import sync, write
from gan_bench.bench.common.provenance import code
from gan_bench.bench.results.columns import LAYOUT, TEXTS, Columns, flat, newest
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.summary import Summary
from gan_bench.bench.results.trial_rows import history_of, scores_of

WORTH = 500
"""New trials from which writing the index saves more time than it takes."""
CODE = b"gan-bench code"
"""Metadata of the file: the hash of the code that made and checked its rows."""


@dataclass(frozen=True)
class Known:
    """A trial of the index, while its record and evaluations are as they were checked."""

    _seals: str
    _summary: str

    @property
    def seals(self) -> Mapping[str, Any]:
        """Size and checksum of its other files."""
        return json.loads(self._seals)

    @property
    def summary(self) -> Summary:
        """Its facts."""
        return Summary.from_text(self._summary)


@dataclass(frozen=True)
class Added:
    """Trials that one index took up, for another one.

    Attributes:
        table: their columns.
        checked: digest, seals and summary by key, of those that are kept beyond the process.
    """

    table: pa.Table
    checked: Mapping[str, tuple[str, str, str]]


class Index:
    """The index of one store, with what was read of it since.

    Args:
        root: the store's folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "index"
        self._added = Columns()
        self._met: dict[str, bool] = {}
        """Trials that are still there -> whether they are new in the index, checked."""

    def get(self, key: str, digest: str) -> Known | None:
        """Return a trial whose record and evaluations have this digest, if they had it when checked."""
        row = self._rows.get(key)
        if row is None or row[0] != digest:
            return None
        self._met.setdefault(key, False)
        return Known(*row[1:])

    def add(self, record: Record, evaluations: Sequence[Evaluation], digest: str | None) -> bool:
        """Take up a trial and return True; return False if it has several evaluations, to be put together.

        It is known by `digest`; without one, or without seals, it was not checked and is not kept beyond this
        process.
        """
        if len(evaluations) > 1:
            return False
        key, digest = record.trial.key, digest if record.files is not None else None
        seals, summary = json.dumps(record.files), Summary.of(record, evaluations).text()
        scores = scores_of(evaluations[0], list(evaluations)) if evaluations else []
        texts = {"trial": key, "digest": digest, "seals": seals, "summary": summary}
        self._added.add(texts, scores, history_of(record))
        if digest is not None:
            self._rows[key], self._met[key] = (digest, seals, summary), True
        return True

    def holds(self, key: str) -> bool:
        """Return whether a trial is in it, whatever its files are now."""
        return key in self._rows

    def added(self) -> Added:
        """Return the trials that were added to it in this process."""
        return Added(self._added.table(), {key: self._rows[key] for key, new in self._met.items() if new})

    def take(self, added: Added) -> None:
        """Take up trials that another index of the same store was given."""
        self._added.take(added.table)
        self._rows.update(added.checked)
        self._met |= dict.fromkeys(added.checked, True)

    def scores(self, keys: Sequence[str]) -> pd.DataFrame:
        """Return the rows of scores of these trials, with the column `trial` in place of labels."""
        return flat(self._all(), "scores", keys)

    def history(self, keys: Sequence[str]) -> pd.DataFrame:
        """Return the rows of the histories of these trials."""
        return flat(self._all(), "history", keys)

    def _all(self) -> pa.Table:
        """Return the trials of the file, and those added since in place of theirs."""
        new = self._added.table()
        return newest(new if self._table is None else pa.concat_tables([self._table, new]))

    def save(self) -> None:
        """Write the index anew if many trials are new in it; raise OSError where that is impossible."""
        if sum(self._met.values()) < WORTH:
            return
        table = self._all()
        there = pc.is_in(table["trial"], pa.array(list(self._met), pa.string()))
        table = table.filter(pc.and_(there, pc.is_valid(table["digest"])))
        sink = pa.BufferOutputStream()
        stamped = table.replace_schema_metadata({CODE: code().encode()})
        pq.write_table(stamped, sink, compression="zstd", write_page_checksum=True)
        content = sink.getvalue().to_pybytes()
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{hashlib.sha256(content).hexdigest()}.parquet"
        write(path, content)
        for old in self._folder.glob("*.parquet"):
            if old != path:
                old.unlink(missing_ok=True)
        sync(self._folder)
        self._met = dict.fromkeys(self._met, False)

    @cached_property
    def _table(self) -> pa.Table | None:
        """The content of the file, or None where there is none that can be trusted."""
        for path in sorted(self._folder.glob("*.parquet")):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(content).hexdigest() == path.stem:
                table = pq.read_table(pa.BufferReader(content))
                if (table.schema.metadata or {}).get(CODE) == code().encode():
                    return table.cast(LAYOUT)
        return None

    @cached_property
    def _rows(self) -> dict[str, tuple[str, str, str]]:
        """Key -> digest, seals and summary."""
        if self._table is None:
            return {}
        keys, *columns = (self._table[name].to_pylist() for name in TEXTS)
        return dict(zip(keys, zip(*columns, strict=True), strict=True))
