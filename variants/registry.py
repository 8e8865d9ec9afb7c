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
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game
from gan_bench.variants.hyperparameters import without
from gan_bench.variants.objectives import Objective
from gan_bench.variants.parts import CompositionError, Use
from gan_bench.variants.two_player import TwoPlayer

Written = TypeVar("Written", bound=type[Game] | type[Objective])


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

    def inherited(self, profile: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of a base's profile that this game has and its parts do not set."""
        fixed = composition.settled(u for u in self.uses if u not in _base(self.base).uses)
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
) -> Callable[[Written], Written]:
    """Register a game, or an objective that two players play, under ``name``.

    Args:
        name: lower-case, unique among names and aliases.
        paper: source of the objective, as ``arXiv:NNNN.NNNNN`` or a citation.
        year: year of that paper (on arXiv, if it is there).
        equation: the equations of the paper that the class implements.
        aliases: other names it is known by.
        version: raised whenever the variant's numbers may change.
        parts: the paper's parts beside the objective, as in ``sn`` (read after ``NAME+``).

    The class is a subclass of :class:`~gan_bench.variants.base.Game` or of
    :class:`~gan_bench.variants.objectives.Objective`, and is returned as it is.

    Raises:
        ValueError: if a name is taken already.
    """

    def add(written: Written) -> Written:
        uses = composition.read(f"{name}+{parts}")[1] if parts else ()
        game = two_player(written) if issubclass(written, Objective) else written
        _refuse_old_form(name, game)
        played = composition.make(game, uses, name, game.__doc__ or "") if uses else game
        entry = Variant(
            name, played, paper, year, equation, aliases, version, uses, plain=game, written=written
        )
        _add(entry)
        return written

    return add


def two_player(objective: type[Objective]) -> type[TwoPlayer]:
    """Return the two-player game of an objective, with its documentation and profiles."""
    body = {"objective": objective(), "profiles": objective.profiles}
    body |= {"__doc__": objective.__doc__, "__module__": objective.__module__}
    return type(objective.__name__, (TwoPlayer,), body)


def _refuse_old_form(name: str, game: type[Game]) -> None:
    """Raise ValueError for a game that states its objective by the methods of earlier versions."""
    if old := [method for method in composition.OLD_FORM if hasattr(game, method)]:
        raise ValueError(
            f"variant {name}: {game.__name__}.{old[0]} is the form of an earlier version: derive the class "
            "from gan_bench.variants.Objective and call its methods critic, real, fake and generator"
        )


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
        base.origin,
        base.name,
        stem,
    )
    game.profiles = _profiles(entry) | dict(profiles or {})
    _add(entry)


def _add(entry: Variant) -> None:
    VARIANTS.add(entry.name, entry, entry.written or entry.game, entry.aliases)


def _parse(text: str, name: str = "", title: str = "") -> tuple[Variant, tuple[Use, ...], type[Game]]:
    stem, given = composition.read(text)
    base = _base(stem)
    uses = composition.merged(base.uses, given)
    title = title or f"{base.title.rstrip('.')}; with {', '.join(u.part.title for u in given)}."
    root = _base(base.origin)
    return base, uses, composition.make(root.plain or root.game, uses, name or text, title)


def _version(base: Variant, uses: Iterable[Use]) -> int:
    new = (u.part.version - 1 for u in uses if u not in base.uses)
    return base.version + sum(new)


def _profiles(entry: Variant) -> dict[str, Mapping[str, Any]]:
    return {name: entry.inherited(p) for name, p in _base(entry.base).game.profiles.items()}


def _base(text: str) -> Variant:
    """Return the entry of a named variant, or of its game with the objective that its text chooses."""
    name, objective = composition.read_base(text)
    return VARIANTS.get(name) if objective is None else _with_objective(VARIANTS.get(name), objective, text)


def _with_objective(base: Variant, objective: str, where: str) -> Variant:
    """Return a variant's game with the objective, and the parts, of another.

    A two-player game with another objective is the variant of that objective.

    Raises:
        CompositionError: for a game without an objective, or a variant that is none.
    """
    other = info(objective)
    adversary, game = _objective_of(other), (base.plain or base.game)
    if not issubclass(game, Adversarial) or adversary is None:
        lacking = base.name if adversary is not None else other.name
        known = ", ".join(objectives())
        raise CompositionError(
            f"{where}: {lacking} has no objective on scores that games can exchange; objectives are {known}"
        )
    if base.written and issubclass(base.written, Objective):
        return other
    if type(game.objective) is type(adversary):
        return base
    root = other.origin
    name = f"{base.name}(objective={root})"
    if name not in _composed:
        title = f"{base.title.rstrip('.')}; with the objective of {root}."
        body = {"objective": adversary, "__doc__": title, "__module__": game.__module__}
        plain = type(game.__name__, (game,), body)
        uses = composition.merged(base.uses, _base(root).uses)
        played = composition.make(plain, uses, name, title) if uses else plain
        version = base.version + other.version - 1
        entry = Variant(
            name, played, base.paper, base.year, base.equation, (), version, uses, base=base.name, plain=plain
        )
        played.profiles = _profiles(entry)
        _composed[name] = entry
    found = _composed[name]
    extra = [u for u in other.uses if u not in found.uses]
    return _composition(composition.written(name, found.uses, extra)) if extra else found


def _objective_of(entry: Variant) -> Objective | None:
    """Return the objective of a two-player variant, None for another game."""
    root = VARIANTS.get(entry.origin)
    if root.written is None or not issubclass(root.written, Objective):
        return None
    return root.written()


def objectives() -> list[str]:
    """Return the names of the objectives that games can choose, by year of the paper."""
    written = {name: VARIANTS.get(name).written for name in names()}
    return [name for name, cls in written.items() if cls is not None and issubclass(cls, Objective)]


def _composition(text: str) -> Variant:
    """Return the entry of a composition under its own name, else under its canonical text."""
    if text in _composed:
        return _composed[text]
    written_base, uses, _ = _parse(text)
    family = [v for v in VARIANTS.entries() if v.origin == written_base.origin]
    for entry in family:
        if entry.uses == uses:
            return entry
    root = _base(written_base.origin)
    if root.uses == uses:
        return root
    fitting = [root, *(v for v in family if v.stem and all(u in uses for u in v.uses))]
    base = max(fitting, key=lambda v: sum(u in uses for u in v.uses))
    name = composition.written(base.name, base.uses, uses)
    if name not in _composed:
        _, _, game = _parse(name)
        entry = Variant(
            name, game, base.paper, base.year, base.equation, (), _version(base, uses), uses,
            base.origin, base.name,
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
    if name in VARIANTS:
        return VARIANTS.get(name)
    return _composition(name) if "+" in name else _base(name)


def get(name: str) -> type[Game]:
    """Return a variant's class, by name, alias or composition."""
    return info(name).game


def names() -> list[str]:
    """Return the names of all variants, by year of the paper."""
    return sorted(VARIANTS, key=lambda name: VARIANTS.get(name).year)
