"""The index of a large store: what reports read of its trials, as columns of one Parquet file.

    RESULTS/index/<SHA-256 of the file>.parquet

It only saves time. A trial comes from it while its record and evaluations are, byte for byte, those that were
checked when it was added; samples and checkpoints are checked as ever. All others are read from their
folders. Without the file, with other code, or if it is damaged, nothing comes from it.
"""

from __future__ import annotations

import hashlib
import json
import os
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
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.trial_rows import (
    data_of,
    history_of,
    of_record,
    of_trial,
    protocol_of,
    scores_of,
)
from gan_bench.reports.schema import HISTORY, LABELS, SCORES, Schema

WORTH = 500
"""New trials from which writing the index saves more time than it takes."""
BATCH = 500
"""Trials that are held as rows before they become columns."""
CODE = b"gan-bench code"
"""Metadata of the file: the hash of the code that made and checked its rows."""


@dataclass(frozen=True)
class Measured:
    """An evaluation without its rows; protocol as a hash."""

    key: str
    protocol: str
    created: str
    primary: str
    seconds: float
    extractors: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """Facts of a trial that frames need beside its scores and its history."""

    facts: dict[str, Any]
    """Columns of the frame of trials."""
    data: str
    """Hash of data and budget."""
    evaluations: tuple[Measured, ...]

    @classmethod
    def of(cls, record: Record, evaluations: Sequence[Evaluation]) -> Summary:
        """Return the summary of a record and its evaluations."""
        measured = (
            Measured(
                e.key,
                protocol_of(e),
                e.created,
                e.primary,
                e.seconds,
                tuple(e.protocol.get("extractors", {})),
            )
            for e in evaluations
        )
        return cls({**of_trial(record.trial), **of_record(record)}, data_of(record), tuple(measured))

    def text(self) -> str:
        """Return the summary as JSON."""
        measured = [vars(each) for each in self.evaluations]
        return json.dumps({"facts": self.facts, "data": self.data, "evaluations": measured})

    @classmethod
    def from_text(cls, text: str) -> Summary:
        """Return the summary of :meth:`text`."""
        content = json.loads(text)
        evaluations = ({**each, "extractors": tuple(each["extractors"])} for each in content["evaluations"])
        return cls(content["facts"], content["data"], tuple(Measured(**each) for each in evaluations))


