"""A reference row as stored (see `bench.references`); reading it needs no torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from gan_bench.bench.common.files import as_table, read_bytes
from gan_bench.bench.results.records import SCHEMA, check_schema, check_types, finite, reading


@dataclass(frozen=True)
class ReferenceRow:
    """A row that is measured like a trial and never ranked."""

    key: str
    name: str
    title: str
    meaning: str
    content_hash: str
    """Of the data it belongs to."""
    network: str | None
    """Hash of the networks it belongs to; None where it belongs to all."""
    protocol: Mapping[str, Any]
    rows: list[Mapping[str, Any]]
    """As an evaluation's, with `draw` and the number of `samples` measured."""
    seconds: float
    created: str
    """UTC, ISO 8601."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values; NaN and infinity become null."""
        return finite({"schema": SCHEMA, **vars(self)})

    @classmethod
    def read(cls, path: Path) -> ReferenceRow:
        """Return the row in a file; raises UsageError, naming it, for one that is damaged or no such row."""
        text = read_bytes(path, "JSON")
        content = as_table(text, path)
        with reading("a reference row", path):
            check_schema(text, content, path)
            known = {field.name: content[field.name] for field in dataclasses.fields(cls)}
            check_types(_CONTENT, known)
            if known["key"] != path.stem:
                raise ValueError(f"its key is {known['key']}")
            return cls(**known)


class _Row(TypedDict):
    metric: str
    value: float | None
    reason: str | None
    direction: str | None
    target: float | None
    version: int
    split: str
    when: str
    draw: int
    samples: int


class _Content(TypedDict):
    key: str
    name: str
    title: str
    meaning: str
    content_hash: str
    network: str | None
    protocol: dict[str, Any]
    rows: list[_Row]
    seconds: float
    created: str


_CONTENT = TypeAdapter(_Content)
