"""The hook by which loggers follow a run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from operator import methodcaller
from pathlib import Path
from typing import Self

from gan_bench.bench.common.files import make_folder
from gan_bench.bench.common.plugins import sentence_of
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.executors.base import Done, Event, Said
from gan_bench.bench.running.loggers import LOGGERS
from gan_bench.bench.running.loggers.base import Logger, logged

FOLDER = "logs"


class Logging:
    """Follows the events of a run, and hands trials that ended to loggers. A context manager.

    A logger that raises is left out from then on, with a sentence: records hold all that it writes.

    Args:
        names: of the loggers.
        store: that holds the trials' records when their task is done.
        follow: called with every event first, and with what is said of loggers.
    """

    def __init__(self, names: Sequence[str], store: Store, follow: Callable[[Event], None]) -> None:
        self._names, self._store, self._follow = names, store, follow
        self._loggers: dict[str, Logger] = {}

    def __enter__(self) -> Self:
        for name in dict.fromkeys(self._names):
            folder = self._store.root / FOLDER / name
            make_folder(folder, f"--log {name}:")
            self._loggers[name] = _make(name, folder)
        return self

    def __exit__(self, *details: object) -> None:
        self._each(methodcaller("close"))

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        self._follow(event)
        if not isinstance(event, Done) or not self._loggers:
            return
        for result in event.results:
            record = None if result.status == "elsewhere" else self._store.read(result.trial.key)
            if record is not None:
                trial = logged(record, self._store.evaluations(result.trial.key))
                self._each(methodcaller("add", trial))

    def _each(self, work: Callable[[Logger], None]) -> None:
        """Have every logger do some work."""
        for name, logger in list(self._loggers.items()):
            try:
                work(logger)
            except Exception as error:  # any: of its package, or a full disk; the training goes on
                del self._loggers[name]
                self._follow(Said(f"--log {name}: nothing more is logged: {sentence_of(error)}"))


def _make(name: str, folder: Path) -> Logger:
    module = importlib.import_module(f"{__package__}.{name}")
    return getattr(module, LOGGERS[name])(folder)
