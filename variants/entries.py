"""Entries of the register of variants."""

from __future__ import annotations

from dataclasses import dataclass

from gan_bench.errors import UnknownEntry
from gan_bench.names import Registry
from gan_bench.variants import order
from gan_bench.variants.base import Game
from gan_bench.variants.objectives import Objective
from gan_bench.variants.parts import Use


class UnknownVariant(UnknownEntry, LookupError):
    """No variant has this name; the message gives the nearest that exists."""


@dataclass(frozen=True)
class Variant:
    """One entry of the register.

    ``version`` is part of every training key: raise it whenever the numbers a variant gives may change.

    Attributes:
        uses: the parts that it is made of.
        root: the variant whose class is played, with other parts; empty for that variant itself.
        base: the variant whose profiles it inherits, except for hyperparameters that its parts set.
        stem: whether longer compositions are named after it.
        plain: the game without parts.
        written: the class that its module defines: a game, or an objective, which two players play.
    """

    name: str
    game: type[Game]
    paper: str
    year: int
    equation: str = ""
    aliases: tuple[str, ...] = ()
    version: int = 1
    uses: tuple[Use, ...] = ()
    root: str = ""
    base: str = ""
    stem: bool = True
    plain: type[Game] | None = None
    written: type[Game] | type[Objective] | None = None

    @property
    def title(self) -> str:
        """Return the first line of the class's docstring."""
        return (self.game.__doc__ or self.name).strip().splitlines()[0]

    @property
    def origin(self) -> str:
        """Return the name of the variant whose class is played, without parts."""
        return self.root or self.name

    @property
    def parts(self) -> str:
        """Return the origin and the parts, as a composition is written; empty without parts."""
        return "+".join([self.origin, *(u.text for u in self.uses)]) if self.uses else ""

    @property
    def own_objective(self) -> Objective | None:
        """Return the objective of which this is the two-player game, None for another game."""
        return self.written() if self.written and issubclass(self.written, Objective) else None

    def named(self, argument: str) -> list[str]:
        """Return the hyperparameters that a short name stands for: `gamma` for `r1_gamma` of the part r1."""
        if argument in self.game.hyperparameters:
            return [argument]
        arguments = (u.part.arguments for u in self.uses)
        return list(dict.fromkeys(a[argument] for a in arguments if argument in a)) or [argument]


VARIANTS: Registry[Variant] = Registry(
    "variant", refused=ValueError, unknown=UnknownVariant, order=order.VARIANTS
)
