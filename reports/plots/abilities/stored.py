"""Arrays that trials have stored for pictures of abilities, of a board."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import short
from gan_bench.reports.plots.abilities.beside import WORDS
from gan_bench.reports.plots.abilities.content import Content
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.samples import WEIGHTS, read

GIVEN = re.compile(r"(.+)\.given\..+")


@dataclass(frozen=True)
class Stored:
    """Content of a picture, and the trial and weights that it is of."""

    content: Content
    trial: pd.Series
    weights: str

    def table(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the numbers of a plot behind columns that say which trial and weights they are of."""
        labels = {"weights": {"final": "raw"}.get(self.weights, self.weights)}
        labels |= {column: self.trial[column] for column in ["trial", "seed", *ENTRY]}
        return pd.concat([pd.DataFrame(labels, index=data.index), data], axis=1)


def of_kind(board: Board, kind: str, beyond: str = "") -> Iterator[Stored]:
    """Yield the arrays `KIND.WEIGHTS.NAME` of a kind, and of the kind `beyond` where there are any.

    Of every entry, those of its lowest seed that has some, for each kind of weights. Trials without such
    arrays (of other games, or of before they were kept) are passed over.
    """
    kinds = [other for other in (beyond, kind) if other]
    begin = tuple(f"{other}." for other in kinds)
    for trial, arrays in _first(
        board, lambda name: name.startswith(begin), lambda name: name.startswith(begin[-1])
    ):
        for weights in WEIGHTS:
            starts = [f"{other}.{weights}." for other in kinds]
            if any(name.startswith(starts[-1]) for name in arrays):
                found = {
                    name.removeprefix(start): array
                    for start in starts
                    for name, array in arrays.items()
                    if name.startswith(start)
                }
                yield _stored(board, trial, weights, found, arrays)


def of_every_seed(board: Board, kind: str) -> Iterator[tuple[pd.Series, str, dict[str, np.ndarray]]]:
    """Yield trial, weights and arrays by NAME of every trial that has arrays `KIND.WEIGHTS.NAME`."""
    trials = board.frames.trials[board.frames.trials["label"].isin(board.shown)]
    for label in board.shown:
        for _, trial in trials[trials["label"] == label].sort_values("seed").iterrows():
            found = read(trial["samples"], lambda name: name.startswith(f"{kind}."))
            for weights in WEIGHTS:
                start = f"{kind}.{weights}."
                arrays = {n.removeprefix(start): a for n, a in found.items() if n.startswith(start)}
                if arrays:
                    yield trial, weights, arrays


def side_by_side(board: Board) -> Iterator[Stored]:
    """Yield inputs `ABILITY.given.FIELD`, outputs `ABILITY.WEIGHTS` and `ABILITY.target` of every ability.

    `sample` comes last: a game's samples may be what another ability makes, and are then not shown again.
    Abilities that are known in words come first, in the order of those.
    """
    for trial, arrays in _first(
        board, lambda name: "." in name, lambda name: GIVEN.fullmatch(name) is not None
    ):
        abilities = {match[1] for name in arrays if (match := GIVEN.fullmatch(name))}
        for weights in WEIGHTS:
            shown: list[np.ndarray] = []
            for ability in sorted(abilities, key=_place):
                found = _beside(arrays, ability, weights)
                if found and not any(np.array_equal(found["made"], other) for other in shown):
                    shown.append(found["made"])
                    yield _stored(board, trial, weights, found, arrays, ability)


def _place(ability: str) -> tuple[bool, int, str]:
    """Return what abilities are sorted by."""
    known = [*WORDS]
    return ability == "sample", known.index(ability) if ability in known else len(known), ability


def _beside(arrays: Mapping[str, np.ndarray], ability: str, weights: str) -> dict[str, np.ndarray]:
    """Return the arrays of one ability for one kind of weights: empty where it has none."""
    start = f"{ability}."
    own = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
    if weights not in own:
        return {}
    found = {name: array for name, array in own.items() if name.partition(".")[0] not in WEIGHTS}
    found |= {"made": own[weights]}
    draws = own.get(f"{weights}.draws")
    return found if draws is None else found | {"draws": draws}


def _first(
    board: Board, wanted: Callable[[str], bool], asked: Callable[[str], bool]
) -> Iterator[tuple[pd.Series, Mapping[str, np.ndarray]]]:
    """Yield for every entry its lowest seed that has arrays asked for, with the wanted and the real data."""
    trials = board.frames.trials
    trials = trials[(trials["samples"] != "") & trials["label"].isin(board.shown)]
    trials = trials.sort_values("seed", kind="stable")
    of_label = dict(iter(trials.groupby("label")))
    for label in board.shown:
        for _, trial in of_label[label].iterrows() if label in of_label else ():
            found = read(trial["samples"], wanted)
            if any(map(asked, found)):
                yield trial, found | read(trial["samples"], "real".__eq__)
                break


def _stored(
    board: Board, trial: pd.Series, weights: str, found: Mapping[str, np.ndarray],
    arrays: Mapping[str, np.ndarray], part: str = "",
) -> Stored:  # fmt: skip
    real = arrays.get("real")
    behind = real.astype(float) if real is not None and real.ndim == 2 and real.shape[1] == 2 else None
    context = f"{board.context} · seed {trial['seed']:.0f}, {WEIGHTS[weights]} weights"
    return Stored(Content(found, short(trial["label"], 40), context, behind, part), trial, weights)
