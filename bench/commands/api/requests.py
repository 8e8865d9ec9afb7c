"""Requests from keyword arguments: the options of a function are the fields of its request."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from gan_bench.bench.commands.options import COMMAND
from gan_bench.bench.commands.refusals import refusal
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.common.startup import fix_workspaces, limit_threads
from gan_bench.bench.planning.options import Text


@contextlib.contextmanager
def as_usage_errors() -> Iterator[None]:
    """Within, what the command line refuses with a sentence raises UsageError with the same sentence."""
    limit_threads()
    fix_workspaces()
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        if not (sentence := refusal(error)):
            raise
        raise UsageError(sentence) from error


def request_of(kind: type, function: str, given: Mapping[str, Any]) -> Any:
    """Return the request of a call.

    Args:
        kind: the class of the request, as `bench.commands.options.reads` takes it.
        function: the name of the function, for messages and for the call that reports state.
        given: option -> value, under the name of the field or of the command's option (`set`, `plugin`).
            None stands for the default.

    Raises:
        UsageError: for an unknown option and for values that the command refuses.
    """
    hints, names = get_type_hints(kind, include_extras=True), options(kind)
    values: dict[str, Any] = {}
    for option, value in given.items():
        check_name("option", option, names, function)
        if value is not None:
            values[names[option]] = _value(f"{function}: {option}", hints[names[option]], value)
    more = {COMMAND: call(function, given)} if COMMAND in hints else {}
    return kind(**values, **more)


def options(kind: type) -> dict[str, str]:
    """Return the names of all options, those of the fields and those of the command line, -> the field."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [field.name for field in dataclasses.fields(kind) if field.name != COMMAND]
    names = {name: name for name in fields}
    for field in fields:
        option = _declared(hints[field])
        # In an `Annotated`, typer reads the first argument of an option as its name, not as its default.
        for declaration in (option.default, *(option.param_decls or ())):
            if isinstance(declaration, str) and declaration.startswith("--"):
                names.setdefault(declaration.lstrip("-").replace("-", "_"), field)
    return names


def signature(kind: type, function: Any) -> inspect.Signature:
    """Return the signature of a function with the other fields of a request in place of `**options`."""
    own, types = inspect.signature(function), get_type_hints(kind)
    *first, last = own.parameters.values()
    assert last.kind is inspect.Parameter.VAR_KEYWORD
    present = {parameter.name for parameter in first}
    others = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=types[field.name]
        )
        for field in dataclasses.fields(kind)
        if field.name not in (*present, COMMAND)
    ]
    return own.replace(parameters=[*first, *others])


def several(given: str | Path | Iterable[Any]) -> list[Any]:
    """Return what was given as a list, also where it is one text or path."""
    return [given] if isinstance(given, str | Path) else list(given)


def call(function: str, given: Mapping[str, Any]) -> str:
    """Return a call as Python, without `fresh`, to be shown and made again."""
    shown = {n: v for n, v in given.items() if v is not None and n != "fresh"}
    return f"{function}({', '.join(f'{name}={_plain(value)!r}' for name, value in shown.items())})"


def _plain(value: Any) -> Any:
    """Return a value whose `repr` can be read back: paths as texts."""
    if isinstance(value, Path):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _declared(hint: Any) -> Any:
    """Return the typer option or argument of a field."""
    return next((mark for mark in hint.__metadata__ if not isinstance(mark, Text)), None)


def _value(place: str, hint: Any, value: Any) -> Any:
    """Return the value of a field: a text is read as the command reads it, any other must fit the type."""
    kind, *_ = get_args(hint)
    text = next((mark for mark in hint.__metadata__ if isinstance(mark, Text)), None)
    if text is not None and not isinstance(value, kind if isinstance(kind, type) else ()):
        return text.read(_text(value))
    if isinstance(value, Path) and kind in (str, str | None):
        value = str(value)
    if isinstance(value, Mapping):
        value = [f"{name}={item}" for name, item in value.items()]
    if str(kind).startswith("tuple") and (isinstance(value, str | Path) or not isinstance(value, Iterable)):
        value = [value]
    try:
        found = TypeAdapter(kind).validate_python(list(value) if isinstance(value, tuple) else value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        given = " ".join(reprlib.repr(value).split())  # an array has many lines
        raise UsageError(f"{place}={given}: {reason[:1].lower()}{reason[1:]}") from None
    least = getattr(_declared(hint), "min", None)
    if least is not None and found is not None and found < least:
        raise UsageError(f"{place}={value!r}: expected at least {least}")
    return found


def _text(value: Any) -> str:
    """Return a value as the command line writes it: several, separated by commas; one of a list too."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        texts = list(map(str, value))
        return ",".join(texts) + ("," if len(texts) == 1 else "")
    return str(value)
