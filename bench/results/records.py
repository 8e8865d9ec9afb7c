"""Records: the training of a trial, and its evaluation under each protocol."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import as_table
from gan_bench.bench.common.seals import SEAL, check_seal
from gan_bench.bench.planning.trial import Trial

SCHEMA = 3
"""The layout that is written; since 2 every file has a checksum, since 3 of its text."""
_READABLE = (1, 2, SCHEMA)
AXES = ("iteration", "kimg", "seconds")
"""Columns of a history that say when a row was written."""
Status = Literal["finished", "diverged", "failed"]
ROW = (
    "metric",
    "value",
    "reason",
    "direction",
    "version",
    "split",
    "when",
    "weights",
    "kimg",
    "iteration",
    "generator_updates",
    "critic_updates",
    "seconds",
)
"""Columns of every row of an evaluation; rows of newer versions also have `flop`."""


@dataclass(frozen=True)
class Record:
    """Training of one trial and its outcome."""

    trial: Trial
    status: Status
    error: str | None = None
    """Of a failed trial: one line, and the traceback."""
    traceback: str | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """diverged_at, iterations, critic_updates, generator_updates, images, pretraining_images, flop, seconds,
    compile_seconds, parameters and frozen_parameters per role, critics (their roles)."""
    history: Mapping[str, list[float]] = field(default_factory=dict)
    """Columns of equal length: iteration, kimg, seconds, one per loss and one per traced parameter."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] | None = None
    """Size and checksum of the other files of the trial, by name; None where they were written without."""

    @property
    def followed(self) -> dict[str, Literal["loss", "parameter"]]:
        """Return the columns of the history beside its axes; a parameter's name is ``role.symbol``."""
        names = [name for name in self.history if name not in AXES]
        return {name: "parameter" if "." in name else "loss" for name in names}

    def to_json(self) -> dict[str, Any]:
        """Return plain values; NaN and infinity become null."""
        content = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "trial"}
        return finite({"schema": SCHEMA, "key": self.trial.key, "spec": self.trial.spec(), **content})

    @classmethod
    def from_text(cls, text: bytes, path: Path, *, checked: bool = False) -> Record:
        """Return the record in a file; raise UsageError, naming it, for another layout or a damaged one.

        With `checked` the text is known to be that of a file that was read without an error before.
        """
        content = as_table(text, path)
        with reading("a trial's record", path):
            if not checked:
                check_schema(text, content, path)
            trial = Trial.from_spec(content["spec"])
            known = {name: content[name] for name in _FIELDS - {"files"}}
            known["files"] = content.get("files")  # which the first layout does not have
            if checked:
                return cls(trial=trial, **known)
            check_types(_SPEC, json.dumps(content["spec"]))
            check_types(_RECORD, known)
            if len({len(column) for column in known["history"].values()}) > 1:
                raise ValueError("columns of different length")
            return cls(trial=trial, **known)


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
        """Return plain values; NaN and infinity become null."""
        return finite({"schema": SCHEMA, **vars(self)})

    @classmethod
    def from_text(cls, text: bytes, path: Path, *, checked: bool = False) -> Evaluation:
        """Return the evaluation in a file; otherwise as :meth:`Record.from_text`."""
        content = as_table(text, path)
        with reading("an evaluation", path):
            if not checked:
                check_schema(text, content, path)
            known = {f.name: content[f.name] for f in dataclasses.fields(cls)}
            if not checked:
                check_types(_EVALUATION, known)
            return cls(**known)


class _Outcome(TypedDict, total=False):
    diverged_at: int | None
    iterations: int
    critic_updates: int
    generator_updates: int
    images: float
    pretraining_images: int
    flop: int
    seconds: float | None
    parameters: dict[str, int]
    frozen_parameters: dict[str, int]
    critics: list[str]


class _Provenance(TypedDict, total=False):
    pack: dict[str, Any]
    versions: dict[str, Any]
    gpu: dict[str, Any] | None
    node: str | None
    switches: dict[str, str]


class Seal(TypedDict):
    """Size and checksum of a file."""

    bytes: int
    sha256: str


class _Record(TypedDict):
    status: Status
    error: str | None
    traceback: str | None
    outcome: _Outcome
    history: dict[str, list[float | None]]
    provenance: _Provenance
    files: dict[str, Seal] | None


class _Row(TypedDict, total=False):
    metric: str
    value: float | None
    reason: str | None
    direction: str | None
    target: float | None
    version: int
    samples: int | None
    split: str
    when: str
    weights: str
    kimg: float
    iteration: int
    generator_updates: int
    critic_updates: int
    seconds: float
    flop: int | None


class _Protocol(TypedDict):
    metrics: dict[str, dict[str, Any]]


class _Evaluation(TypedDict):
    key: str
    protocol: _Protocol
    primary: str
    rows: list[_Row]
    seconds: float
    created: str


_SPEC, _RECORD, _EVALUATION = TypeAdapter(Trial), TypeAdapter(_Record), TypeAdapter(_Evaluation)
_FIELDS = {field.name for field in dataclasses.fields(Record)} - {"trial"}


def check_types(adapter: TypeAdapter[Any], content: Any) -> None:
    """Raise ValueError for content read from JSON whose fields do not have the types they must have.

    Content whose type has tuples, which JSON writes as lists, is given as text.
    """
    try:
        if isinstance(content, str):
            adapter.validate_json(content, strict=True)
        else:
            adapter.validate_python(content, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


@contextlib.contextmanager
def reading(what: str, where: Path) -> Iterator[None]:
    """Turn what goes wrong with foreign content into a UsageError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else error
        raise UsageError(f"{where}: not {what} ({missing})") from None


def check_schema(text: bytes, content: Mapping[str, Any], where: Path) -> None:
    """Raise UsageError for the content of a file in a layout that this version cannot read.

    Raises ValueError for a text that was changed after it was written.
    """
    if (schema := content["schema"]) not in _READABLE:
        raise UsageError(
            f"{where}: written in layout {schema!r}, and this version reads "
            f"1 to {SCHEMA}; keep the results of this version in another folder"
        )
    if schema > 1 or SEAL in content:
        check_seal(text, content)


def finite(value: Any) -> Any:
    """Return `value` with every NaN and infinity replaced by None, at any depth, and tuples by lists."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
