"""Errors of data that the user can solve."""

from __future__ import annotations

from collections.abc import Iterable

from gan_bench.errors import UserError
from gan_bench.names import suggestion


class DatasetError(UserError):
    """A problem that the user can solve: a damaged or unreachable file, an unknown name or option."""


def choose(what: str, given: str, known: Iterable[str], where: str) -> str:
    """Return `given`, which must be one of `known`.

    Raises:
        DatasetError: if it is not, with the nearest.
    """
    known = tuple(known)
    if given in known:
        return given
    raise DatasetError(f"{where}: unknown {what} {str(given)!r}; {suggestion(given, known)}")


def check_count(where: str, count: int | None) -> None:
    """Raise DatasetError for a number of reference rows below 0; None stands for all."""
    if count is not None and count < 0:
        raise DatasetError(f"{where}: a reference needs a count of 0 or more, got {count}")
