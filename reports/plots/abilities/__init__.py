"""Pictures of the abilities of entries: classes, codes, clusters, confusions, and outputs beside inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gan_bench.reports.plots.abilities.beside import beside as draw_beside
from gan_bench.reports.plots.abilities.classes import classes as draw_classes
from gan_bench.reports.plots.abilities.classes import traversals as draw_traversals
from gan_bench.reports.plots.abilities.codes import clusters as draw_clusters
from gan_bench.reports.plots.abilities.codes import codes as draw_codes
from gan_bench.reports.plots.abilities.codes import confusion as draw_confusion
from gan_bench.reports.plots.abilities.content import Draw
from gan_bench.reports.plots.abilities.stored import Stored, of_kind, side_by_side
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import Plot, finish

KINDS: dict[str, Draw] = {
    "classes": draw_classes,
    "traversal": draw_traversals,
    "codes": draw_codes,
    "clusters": draw_clusters,
    "confusion": draw_confusion,
    "beside": draw_beside,
}
"""Kind of stored arrays (`bench.abilities`) -> its drawings."""


def classes(board: Board) -> Iterator[Plot]:
    """Yield samples of given classes: a row per class, or points as numbers."""
    return _plots(board, "classes", draw_classes, of_kind(board, "classes"))


def traversals(board: Board) -> Iterator[Plot]:
    """Yield samples along each code."""
    return _plots(board, "traversal", draw_traversals, of_kind(board, "traversal"))


def beside(board: Board) -> Iterator[Plot]:
    """Yield outputs beside their inputs."""
    return _plots(board, "beside", draw_beside, side_by_side(board))


def codes(board: Board) -> Iterator[Plot]:
    """Yield codes of test samples in the plane."""
    return _plots(board, "codes", draw_codes, of_kind(board, "codes"))


def clusters(board: Board) -> Iterator[Plot]:
    """Yield clusters as rows of images, and in the plane."""
    return _plots(board, "clusters", draw_clusters, of_kind(board, "clusters", beyond="codes"))


def confusion(board: Board) -> Iterator[Plot]:
    """Yield confusion matrices."""
    return _plots(board, "confusion", draw_confusion, of_kind(board, "confusion"))


def _plots(board: Board, kind: str, draw: Draw, found: Iterable[Stored]) -> Iterator[Plot]:
    for of in found:
        label = of.trial["label"]
        for drawing in draw(of.content):
            weights = "" if of.weights == "final" else of.weights
            yield finish(
                drawing.figure, name=board.name(kind, drawing.part, label, weights), title=drawing.title,
                alt=f"{drawing.title}. {drawing.says}. {of.content.context}; {board.title}.",
                data=of.table(drawing.data), label=label, points=drawing.images is None,
                further=board.further(label),
            )  # fmt: skip
