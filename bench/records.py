"""What a trial leaves behind: how it was trained, and an evaluation per protocol it was measured under."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.errors import UsageError
from bench.trial import Trial

SCHEMA = 1
AXES = ("iteration", "kimg", "seconds")
"""Columns of a history that say when a row was written."""
Status = Literal["finished", "diverged", "failed"]


@dataclass(frozen=True)
class Record:
    """How one trial was trained and what came of it."""

    trial: Trial
    status: Status
    error: str | None = None
    """Of a failed trial: one line, and the traceback."""
    traceback: str | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """diverged_at, iterations, critic_updates, generator_updates, images, seconds, parameters per role."""
    history: Mapping[str, list[float]] = field(default_factory=dict)
    """Columns of equal length: iteration, kimg, seconds, one per loss and one per traced parameter."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def followed(self) -> dict[str, Literal["loss", "parameter"]]:
        """The columns of the history beside its axes; a parameter's name is ``role.symbol``."""
        names = [name for name in self.history if name not in AXES]
        return {name: "parameter" if "." in name else "loss" for name in names}

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN and infinity become null."""
        content = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "trial"}
        return finite({"schema": SCHEMA, "key": self.trial.key, "spec": self.trial.spec(), **content})

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str) -> Record:
        """The record of `to_json()`; raises UsageError for another schema or a record that is not whole."""
        fields = {f.name for f in dataclasses.fields(cls)} - {"trial"}
        try:
            check_schema(content, where)
            trial = Trial.from_spec(content["spec"])
            return cls(trial=trial, **{name: content[name] for name in fields})
        except (KeyError, TypeError) as error:
            raise UsageError(f"{where}: not a trial's record ({error})") from None


@dataclass(frozen=True)
class Evaluation:
    """A trial's measurements under one protocol."""

    key: str
    protocol: Mapping[str, Any]
    primary: str
    """The metric that tables rank by."""
    rows: list[Mapping[str, Any]]
    """metric, value (None where undefined, with a reason), direction, split, when, weights, cost ..."""
    seconds: float
    created: str
    """UTC, ISO 8601."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN and infinity become null."""
        return finite({"schema": SCHEMA, **dataclasses.asdict(self)})

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str) -> Evaluation:
        """The evaluation of `to_json()`; raises UsageError for another schema."""
        try:
            check_schema(content, where)
            return cls(**{f.name: content[f.name] for f in dataclasses.fields(cls)})
        except (KeyError, TypeError) as error:
            raise UsageError(f"{where}: not an evaluation ({error})") from None


def check_schema(content: Mapping[str, Any], where: str) -> None:
    """Raise UsageError unless `content` has the layout that this version writes."""
    if (schema := content["schema"]) != SCHEMA:
        raise UsageError(
            f"{where}: written in layout {schema}, this version reads {SCHEMA}; use another --out folder"
        )


def finite(value: Any) -> Any:
    """`value` with every NaN and infinity replaced by None, at any depth, and tuples by lists."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
