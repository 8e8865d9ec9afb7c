"""Ctrl-C and SIGTERM as an exception."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from gan_bench.bench.common.errors import Interrupted


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first SIGINT or SIGTERM raises Interrupted, and later ones are ignored.

    Only the main thread can handle signals; in any other one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, stop) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
