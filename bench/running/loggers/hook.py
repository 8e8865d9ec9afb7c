"""The hook by which loggers follow a run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from gan_bench.bench.results.store import Store
from gan_bench.bench.running.executors.base import Done, Event
from gan_bench.bench.running.loggers import LOGGERS
from gan_bench.bench.running.loggers.base import Logger, logged

FOLDER = "logs"


class Logging:
    """Follows the events of a run, and hands trials that ended to loggers. A context manager.

    Args:
        names: of the loggers.
        store: that holds the trials' records when their task is done.
        follow: called with every event first.
    """

    def __init__(self, names: Sequence[str], store: Store, follow: Callable[[Event], None]) -> None:
        self._names, self._store, self._follow = names, store, follow
        self._loggers: list[Logger] = []

    def __enter__(self) -> Self:
        for name in dict.fromkeys(self._names):
            folder = self._store.root / FOLDER / name
            folder.mkdir(parents=True, exist_ok=True)
            self._loggers.append(_make(name, folder))
        return self

    def __exit__(self, *details: object) -> None:
        for logger in self._loggers:
            logger.close()

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        self._follow(event)
        if not isinstance(event, Done) or not self._loggers:
            return
        for result in event.results:
            record = None if result.status == "elsewhere" else self._store.read(result.trial.key)
            if record is not None:
                trial = logged(record, self._store.evaluations(result.trial.key))
                for logger in self._loggers:
                    logger.add(trial)


def _make(name: str, folder: Path) -> Logger:
    module = importlib.import_module(f"{__package__}.{name}")
    return getattr(module, LOGGERS[name])(folder)
