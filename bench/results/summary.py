"""Facts of a trial and of its evaluations that frames need beside scores and losses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.trial_rows import data_of, of_record, of_trial, protocol_of


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
        content = from_json(text)
        evaluations = ({**each, "extractors": tuple(each["extractors"])} for each in content["evaluations"])
        return cls(content["facts"], content["data"], tuple(Measured(**each) for each in evaluations))
