"""Parts of compositions, which `+NAME(ARGUMENT=VALUE, ...)` adds to an objective.

A part is a gradient penalty, a class that is mixed in, or other defaults for hyperparameters of the game.
``variants/generation/parts.py`` declares those of two-player games.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gan_bench.errors import UserError
from gan_bench.names import Registry
from gan_bench.variants import order
from gan_bench.variants.base import Game
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.penalties import GradientPenalty


class CompositionError(UserError, LookupError):
    """A composition that cannot be read or made; the message says what would be valid."""


@dataclass(frozen=True)
class Part:
    """A penalty, mixin or set of defaults that compositions add.

    Attributes:
        name: as it is written after the plus.
        title: what it does, with its source.
        requires: the base class of games that can take it.
        arguments: argument -> the hyperparameter whose default it sets.
        fields: arguments that are attributes of the penalty instead.
        hyperparameters: those that it declares itself.
        defaults: other defaults for hyperparameters of the game.
        penalty: a gradient penalty.
        mixin: a class that goes before the game's.
        bare: whether its first argument is written without a name, as in ``pac(2)``.
        replaces: parts that this one takes the place of in a named variant.
        version: raised whenever the numbers it gives may change.
    """

    name: str
    title: str
    requires: type[Game] = Game
    arguments: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    penalty: GradientPenalty | None = None
    mixin: type[Game] | None = None
    bare: bool = False
    replaces: tuple[str, ...] = ()
    version: int = 1

    @property
    def declared(self) -> dict[str, Hyperparameter]:
        """Return the hyperparameters that games have only with this part."""
        return {**(self.penalty.hyperparameters() if self.penalty else {}), **self.hyperparameters}

    def default(self, argument: str) -> Any:
        """Return the value of an argument that is not given, ``None`` for the game's own default."""
        if argument in self.fields:
            return getattr(self.penalty, argument)
        name = self.arguments[argument]
        return self.defaults.get(name, self.declared[name].default if name in self.declared else None)


@dataclass(frozen=True)
class Use:
    """A part with the arguments that differ from its defaults, sorted by name."""

    part: Part
    given: tuple[tuple[str, Any], ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Return the defaults that this use sets, by hyperparameter."""
        named = {self.part.arguments[a]: value for a, value in self.given if a in self.part.arguments}
        return {**self.part.defaults, **named}

    @property
    def penalty(self) -> GradientPenalty | None:
        """Return the penalty with its fields as given, ``None`` if the part has none."""
        fields: dict[str, Any] = {a: float(value) for a, value in self.given if a in self.part.fields}
        return replace(self.part.penalty, **fields) if self.part.penalty else None

    @property
    def text(self) -> str:
        """Return the canonical text: ``r1(gamma=0.3)``, ``pac(2)``."""
        given = dict(self.given)
        words = []
        if self.part.bare:
            first = next(iter(self.part.arguments))
            words.append(_word(given.pop(first, self.part.default(first))))
        words += [f"{argument}={_word(value)}" for argument, value in given.items()]
        return f"{self.part.name}({', '.join(words)})" if words else self.part.name


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


PARTS: Registry[Part] = Registry("part", refused=ValueError, unknown=CompositionError, order=order.PARTS)


def register_part(name: str, title: str, **attributes: Any) -> None:
    """Register a :class:`Part`.

    Raises:
        ValueError: if the name is taken.
    """
    part = Part(name, title, **attributes)
    PARTS.add(name, part, part.mixin)


def part_mixin(name: str, title: str, **attributes: Any) -> Callable[[type], type]:
    """Register a class as the mixin of a part."""

    def add(mixin: type) -> type:
        register_part(name, title, mixin=mixin, **attributes)
        return mixin

    return add


def parts() -> dict[str, Part]:
    """Return all parts by name, in the order in which compositions name them."""
    return {name: PARTS.get(name) for name in PARTS}


def use(name: str, arguments: Mapping[str, Any], where: str) -> Use:
    """Return a part with arguments; the first may be called ``""``.

    Raises:
        CompositionError: for an unknown part or argument, with the nearest.
    """
    part = PARTS.get(name, where)
    known = [*part.arguments, *part.fields]
    given: dict[str, Any] = {}
    for argument, value in arguments.items():
        argument = argument or next(iter(known), "")
        if argument not in known or argument in given:
            takes = f"it takes {', '.join(known)}, each once" if known else "it takes none"
            raise CompositionError(f"{where}: {name} has no argument {argument!r} here; {takes}")
        if argument in part.fields and (isinstance(value, str | bool) or not 0 <= value < float("inf")):
            raise CompositionError(f"{where}: {name}({argument}={value}): a number of at least 0 expected")
        if value != part.default(argument):
            given[argument] = value
    return Use(part, tuple(sorted(given.items())))
