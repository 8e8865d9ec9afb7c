"""A check: one promise that every entry of a kind keeps, and the sentence that says how it is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gan_bench.bench.common.plugins import sentence_of
from gan_bench.errors import UserError


class Broken(UserError):
    """A promise that an entry does not keep, as one sentence."""


@dataclass(frozen=True)
class Check:
    """One promise of a kind of entry.

    Attributes:
        promise: what is checked, for the table.
        run: takes the entry's name; raises `Broken` where the promise is broken.
    """

    promise: str
    run: Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """A check that was run.

    Attributes:
        kind, name: of the entry.
        promise: what was checked.
        problem: how it is broken, in one sentence; empty where it is kept.
    """

    kind: str
    name: str
    promise: str
    problem: str


CHECKS: dict[str, list[Check]] = {}
"""All checks by kind of entry, in the order in which they are run."""


def promises(kind: str, promise: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Return a decorator that registers a check of a kind of entry."""

    def add(run: Callable[[str], None]) -> Callable[[str], None]:
        CHECKS.setdefault(kind, []).append(Check(promise, run))
        return run

    return add


def expect(condition: bool, sentence: str) -> None:
    """Raise `Broken` with a sentence unless a condition holds."""
    if not condition:
        raise Broken(sentence)


def checked(kind: str, name: str) -> list[Outcome]:
    """Run the checks of an entry until one that the others depend on, the first, is broken."""
    outcomes = []
    for check in CHECKS[kind]:
        problem = ""
        try:
            check.run(name)
        except Exception as error:  # of the user's code: its sentence has file and line
            problem = " ".join(sentence_of(error).split())
        outcomes.append(Outcome(kind, name, check.promise, problem))
        if problem and check is CHECKS[kind][0]:
            break
    return outcomes
