"""Losses of players, in the words of the docstrings of objectives and games."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game, Player
from gan_bench.variants.objectives import Objective
from gan_bench.variants.penalties import GradientPenalty

POINTS = {
    "interpolates": "between real and generated samples",
    "perturbed": "around real samples",
    "real": "at real samples",
    "fake": "at generated samples",
}
"""Words for the points of a penalty."""


class Minimised(NamedTuple):
    """The loss of a player, in words.

    Attributes:
        first: the adversarial objective, or the loss of a player that has none.
        plus: further terms.
        whole: losses that a part or the game makes of the above, the last first.
    """

    first: str
    plus: list[str]
    whole: list[str]


def statement(function: Callable[..., Any]) -> str:
    """Return what a function returns, as its docstring says; its place where it has none."""
    text = inspect.getdoc(function)
    if not text:
        code = inspect.unwrap(function).__code__
        where = f"{Path(code.co_filename).name}, line {code.co_firstlineno}"
        return f"{function.__qualname__} ({where}), which has no docstring"
    words = " ".join(text.partition("\n\n")[0].split()).replace("`", "")
    return re.sub(r"^Return (also )?", "", words).removesuffix(".")


def formula(text: str) -> str:
    """Return a statement up to its first comma or semicolon outside of parentheses."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter in ",;" and depth == 0:
            return text[:place]
    return text


def minimised(game: Game, player: Player) -> Minimised:
    """Return what a player minimises: formulas in words, from the docstrings of objective and game."""
    if not isinstance(game, Adversarial) or player.name not in ("critic", "generator"):
        return Minimised(statement(getattr(player.loss, "func", player.loss)), [], [])
    if player.name == "critic":
        first = critic_objective(game.objective)
        terms = [penalty_text(penalty) for penalty in game.penalties]
    else:
        first = generator_objective(game.objective, exchanged=game.exchanges)
        if "adversarial_weight" in game.hyperparameters:
            first = f"adversarial_weight times {first}"
        terms = _overridden(game.objective, Objective, "generator_terms")
    if len(game.critics) > 1:
        first = f"for each of {', '.join(critic.role for critic in game.critics)}: {first}"
    terms += _overridden(game, Adversarial, f"{player.name}_terms")
    return Minimised(first, terms, _overridden(game, Adversarial, f"{player.name}_loss"))


def critic_objective(objective: Objective) -> str:
    """Return what critics minimise under an objective, from the docstrings of its methods."""
    for method in ("critic_step", "critic"):
        if stated := _overridden(objective, Objective, method):
            return stated[0]
    return total(statement(objective.real), statement(objective.fake))


def generator_objective(objective: Objective, *, exchanged: bool = False) -> str:
    """Return what generators minimise under an objective.

    Args:
        objective: the objective.
        exchanged: for players that make both what critics judge as real and as generated.
    """
    if exchanged:
        if stated := _overridden(objective, Objective, "exchanged"):
            return stated[0]
        if not objective.compares:
            mirrored = formula(statement(objective.fake))
            return f"{formula(statement(objective.generator))}, plus {mirrored} with x in the place of G(z)"
    stated = _overridden(objective, Objective, "deceive")
    return stated[0] if stated else statement(objective.generator)


def penalty_text(penalty: GradientPenalty) -> str:
    """Return the term of a gradient penalty, with its weight: ``0.5 r1_gamma E ||grad D||^2 at ...``."""
    weight = penalty.weight if penalty.scale == 1.0 else f"{penalty.scale:g} {penalty.weight}"
    slope = "||grad D||" if penalty.target == 0.0 else f"(||grad D|| - {penalty.target:g})"
    return f"{weight} E {slope}^{penalty.power:g} {POINTS[penalty.points]}"


def total(first: str, second: str) -> str:
    """Return the sum of two statements' formulas."""
    first, second = formula(first), formula(second)
    return f"{first} - {second[1:].lstrip()}" if second.startswith("-") else f"{first} + {second}"


def _overridden(instance: Any, base: type, method: str) -> list[str]:
    """Return the statements of a method in the classes that override that of `base`, the last one first."""
    return list(_statements(type(instance), base, method))


def _statements(cls: type, base: type, method: str) -> Iterator[str]:
    for each in cls.__mro__:
        if each is base:
            return
        if method in vars(each):
            yield statement(vars(each)[method])
