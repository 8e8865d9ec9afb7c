"""Variants by name, alias or composition: equal compositions are one entry, with one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gan_bench.variants import composition
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game
from gan_bench.variants.entries import VARIANTS, Variant
from gan_bench.variants.hyperparameters import without
from gan_bench.variants.parts import CompositionError, Use

_composed: dict[str, Variant] = {}
"""Compositions that have no name of their own, by their canonical text."""


def info(name: str, where: str = "") -> Variant:
    """Return the entry of a variant, by name, alias or composition.

    Args:
        name: the text.
        where: the start of messages: the text that names it.

    Raises:
        UnknownVariant: with the nearest names.
        CompositionError: for unknown parts, or parts that this variant cannot take.
    """
    if name in VARIANTS:
        return VARIANTS.get(name)
    return _composition(name) if "+" in name else _base(name, where)


def names() -> list[str]:
    """Return the names of all variants, by year of the paper."""
    return sorted(VARIANTS, key=lambda name: VARIANTS.get(name).year)


def objectives() -> list[str]:
    """Return the names of the objectives that games can choose, by year of the paper."""
    return [name for name in names() if VARIANTS.get(name).own_objective is not None]


def parsed(text: str, name: str = "", title: str = "") -> tuple[Variant, tuple[Use, ...], type[Game]]:
    """Return the base of a composition, all its parts, and its class, of this name and title."""
    stem, given = composition.read(text)
    base = _base(stem)
    uses = composition.merged(base.uses, given)
    title = title or f"{base.title.rstrip('.')}; with {', '.join(u.part.title for u in given)}."
    root = _base(base.origin)
    return base, uses, composition.make(root.plain or root.game, uses, name or text, title)


def version_of(base: Variant, uses: Iterable[Use]) -> int:
    """Return the version of a composition: that of its base, raised by those of its new parts."""
    new = (u.part.version - 1 for u in uses if u not in base.uses)
    return base.version + sum(new)


def profiles_of(entry: Variant) -> dict[str, Mapping[str, Any]]:
    """Return the profiles that an entry inherits from its base."""
    return {name: inherited(entry, p) for name, p in _base(entry.base).game.profiles.items()}


def inherited(entry: Variant, profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of its base's profile that an entry's game has and its parts do not set."""
    fixed = composition.settled(u for u in entry.uses if u not in _base(entry.base).uses)
    declared = entry.game.hyperparameters
    return without(declared, {n: v for n, v in profile.items() if n in declared}, fixed)


def _base(text: str, where: str = "") -> Variant:
    """Return the entry of a named variant, or of its game with the objective that its text chooses."""
    name, objective = composition.read_base(text)
    if objective is None:
        return VARIANTS.get(name, where)
    return _with_objective(VARIANTS.get(name, text), objective, text)


def _with_objective(base: Variant, objective: str, where: str) -> Variant:
    """Return a variant's game with the objective, and the parts, of another.

    A two-player game with another objective is the variant of that objective. A composition keeps the parts
    that it adds: `r1gan(objective=lsgan)` is `lsgan+r1`.

    Raises:
        CompositionError: for a game without an objective, or a variant that is none.
    """
    if base.root:
        chosen = _with_objective(root := VARIANTS.get(base.root), objective, where)
        return info("+".join([chosen.name, *(u.text for u in base.uses if u not in root.uses)]))
    other = info(objective, where)
    adversary, game = VARIANTS.get(other.origin).own_objective, base.plain or base.game
    if not issubclass(game, Adversarial) or adversary is None:
        lacking = base.name if adversary is not None else other.name
        known = ", ".join(objectives())
        raise CompositionError(
            f"{where}: {lacking} has no objective on scores that games can exchange; objectives are {known}"
        )
    if base.own_objective is not None:
        return other
    origin = other.origin
    if type(game.objective) is type(adversary):  # the parts of both, less those of the objective itself
        return _with(base, (u for u in other.uses if u not in _base(origin).uses))
    name = f"{base.name}(objective={origin})"
    if name not in _composed:
        title = f"{base.title.rstrip('.')}; with the objective of {origin}."
        body = {"objective": adversary, "__doc__": title, "__module__": game.__module__}
        plain: type[Game] = type(game.__name__, (game,), body)
        uses = composition.merged(base.uses, _base(origin).uses)
        played = composition.make(plain, uses, name, title) if uses else plain
        version = base.version + _base(origin).version - 1
        entry = Variant(
            name, played, base.paper, base.year, base.equation, (), version, uses, base=base.name, plain=plain
        )
        played.profiles = profiles_of(entry)
        _composed[name] = entry
    return _with(_composed[name], other.uses)


def _with(entry: Variant, uses: Iterable[Use]) -> Variant:
    """Return an entry with further parts."""
    extra = [u for u in uses if u not in entry.uses]
    return _composition(composition.written(entry.name, entry.uses, extra)) if extra else entry


def _composition(text: str) -> Variant:
    """Return the entry of a composition under its own name, else under its canonical text."""
    if text in _composed:
        return _composed[text]
    written_base, uses, _ = parsed(text)
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
        _, _, game = parsed(name)
        entry = Variant(
            name, game, base.paper, base.year, base.equation, (), version_of(base, uses), uses,
            base.origin, base.name,
        )  # fmt: skip
        game.profiles = profiles_of(entry)
        _composed[name] = entry
    return _composed[name]
