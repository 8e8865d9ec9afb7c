"""Errors that other packages raise for users, and their translation to UsageError."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gan_bench.bench.common.errors import UsageError
from gan_bench.errors import UnknownEntry, UserError

ADDITIONS: dict[type[UserError], str] = {UnknownEntry: " (a plug-in's needs --plugin FILE.py)"}
"""Class of errors -> what the command line adds to their sentence."""


def usage_error(error: UserError) -> UsageError:
    """Return an error for users as a UsageError."""
    if isinstance(error, UsageError):
        return error
    additions = (text for kind, text in ADDITIONS.items() if isinstance(error, kind))
    return UsageError(f"{error}{next(additions, '')}")


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn errors that other packages raise for users into UsageError."""
    try:
        yield
    except UsageError:
        raise
    except UserError as error:
        raise usage_error(error) from error


@contextlib.contextmanager
def placed(place: str) -> Iterator[None]:
    """Put the place where something is written before what is wrong with it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from error
