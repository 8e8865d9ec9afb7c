"""Work that goes on without its terminal: a closed window, a pipe that nobody reads, a full disk."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any, TextIO


class Steady(io.TextIOBase):
    """A text stream that loses what cannot be written and does not raise.

    Args:
        stream: where to write. After its first error its file is replaced by the null device.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        with self._losing():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or lose what was not written."""
        with self._losing():
            self._stream.flush()

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):  # ValueError: the stream was closed
            with contextlib.suppress(OSError, ValueError):  # so that the interpreter's last flush is silent
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self._stream.fileno())
                os.close(null)

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream.isatty()
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)  # what the stream has beyond the base class

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """The stream's handling of characters that its encoding lacks."""
        return self._stream.errors

    def fileno(self) -> int:
        """Return the number of the stream's file."""
        return self._stream.fileno()


@contextlib.contextmanager
def steady() -> Iterator[None]:
    """Within, the loss of the terminal (SIGHUP) is ignored, and output that cannot be written is lost."""
    before = sys.stdout, sys.stderr
    hangup = getattr(signal, "SIGHUP", None)  # which Windows does not have
    handler = signal.signal(hangup, signal.SIG_IGN) if hangup else None
    sys.stdout, sys.stderr = (stream and Steady(stream) for stream in before)  # None where closed at start
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        sys.stdout, sys.stderr = before
        if hangup and handler is not None:  # None: set by another library than Python's
            signal.signal(hangup, handler)
