"""The register of variants: a name, its paper, and the class that plays the game.

A name may also be a composition, ``nsgan+r1(gamma=0.3)``: a named variant with parts. Equal compositions have
one name, which is that of the named variant where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gan_bench.variants import composition
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game
from gan_bench.variants.entries import VARIANTS, UnknownVariant, Variant
from gan_bench.variants.lookup import info, names, objectives, parsed, profiles_of, version_of
from gan_bench.variants.objectives import Objective
from gan_bench.variants.two_player import TwoPlayer

__all__ = [
    "VARIANTS", "UnknownVariant", "Variant", "compose", "get", "info", "names", "objectives", "register",
]  # fmt: skip

Written = TypeVar("Written", bound=type[Game] | type[Objective])


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
        ValueError: if a name is taken already, and for a class that states no objective, or states it by the
            methods of earlier versions.
    """

    def add(written: Written) -> Written:
        _refuse_unstated(name, written)
        uses = composition.read(f"{name}+{parts}")[1] if parts else ()
        game = two_player(written) if issubclass(written, Objective) else written
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


def _refuse_unstated(name: str, written: type[Game] | type[Objective]) -> None:
    """Raise ValueError for a class without an objective, or with the methods of earlier versions."""
    if old := [method for method in composition.OLD_FORM if hasattr(written, method)]:
        raise ValueError(
            f"variant {name}: {written.__name__}.{old[0]} is the form of an earlier version: derive the "
            "class from gan_bench.variants.Objective and call its methods critic, real, fake and generator"
        )
    if issubclass(written, Objective):
        missing = written.missing()
        if missing:
            raise ValueError(
                f"variant {name}: the objective {written.__name__} lacks {' and '.join(missing)}"
            )
    elif issubclass(written, Adversarial) and not hasattr(written, "objective"):
        raise ValueError(
            f"variant {name}: {written.__name__} states no adversarial objective: add objective = NSGAN() or "
            "another, or derive the class from gan_bench.variants.Objective"
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
    base, uses, game = parsed(of, name, title)
    entry = Variant(
        name,
        game,
        paper,
        year,
        equation,
        aliases,
        version_of(base, uses),
        uses,
        base.origin,
        base.name,
        stem,
    )
    game.profiles = profiles_of(entry) | dict(profiles or {})
    _add(entry)


def _add(entry: Variant) -> None:
    VARIANTS.add(entry.name, entry, entry.written or entry.game, entry.aliases)


def get(name: str) -> type[Game]:
    """Return a variant's class, by name, alias or composition."""
    return info(name).game
