"""Errors that are the user's to mend, and the nearest valid choice."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UsageError(Exception):
    """Something asked for cannot be done: exit status 2, the message alone, no traceback."""


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM: stop now, keep what is finished, exit status 130."""


def suggestion(name: object, choices: Iterable[str]) -> str:
    """The end of an error message: the nearest of `choices`, or all of them when none is near."""
    choices = list(choices)
    near = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"choose from: {', '.join(choices)}" if choices else "there is none to choose from"


def check_name(what: str, name: object, choices: Iterable[str], where: str = "") -> None:
    """Raise UsageError unless `name` is one of `choices`; `where` says where it was written."""
    choices = list(choices)
    if name not in choices:
        place = f" in {where}" if where else ""
        raise UsageError(f"unknown {what} {str(name)!r}{place}; {suggestion(name, choices)}")
