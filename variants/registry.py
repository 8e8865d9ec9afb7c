"""The register of variants: a name, its paper, and the class that plays the game.

A name may also be a composition, ``nsgan+r1(gamma=0.3)``: a named variant with parts. Equal compositions have
one name, which is that of the named variant where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gan_bench.errors import UnknownEntry
from gan_bench.names import Registry
from gan_bench.variants import composition, order
from gan_bench.variants.base import Game
from gan_bench.variants.hyperparameters import without
from gan_bench.variants.parts import Use

GameClass = TypeVar("GameClass", bound=type[Game])


class UnknownVariant(UnknownEntry, LookupError):
    """No variant has this name; the message gives the nearest that exists."""


@dataclass(frozen=True)
class Variant:
    """One entry of the register.

    ``version`` is part of every training key: raise it whenever the numbers a variant gives may change.

    Attributes:
        uses: the parts that it is made of.
        root: the variant whose class states the objective; empty for that variant itself.
        base: the variant whose profiles it inherits, except for hyperparameters that its parts set.
        stem: whether longer compositions are named after it.
        plain: the class as it was written, before its parts.
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

    @property
    def title(self) -> str:
        """Return the first line of the class's docstring."""
        return (self.game.__doc__ or self.name).strip().splitlines()[0]

    @property
    def objective(self) -> str:
        """Return the name of the variant whose class states the objective."""
        return self.root or self.name

    @property
    def parts(self) -> str:
        """Return the objective's name and the parts, as a composition is written; empty without parts."""
        return "+".join([self.objective, *(u.text for u in self.uses)]) if self.uses else ""

    def inherited(self, profile: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of a base's profile that this game has and its parts do not set."""
        fixed = composition.settled(u for u in self.uses if u not in VARIANTS.get(self.base).uses)
        declared = self.game.hyperparameters
        return without(declared, {n: v for n, v in profile.items() if n in declared}, fixed)

    def named(self, argument: str) -> list[str]:
        """Return the hyperparameters that a short name stands for: `gamma` for `r1_gamma` of the part r1."""
        if argument in self.game.hyperparameters:
            return [argument]
        arguments = (u.part.arguments for u in self.uses)
        return list(dict.fromkeys(a[argument] for a in arguments if argument in a)) or [argument]


VARIANTS: Registry[Variant] = Registry(
    "variant", refused=ValueError, unknown=UnknownVariant, order=order.VARIANTS
)
_composed: dict[str, Variant] = {}
"""Compositions that have no name of their own, by their canonical text."""


def register(
    name: str,
    *,
    paper: str,
    year: int,
    equation: str = "",
    aliases: tuple[str, ...] = (),
    version: int = 1,
    parts: str = "",
) -> Callable[[GameClass], GameClass]:
    """Register a :class:`~gan_bench.variants.base.Game` subclass under ``name``.

    Args:
        name: lower-case, unique among names and aliases.
        paper: source of the objective, as ``arXiv:NNNN.NNNNN`` or a citation.
        year: year of that paper (on arXiv, if it is there).
        equation: the equations of the paper that the class implements.
        aliases: other names it is known by.
        version: raised whenever the variant's numbers may change.
        parts: the paper's parts beside the objective, as in ``sn`` (read after ``NAME+``).

    Raises:
        ValueError: if a name is taken already.
    """

    def add(game: GameClass) -> GameClass:
        uses = composition.read(f"{name}+{parts}")[1] if parts else ()
        played = composition.make(game, uses, name, game.__doc__ or "") if uses else game
        _add(Variant(name, played, paper, year, equation, aliases, version, uses, plain=game))
        return game

    return add


def compose(
    name: str,
    of: str,
    title: str,
    *,
    paper: str,
    year: int,
    equation: str = "",
    aliases: tuple[str, ...] = (),
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    stem: bool = False,
) -> None:
    """Register a composition under a name of its own.

    Args:
        name, paper, year, equation, aliases: as for :func:`register`.
        of: the composition.
        title: one line, as the docstring of a variant's class.
        profiles: its own profiles; others are those of the variant that it is a composition of.
        stem: whether longer compositions are named after it, and so inherit its profiles.

    Raises:
        ValueError: if a name is taken already.
    """
    base, uses, game = _parse(of, name, title)
    entry = Variant(
        name,
        game,
        paper,
        year,
        equation,
        aliases,
        _version(base, uses),
        uses,
        base.objective,
        base.name,
        stem,
    )
    game.profiles = _profiles(entry) | dict(profiles or {})
    _add(entry)


def _add(entry: Variant) -> None:
    VARIANTS.add(entry.name, entry, entry.plain or entry.game, entry.aliases)


def _parse(text: str, name: str = "", title: str = "") -> tuple[Variant, tuple[Use, ...], type[Game]]:
    base_name, given = composition.read(text)
    base = info(base_name)
    uses = composition.merged(base.uses, given)
    title = title or f"{base.title.rstrip('.')}; with {', '.join(u.part.title for u in given)}."
    root = VARIANTS.get(base.objective)
    return base, uses, composition.make(root.plain or root.game, uses, name or text, title)


def _version(base: Variant, uses: Iterable[Use]) -> int:
    new = (u.part.version - 1 for u in uses if u not in base.uses)
    return base.version + sum(new)


def _profiles(entry: Variant) -> dict[str, Mapping[str, Any]]:
    return {name: entry.inherited(p) for name, p in VARIANTS.get(entry.base).game.profiles.items()}


def _composition(text: str) -> Variant:
    """Return the entry of a composition under its own name, else under its canonical text."""
    if text in _composed:
        return _composed[text]
    written_base, uses, _ = _parse(text)
    family = [v for v in VARIANTS.entries() if v.objective == written_base.objective]
    for entry in family:
        if entry.uses == uses:
            return entry
    root = VARIANTS.get(written_base.objective)
    fitting = [root, *(v for v in family if v.stem and all(u in uses for u in v.uses))]
    base = max(fitting, key=lambda v: sum(u in uses for u in v.uses))
    name = composition.written(base.name, base.uses, uses)
    if name not in _composed:
        _, _, game = _parse(name)
        entry = Variant(
            name, game, base.paper, base.year, base.equation, (), _version(base, uses), uses,
            base.objective, base.name,
        )  # fmt: skip
        game.profiles = _profiles(entry)
        _composed[name] = entry
    return _composed[name]


def info(name: str) -> Variant:
    """Return the entry of a variant, by name, alias or composition.

    Raises:
        UnknownVariant: with the nearest names.
        CompositionError: for unknown parts, or parts that this variant cannot take.
    """
    return _composition(name) if "+" in name and name not in VARIANTS else VARIANTS.get(name)


def get(name: str) -> type[Game]:
    """Return a variant's class, by name, alias or composition."""
    return info(name).game


def names() -> list[str]:
    """Return the names of all variants, by year of the paper."""
    return sorted(VARIANTS, key=lambda name: VARIANTS.get(name).year)
