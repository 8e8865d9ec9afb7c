"""Compositions: `nsgan+r1(gamma=0.3)+pac(2)` read, written in one way, and made into a game."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gan_bench.variants.base import Game
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError, number
from gan_bench.variants.parts import PARTS, CompositionError, Use, use

_OUTSIDE = r"(?![^()]*\))"
"""Not inside parentheses (which do not nest)."""


def read(text: str) -> tuple[str, tuple[Use, ...]]:
    """Split a composition into the name of its base and its parts as given.

    Raises:
        CompositionError: for a text that is not of the form ``BASE+PART(ARGUMENT=VALUE, ...)+...``.
    """
    base, *rest = (word.strip() for word in re.split(r"\+" + _OUTSIDE, text))
    uses: dict[str, Use] = {}
    for word in rest:
        match = re.fullmatch(r"([\w-]+)\s*(?:\(([^()]*)\))?", word)
        if not match or not base:
            raise CompositionError(f"{text}: expected BASE+PART(ARGUMENT=VALUE, ...)+... at {word!r}")
        name, arguments = match[1], match[2] or ""
        if name in uses:
            raise CompositionError(f"{text}: {name} is given twice")
        uses[name] = use(name, dict(map(_argument, filter(str.strip, arguments.split(",")))), text)
    return base, tuple(uses.values())


OLD_FORM = ("critic_objective", "real_objective", "fake_objective", "generator_objective")
"""Methods by which games stated their objective before objectives were values."""


def read_base(text: str) -> tuple[str, str | None]:
    """Split the base of a composition into its name and the objective that it chooses, if any.

    Raises:
        CompositionError: for another argument than ``objective``, or a base of another form.
    """
    match = re.fullmatch(r"([^()]*?)\s*(?:\(([^()]*)\))?", text.strip())
    if not match:
        raise CompositionError(f"{text}: expected NAME or NAME(objective=VARIANT)")
    if match[2] is None:
        return match[1], None
    argument, value = _argument(match[2])
    if argument not in ("", "objective") or not isinstance(value, str) or not value or "," in value:
        raise CompositionError(
            f"{text}: a variant takes one argument, its adversarial objective: {match[1]}(objective=VARIANT)"
        )
    return match[1], value


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    return (name.strip(), _value(value.strip())) if equals else ("", _value(name.strip()))


def _value(text: str) -> Any:
    return text == "true" if text in ("true", "false") else number(text)


def merged(inherited: Iterable[Use], given: Iterable[Use]) -> tuple[Use, ...]:
    """Return the given parts and those of a named variant that they do not replace, in the order of parts."""
    given = list(given)
    replaced = {name for u in given for name in (u.part.name, *u.part.replaces)}
    both = [*(u for u in inherited if u.part.name not in replaced), *given]
    order = PARTS.names()
    return tuple(sorted(both, key=lambda u: order.index(u.part.name)))


def written(stem: str, inherited: Sequence[Use], uses: Sequence[Use]) -> str:
    """Return the canonical text of a composition after a named variant that has the parts ``inherited``."""
    replaced = {name for u in uses for name in u.part.replaces}
    new = [u for u in uses if u not in inherited or u.part.name in replaced]
    return "+".join([stem, *(u.text for u in new)])


def settled(uses: Iterable[Use]) -> dict[str, Any]:
    """Return the defaults that parts set, by hyperparameter."""
    return {name: value for u in uses for name, value in u.settings.items()}


def make(objective: type[Game], uses: Sequence[Use], name: str, title: str) -> type[Game]:
    """Return the class of a game: the objective with its parts.

    Raises:
        CompositionError: for a part that this kind of game cannot take, or an impossible value.
    """
    for u in uses:
        if not issubclass(objective, u.part.requires):
            raise CompositionError(
                f"{name}: {u.part.name} is for games of {u.part.requires.__name__}, "
                f"and {objective.__name__} is none"
            )
    table: dict[str, Hyperparameter] = dict(objective.hyperparameters)
    for u in uses:
        if taken := set(u.part.declared) & set(objective.hyperparameters):
            raise CompositionError(f"{name}: {u.part.name} is in {objective.__name__} already ({taken})")
        table |= u.part.declared
    for hyperparameter, value in settled(uses).items():
        if hyperparameter not in table:
            raise CompositionError(f"{name}: {objective.__name__} has no {hyperparameter} to set")
        try:
            table[hyperparameter] = replace(
                table[hyperparameter], default=table[hyperparameter].check(hyperparameter, value)
            )
        except HyperparameterError as error:
            raise CompositionError(f"{name}: {error}") from error
    mixins = dict.fromkeys(u.part.mixin for u in reversed(uses) if u.part.mixin)
    penalties = tuple(penalty for u in uses if (penalty := u.penalty))
    body: dict[str, Any] = {"__doc__": title, "__module__": objective.__module__, "hyperparameters": table}
    if penalties:
        body["penalties"] = (*getattr(objective, "penalties", ()), *penalties)
    return type(name, (*mixins, objective), body)
