"""Every plot of a report, drawn by two processes where there is enough to draw."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from gan_bench.reports import plots
from gan_bench.reports.folder import Folder, csv_bytes
from gan_bench.reports.labels import FileNames

#: Groups of plots: name -> what draws them, from a board.
GROUPS: dict[str, Callable[[plots.Board], Iterator[plots.Plot]]] = {
    "curves": plots.metric_curves,
    "strips": plots.strips,
    "losses": plots.loss_curves,
    "dynamics": plots.dynamics,
    "points": plots.points,
    "copies": plots.copies,
    "stability": plots.stability,
    "fronts": plots.fronts,
    "cost": plots.cost,
    "profiles": plots.profiles,
}
WORTH = 16
"""Entries of all boards from which on a second process, which takes a second or two to start, pays."""


@dataclass(frozen=True)
class Picture:
    """A plot on the page: `file` is its path in the folder without the ending, of SVG and CSV alike."""

    title: str
    alt: str
    file: str
    inches: float
    wide: bool
    label: str


Drawn = list[dict[str, list[Picture]]]
Made = list[tuple[Picture, bytes, bytes]]


def draw(boards: Sequence[plots.Board], folder: Folder) -> Drawn:
    """Draw every group of every board and write it, with its numbers; pictures by board and group."""
    units = [(index, name) for name in GROUPS for index in range(len(boards))]
    alone = sum(len(board.shown) for board in boards) < WORTH or (os.cpu_count() or 1) == 1
    made = [_draw(boards[index], name) for index, name in units] if alone else _two(boards, units)
    drawn: Drawn = [{} for _ in boards]
    for (index, name), pictures in zip(units, made, strict=True):
        drawn[index][name] = _put(pictures, folder)
    return drawn


def draw_one(drawing: Iterator[plots.Plot], folder: Folder) -> list[Picture]:
    """Draw and write what is no group of every board."""
    with plots.rc():
        return _put([_finished(plot) for plot in drawing], folder)


def _put(made: Made, folder: Folder) -> list[Picture]:
    for picture, image, numbers in made:
        folder.put(f"{picture.file}.svg", image)
        folder.put(f"{picture.file}.csv", numbers)
    return [picture for picture, _, _ in made]


def _two(boards: Sequence[plots.Board], units: Sequence[tuple[int, str]]) -> list[Made]:
    """Return `_draw` of every unit: one process draws from the front, this one from the back."""
    made: dict[int, Made] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=_hold, initargs=(boards,)) as pool:
        theirs = [pool.submit(_draw_held, index, name) for index, name in units]
        for place in reversed(range(len(units))):
            if theirs[place].cancel():
                index, name = units[place]
                made[place] = _draw(boards[index], name)
            else:
                made[place] = theirs[place].result()
    return [made[place] for place in range(len(units))]


_held: list[plots.Board] = []
"""In the second process: the boards, which are sent there once."""


def _hold(boards: Sequence[plots.Board]) -> None:
    _held.extend(boards)


def _draw_held(index: int, group: str) -> Made:
    return _draw(_held[index], group)


def _draw(board: plots.Board, group: str) -> Made:
    """Return pictures of one group with SVG and CSV; their names do not depend on the process that draws."""
    board = replace(board, names=FileNames(board.names.prefix))
    with plots.rc():
        return [_finished(plot) for plot in GROUPS[group](board)]


def _finished(plot: plots.Plot) -> tuple[Picture, bytes, bytes]:
    picture = Picture(plot.title, plot.alt, f"plots/{plot.name}", plot.inches, plot.wide, plot.label)
    return picture, plot.image, csv_bytes(plot.data)
