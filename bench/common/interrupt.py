"""Ctrl-C and SIGTERM as an exception."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench.bench.common.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first SIGINT or SIGTERM raises Interrupted, and later ones are ignored.

    Only the main thread can handle signals; in any other one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted

    before = [signal.signal(each, stop) for each in SIGNALS]
    try:
        yield
    finally:
        _handle(dict(zip(SIGNALS, before, strict=True)))


@contextlib.contextmanager
def handlers_kept() -> Iterator[None]:
    """Within, a library may handle SIGINT and SIGTERM itself; what handled them before does so again after.

    Ray prints a trace and ends the process at SIGTERM, so that nothing is cleaned up.
    """
    handlers = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            _handle(handlers)


def _handle(handlers: Mapping[signal.Signals, Any]) -> None:
    """Set handlers of signals; None is one that was not set from Python, and cannot be set again."""
    for each, handler in handlers.items():
        if handler is not None:
            signal.signal(each, handler)
