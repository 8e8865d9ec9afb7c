"""Errors that are the user's to mend, and the nearest valid choice."""

from __future__ import annotations

from collections.abc import Iterable

from gan_bench.errors import UserError
from gan_bench.names import suggestion


class UsageError(UserError):
    """Something asked for cannot be done: exit status 2, the message alone, no traceback."""


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM: stop now, keep what is finished, exit status 130."""


def check_name(what: str, name: object, choices: Iterable[str], where: str = "") -> None:
    """Raise UsageError unless `name` is one of `choices`; `where` says where it was written."""
    choices = list(choices)
    if name not in choices:
        place = f" in {where}" if where else ""
        raise UsageError(f"unknown {what} {str(name)!r}{place}; {suggestion(name, choices)}")


def one_line(error: Exception) -> str:
    """Return the message of a library's error as one line, for a sentence of ours."""
    return " ".join(str(error).split()) or type(error).__name__
