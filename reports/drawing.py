"""Every plot of a report, drawn by several processes where there is enough to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gan_bench.cores import cores
from gan_bench.reports import plots
from gan_bench.reports.folder import Folder
from gan_bench.reports.frames import Frames
from gan_bench.reports.processes import Processes
from gan_bench.reports.spreadsheets import csv_bytes

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
    "axis": plots.along_axis,
    "classes": plots.abilities.classes,
    "traversals": plots.abilities.traversals,
    "beside": plots.abilities.beside,
    "codes": plots.abilities.codes,
    "clusters": plots.abilities.clusters,
    "confusion": plots.abilities.confusion,
}
WORTH = 16
"""Entries of all boards times cores from which on further processes, which take two seconds to start, pay."""


@dataclass(frozen=True)
class Picture:
    """A plot on the page: `file` is its path in the folder without the ending, of SVG and CSV alike."""

    title: str
    alt: str
    file: str
    inches: float
    wide: bool
    label: str
    further: bool = False  # folded on the page


Drawn = list[dict[str, list[Picture]]]
Made = list[tuple[Picture, bytes, bytes]]


def processes(frames: Frames) -> Processes:
    """Return processes for the plots of a report: one per core and unit of work, one for a small report."""
    entries = [board.trials["label"].nunique() for _, board in frames.boards()]
    worth = sum(entries) * cores() >= WORTH
    return Processes(min(cores(), len(entries) * len(GROUPS)) if worth else 1, _load)


def _load() -> None:
    """Do nothing: a process imports this module to find it, and with it the libraries of plots."""


def draw(boards: Sequence[plots.Board], folder: Folder, sharing: Processes) -> Drawn:
    """Draw every group of every board and write it, with its numbers; pictures by board and group.

    The files are the same bytes for any number of processes.
    """
    units = [(index, name) for name in GROUPS for index in range(len(boards))]
    drawn: Drawn = [{} for _ in boards]
    for (index, name), pictures in zip(units, sharing.map(_draw, boards, units), strict=True):
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


def _draw(boards: Sequence[plots.Board], index: int, group: str) -> Made:
    """Return pictures of one group with SVG and CSV; their names do not depend on the process that draws."""
    board = boards[index].named_anew()
    with plots.rc():
        return [_finished(plot) for plot in GROUPS[group](board)]


def _finished(plot: plots.Plot) -> tuple[Picture, bytes, bytes]:
    file = f"plots/{plot.name}"
    picture = Picture(plot.title, plot.alt, file, plot.inches, plot.wide, plot.label, plot.further)
    return picture, plot.image, csv_bytes(plot.data)
