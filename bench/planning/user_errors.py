"""Errors that the other packages raise for users, and their translation to UsageError."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gan_bench.bench.common.errors import UsageError

PLUGIN_HINT = ". What a plug-in registers needs --plugin FILE.py"


def user_errors() -> dict[type[Exception], str]:
    """Return the classes of errors that the other packages raise for users: class -> what is added to them.

    A subclass is listed before its base.
    """
    from gan_bench.bench.metrics.base import MetricError
    from gan_bench.datasets.base import DatasetError
    from gan_bench.datasets.registry import UnknownName
    from gan_bench.variants.hyperparameters import HyperparameterError
    from gan_bench.variants.networks.registry import ArchitectureError, UnknownFamily
    from gan_bench.variants.parts import CompositionError
    from gan_bench.variants.profiles import ProfileError
    from gan_bench.variants.registry import UnknownVariant

    unknown = (UnknownVariant, UnknownName, UnknownFamily)
    wrong = (MetricError, DatasetError, HyperparameterError, ArchitectureError, ProfileError)
    return {**dict.fromkeys(unknown, PLUGIN_HINT), **dict.fromkeys((*wrong, CompositionError), "")}


def usage_error(error: Exception) -> UsageError | None:
    """Return an error as the UsageError that it is for the user; None for one that is a fault of the code."""
    if isinstance(error, UsageError):
        return error
    for kind, addition in user_errors().items():
        if isinstance(error, kind):
            return UsageError(f"{str(error).rstrip('.')}{addition}" if addition else str(error))
    return None


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn errors that the other packages raise for users into UsageError."""
    try:
        yield
    except Exception as error:
        told = usage_error(error)
        if told is None or told is error:
            raise
        raise told from error


@contextlib.contextmanager
def placed(place: str) -> Iterator[None]:
    """Put the place where something is written before what is wrong with it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from error
