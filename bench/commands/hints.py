"""Hints at the end of usage errors: what was probably meant, where the command line shows it."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand

from gan_bench.bench.common.program import program
from gan_bench.names import nearest

UsageError = typer.BadParameter.__base__
"""The parser's error for a wrong command line; typer has it from click, or from its own copy."""
MEANT = {
    "loss": "variant",
    "model": "variant",
    "data": "dataset",
    "image": "dataset",
    "architecture": "network",
}
"""Other words for the kinds of things."""


class Command(TyperCommand):
    """A command whose usage errors end with a hint."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the rest of the arguments, as the parser does; its errors get a hint."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:  # type: ignore[misc]
            said: str = error.message.removeprefix("Value error, ").rstrip(".")
            missing = getattr(error, "param", None)
            more = hint(self, given, said, missing.name if missing else "")
            error.message = ". ".join(filter(None, (said, more)))
            raise


def hint(command: Any, arguments: list[str], said: str, parameter: str = "") -> str:
    """Return what was probably meant, as a sentence; empty where nothing is probable.

    Args:
        command: the command, with its `params`.
        arguments: the words after its name.
        said: the parser's message.
        parameter: name of the parameter that the message is about.
    """
    if "unexpected extra" in said:
        return _joined(command, arguments)
    if parameter == "suite" and not said:  # missing
        first = arguments[0] if arguments and not arguments[0].startswith("-") else "mnist"
        return f"For instance --suite {first}; `{program()} list suites` lists them."
    wrong, _, choices = said.partition(" is not one of ")
    if near := nearest(MEANT.get(wrong.strip("'"), wrong.strip("'")), re.findall("'([^']+)'", choices)):
        return f"Did you mean {near!r}?"
    return ""


def _joined(command: Any, arguments: list[str]) -> str:
    """Return a hint for an option that is followed by several words."""
    options = {name: each for each in command.params for name in each.opts if name.startswith("-")}
    for place, word in enumerate(arguments):
        option = options.get(word)
        if option is None or getattr(option, "is_flag", False):
            continue
        values = []
        for value in arguments[place + 1 :]:
            if value.startswith("-"):
                break
            values.append(value)
        if len(values) < 2:
            continue
        if (option.metavar or "").endswith("=VALUE") and len(values) == 2 and "=" not in "".join(values):
            return f"Did you mean {word} {'='.join(values)}?"
        if option.multiple:
            return f"Did you mean {' '.join(f'{word} {value}' for value in values)}?"
        return f"Did you mean {word} {','.join(value.strip(',') for value in values)}?"
    return ""
