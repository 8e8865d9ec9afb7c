"""Checks of what a reference row is registered with, and of what its maker gives."""

from __future__ import annotations

import inspect
import re
import string
from collections.abc import Collection, Mapping
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.names import suggestion

ALL_KINDS = ("scalar", "planar", "vectors", "images")
"""Kinds of data."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_TEXTS = ("title", "meaning")
_LISTS = ("per", "kinds", "truth", "without")
_FLAGS = ("of_networks", "default")
_NUMBERS = ("draws", "version")


def check_fields(name: object, given: Mapping[str, Any], known: Collection[str]) -> None:
    """Check name and fields of a reference row before it is made.

    Args:
        name: of the row.
        given: fields by name.
        known: names of the fields that there are.

    Raises:
        UsageError: naming the row, the field, and what is valid.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UsageError(f"reference row name {name!r} must be letters, digits, hyphens and underscores")
    if unknown := [field for field in given if field not in known]:
        raise UsageError(
            f"reference row {name!r}: there is no field {unknown[0]!r}; {suggestion(unknown[0], known)}"
        )
    if missing := [field for field in _TEXTS if field not in given]:
        raise UsageError(f"reference row {name!r}: it lacks {' and '.join(missing)}")
    for field, value in given.items():
        if expected := _mistake(field, value):
            raise UsageError(f"reference row {name!r}: {field} is {value!r}, expected {expected}")
    for field in _placeholders(name, given["title"]):
        if field not in (per := given.get("per", ())):
            among = f"one of per ({', '.join(per)})" if per else "none, because it states no per"
            raise UsageError(f"reference row {name!r}: title holds {{{field}}}, expected {among}")


def _mistake(field: str, value: object) -> str:
    """Return what a field should be, empty where it is that."""
    if field in _TEXTS and not (isinstance(value, str) and value.strip()):
        return "a text that is not empty"
    if field == "beside" and not isinstance(value, str):
        return "the name of an ability, or an empty text"
    if field in _LISTS and not is_names(value):
        return "a tuple of names"
    if field == "kinds" and not (value and {*value} <= {*ALL_KINDS}):  # type: ignore[misc]
        return f"some of {', '.join(ALL_KINDS)}"
    if field in _FLAGS and not isinstance(value, bool):
        return "True or False"
    if field in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        return "a whole number from 1 on"
    if field == "fits" and not _takes_one(value):
        return "a function of a dataset"
    return ""


def is_names(value: object) -> bool:
    """Return True for a tuple of texts that are not empty."""
    return isinstance(value, tuple) and all(isinstance(each, str) and each for each in value)


def _placeholders(name: str, title: str) -> list[str]:
    """Return the names that a title holds in braces."""
    try:
        return [field for _, field, _, _ in string.Formatter().parse(title) if field is not None]
    except ValueError as error:
        raise UsageError(f"reference row {name!r}: title {title!r} cannot be filled in: {error}") from error


def check_function(name: str, make: object, ability: object, inputs: object, makes: object) -> None:
    """Raise UsageError unless a row is a function of one `Ask` and states an ability with its fields."""
    if not _takes_one(make):
        raise UsageError(
            f"reference row {name!r}: {make!r} must be a function of one argument, an Ask, or a class made "
            "from one, a Start"
        )
    for field, value in (("ability", ability), ("makes", makes)):
        if not isinstance(value, str) or (field == "ability" and not value):
            raise UsageError(f"reference row {name!r}: {field} is {value!r}, expected a name")
    if not is_names(inputs):
        raise UsageError(f"reference row {name!r}: inputs is {inputs!r}, expected a tuple of names of fields")


def check_class(name: str, make: Any, stated: Collection[str]) -> None:
    """Check a row that is a class.

    Args:
        name: of the row.
        make: the class.
        stated: names of the arguments that it was registered with though only functions have them.

    Raises:
        UsageError: unless it is made from one `Start`, can be called with one `Ask`, and states its abilities
            itself.
    """
    if not _takes_one(make):
        raise UsageError(f"reference row {name!r}: {make.__name__} must be made from one argument, a Start")
    call = next((vars(each)["__call__"] for each in make.__mro__ if "__call__" in vars(each)), None)
    if call is None or not _takes_one(call, bound=True):
        raise UsageError(f"reference row {name!r}: {make.__name__} lacks a method __call__(self, ask)")
    if stated:
        raise UsageError(
            f"reference row {name!r}: {', '.join(stated)} of a class have no effect: its property abilities "
            "states them"
        )


def check_abilities(name: str, abilities: object) -> None:
    """Raise UsageError unless a maker's abilities are a mapping of names to `Ability`."""
    from gan_bench.variants.declarations import Ability

    entries = [*abilities.items()] if isinstance(abilities, Mapping) else []
    if not entries or not all(isinstance(key, str) and isinstance(of, Ability) for key, of in entries):
        raise UsageError(
            f"reference row {name!r}: its abilities are {abilities!r}, expected a mapping of names to Ability"
        )


def check_rows(name: str, made: object, expected: type, call: str) -> None:
    """Raise UsageError unless what a row made is of a type; `call` names the ability that was asked for."""
    if not isinstance(made, expected):
        raise UsageError(
            f"reference row {name!r}: {call} gave {type(made).__name__}, expected {expected.__name__}"
        )


def _takes_one(function: object, *, bound: bool = False) -> bool:
    """Return True for something that can be called with one argument (after `self` where it is a method)."""
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind(*[None] * (1 + bound))
    except TypeError:
        return False
    except ValueError:  # a function without a signature, written in another language
        return True
    return True
