"""Commands from requests: the options of a command are the fields of its request, written once."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from gan_bench.bench.common.program import program
from gan_bench.bench.planning.options import BESIDE, DATA, PLUGIN, Text

Beside = Annotated[list[str], BESIDE]
Plugins = Annotated[list[Path], PLUGIN]
DataDirs = Annotated[list[Path], DATA]
"""For commands without a request."""
R = TypeVar("R")
COMMAND = "command"
"""The field of a request that holds the command line itself."""


def reads(request: Any) -> Callable[[Callable[[R], None]], Callable[..., None]]:
    """Return a decorator that turns a function of a request into a command with the request's options.

    Args:
        request: a dataclass. Each field but `command` is `Annotated` with a typer option or argument, and
            with a `Text` where it is read from a text; a tuple is a repeatable option.
    """
    hints = get_type_hints(request, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(request) if field.name != COMMAND}
    texts = {name: mark for name in fields for mark in hints[name].__metadata__ if isinstance(mark, Text)}

    def parameter(name: str) -> inspect.Parameter:
        kind, *marks = get_args(hints[name])
        default: Any = fields[name].default
        if name in texts:
            kind, default = str, texts[name].default
        elif get_origin(kind) is tuple:
            kind = list[get_args(kind)[0]]  # type: ignore[misc]
            default = default if default is dataclasses.MISSING else list(default)
        default = inspect.Parameter.empty if default is dataclasses.MISSING else default
        annotation = Annotated[kind, next(mark for mark in marks if not isinstance(mark, Text))]  # type: ignore[valid-type]
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    def value(name: str, given: Any) -> Any:
        if name in texts:
            return texts[name].read(given)
        return tuple(given) if isinstance(given, list) else given

    def decorate(function: Callable[[R], None]) -> Callable[..., None]:
        def command(**given: Any) -> None:
            more = {COMMAND: command_line()} if COMMAND in hints else {}
            function(request(**{name: value(name, given[name]) for name in fields}, **more))

        parameters = [parameter(name) for name in fields]
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        return command

    return decorate


def command_line() -> str:
    """Return the command that was given, without --fresh, to be shown and run again."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--fresh"]
    return shlex.join([*program().split(), *arguments])
