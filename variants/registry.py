"""The register of variants: a name, its paper, and the class that plays the game."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from variants.base import Game

GameClass = TypeVar("GameClass", bound=type[Game])


class UnknownVariant(LookupError):
    """A name that no variant carries; the message holds the nearest ones."""


@dataclass(frozen=True)
class Variant:
    """What the register knows of one variant.

    ``version`` is part of every training key: raise it whenever the numbers a variant gives may change.
    """

    name: str
    game: type[Game]
    paper: str
    year: int
    equation: str = ""
    aliases: tuple[str, ...] = ()
    version: int = 1

    @property
    def title(self) -> str:
        """The first line of the class's docstring."""
        return (self.game.__doc__ or self.name).strip().splitlines()[0]


_variants: dict[str, Variant] = {}
_aliases: dict[str, str] = {}


def register(
    name: str, *, paper: str, year: int, equation: str = "", aliases: tuple[str, ...] = (), version: int = 1
) -> Callable[[GameClass], GameClass]:
    """Register a :class:`~variants.base.Game` subclass under ``name``.

    Args:
        name: lower-case, unique among names and aliases.
        paper: where the objective comes from, as ``arXiv:NNNN.NNNNN`` or a citation.
        year: of that paper.
        equation: the equations of the paper that the class implements.
        aliases: other names it is known by.
        version: raised whenever the variant's numbers may change.

    Raises:
        ValueError: if a name is taken already.
    """

    def add(game: GameClass) -> GameClass:
        for key in (name, *aliases):
            if key in _variants or key in _aliases:
                raise ValueError(f"variant {key!r} is registered already")
        _variants[name] = Variant(name, game, paper, year, equation, aliases, version)
        _aliases.update(dict.fromkeys(aliases, name))
        return game

    return add


def info(name: str) -> Variant:
    """Return the entry of a variant, by name or alias.

    Raises:
        UnknownVariant: with the nearest names.
    """
    key = _aliases.get(name, name)
    if key not in _variants:
        near = difflib.get_close_matches(name, [*_variants, *_aliases], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(names())}"
        raise UnknownVariant(f"unknown variant {name!r}; {hint}")
    return _variants[key]


def get(name: str) -> type[Game]:
    """Return a variant's class, by name or alias."""
    return info(name).game


def names() -> list[str]:
    """Names of all variants, by year of the paper."""
    return sorted(_variants, key=lambda name: _variants[name].year)
