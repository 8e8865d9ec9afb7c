"""A trial as loggers take it: settings, and numbers by iteration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from gan_bench.bench.results.records import Evaluation, Record

WHEN = {"curve": "", "final": "final/", "best": "best/"}
"""Point of a score -> start of its name."""


class Point(NamedTuple):
    """A number: `loss/critic_loss`, `score/fid`, `score/final/fid`; iteration; value."""

    name: str
    step: int
    value: float


@dataclass(frozen=True)
class Logged:
    """A trial.

    Attributes:
        suite: name of its suite.
        title: short text, without separators of paths: variant, profile, seed and start of the key.
        key: of the trial.
        status: finished, diverged or failed.
        settings: all hyperparameters, and what else a reader filters by.
        points: finite losses, traced parameters and scores on the test data, by name and iteration.
    """

    suite: str
    title: str
    key: str
    status: str
    settings: dict[str, Any]
    points: list[Point]


class Logger(Protocol):
    """Writes trials into a folder that it is made with."""

    def add(self, trial: Logged) -> None:
        """Write a trial; one that was written before is written anew, with the same name."""
        ...

    def close(self) -> None:
        """Write what is left and let go of files."""
        ...


def logged(record: Record, evaluations: Sequence[Evaluation]) -> Logged:
    """Return a record and the newest of its evaluations as loggers take them."""
    trial = record.trial
    settings = {
        "variant": trial.variant,
        "profile": trial.profile,
        "dataset": trial.data_name,
        "architecture": trial.architecture,
        "budget": trial.budget,
        "kimg": trial.kimg,
        "seed": trial.seed,
        **{f"hyperparameter/{name}": value for name, value in trial.hyperparameters.items()},
    }
    title = f"{trial.variant} {trial.profile} seed {trial.seed} {trial.key[:8]}".replace("/", "-")
    points = [*_history(record), *(point for one in evaluations[-1:] for point in _scores(one))]
    return Logged(trial.suite, title, trial.key, record.status, settings, points)


def _history(record: Record) -> list[Point]:
    steps = record.history.get("iteration", [])
    return [
        Point(f"{kind}/{name}", int(step), float(value))
        for name, kind in record.followed.items()
        for step, value in zip(steps, record.history[name], strict=True)
        if value is not None and math.isfinite(value)
    ]


def _scores(evaluation: Evaluation) -> list[Point]:
    return [
        Point(_name(row), int(row["iteration"]), float(row["value"]))
        for row in evaluation.rows
        if row["split"] == "test" and row["value"] is not None and math.isfinite(row["value"])
    ]


def _name(row: Mapping[str, Any]) -> str:
    weights = "" if row["weights"] == "raw" else f" {row['weights']}"
    return f"score/{WHEN[row['when']]}{row['metric']}{weights}"