class Index:
    """The index of one store.

    Args:
        root: the store's folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "index"
        self._checked: dict[str, str] = {}
        """Digests of trials that were checked in full since, by key."""
        self.begin()

    def begin(self) -> None:
        """Forget trials that were added before: the store is read anew."""
        self._rows_waiting: list[dict[str, Any]] = []
        self._new: list[pa.Table] = []

    def seals(self, folder: Path) -> Mapping[str, Any] | None:
        """Return the seals of a trial's other files if its JSON files are as they were checked, else None."""
        row = self._rows.get(folder.name)
        return json.loads(row[1]) if row is not None and row[0] == digest(folder) else None

    def checked(self, key: str, found: str) -> None:
        """Remember that a trial with this digest has nothing wrong with it."""
        self._checked[key] = found

    def summary(self, folder: Path) -> Summary | None:
        """Return the summary of a trial that is as it was checked, else None."""
        row = self._rows.get(folder.name)
        return Summary.from_text(row[2]) if row is not None and row[0] == digest(folder) else None

    def add(self, record: Record, evaluations: Sequence[Evaluation], summary: Summary) -> bool:
        """Take up a trial and return True; return False if it has several evaluations, to be put together.

        It is kept beyond this process only if it was checked.
        """
        key = record.trial.key
        if len(evaluations) > 1:
            return False
        rows = scores_of(evaluations[0], list(evaluations)) if evaluations else []
        row = {
            "trial": key,
            "digest": self._checked.get(key) if record.files is not None else None,
            "seals": json.dumps(record.files),
            "summary": summary.text(),
            "scores": [{name: row.get(name) for name in _SCORES} for row in rows],
            "history": [{name: row[name] for name in _HISTORY} for row in history_of(record)],
        }
        self._rows_waiting.append(row)
        if len(self._rows_waiting) >= BATCH:
            self._gather()
        return True

    def _gather(self) -> None:
        """Turn rows into columns, which take a tenth of their memory."""
        if self._rows_waiting:
            self._new.append(pa.Table.from_pylist(self._rows_waiting, schema=_LAYOUT))
            self._rows_waiting = []

    def _all(self) -> pa.Table:
        """Return the trials of the file, and those added since in place of theirs."""
        self._gather()
        new = pa.concat_tables([_LAYOUT.empty_table(), *self._new])
        if self._table is None:
            return new
        kept = pc.invert(pc.is_in(self._table["trial"], new["trial"].combine_chunks()))
        return pa.concat_tables([self._table.filter(kept), new])

    def scores(self, keys: Sequence[str]) -> pd.DataFrame:
        """Return the rows of scores of these trials, with the column `trial` in place of labels."""
        return self._flat("scores", SCORES, keys)

    def history(self, keys: Sequence[str]) -> pd.DataFrame:
        """Return the rows of the histories of these trials."""
        return self._flat("history", HISTORY, keys)

    def save(self) -> None:
        """Write the index anew if many trials are new in it; raise OSError where that is impossible."""
        self._gather()
        if sum(batch.num_rows - batch["digest"].null_count for batch in self._new) < WORTH:
            return
        table = self._all()
        table = table.filter(pc.is_valid(table["digest"]))
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
                    return table.cast(_LAYOUT)
        return None

    @cached_property
    def _rows(self) -> dict[str, tuple[str, str, str]]:
        """Key -> digest, seals and summary."""
        if self._table is None:
            return {}
        names = ("trial", "digest", "seals", "summary")
        keys, *columns = (self._table[name].to_pylist() for name in names)
        return dict(zip(keys, zip(*columns, strict=True), strict=True))

    def _flat(self, column: str, schema: Schema, keys: Sequence[str]) -> pd.DataFrame:
        names = _own(schema)
        if not keys:
            return pd.DataFrame(columns=["trial", *names])
        table = self._all().select(["trial", column])
        table = table.filter(pc.is_in(table["trial"], pa.array(list(keys)))).combine_chunks()
        lists = table[column].combine_chunks()
        trials = table["trial"].combine_chunks().take(pc.list_parent_indices(lists))
        flat = dict(zip(names, lists.flatten().flatten(), strict=True))
        return pa.table({"trial": trials, **flat}).to_pandas()


def digest(folder: Path) -> str:
    """Return the SHA-256, 64 hex digits, of names and bytes of a trial's record and evaluations.

    Files that cannot be read count as empty; they are found where they are checked.
    """
    inner = os.path.join(folder, "evaluations")
    found = hashlib.sha256()
    names = sorted(os.listdir(inner)) if os.path.isdir(inner) else []
    for path in (os.path.join(folder, "record.json"), *(os.path.join(inner, name) for name in names)):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            content = b""
        found.update(f"{os.path.basename(path)} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _own(schema: Schema) -> list[str]:
    """Return the columns of a frame that are not labels of a trial."""
    return [name for name in schema.columns if name not in LABELS]


def _struct(schema: Schema) -> pa.DataType:
    kinds = {"text": pa.string(), "count": pa.float64(), "number": pa.float64()}
    return pa.list_(pa.struct([(name, kinds[schema.fields[name].dtype]) for name in _own(schema)]))


_SCORES, _HISTORY = _own(SCORES), _own(HISTORY)
_LAYOUT = pa.schema(
    [
        *((name, pa.string()) for name in ("trial", "digest", "seals", "summary")),
        ("scores", _struct(SCORES)),
        ("history", _struct(HISTORY)),
    ]
)
