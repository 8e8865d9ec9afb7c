"""Pages of one board each: its leaderboard, abilities, cost, stability and films."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gan_bench.reports.labels import FileNames
from gan_bench.reports.pages.page import Page, Shown
from gan_bench.reports.pareto import front_tables, medians


def board_pages(shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield a page per board: leaderboard, evidence, all metrics, scores and samples."""
    for board in shown:
        yield Page("board", f"{names(['board', board.short])}.html", board.short, {"shown": board})


ABILITIES = ("classes", "traversals", "beside", "codes", "clusters", "confusion")
"""Groups of pictures of what entries can do beyond samples."""


def ability_pages(shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield a page per board of which an entry can do more than generate samples."""
    for one in shown:
        if one.sliders or one.by_class or any(one.pictures[group] for group in ABILITIES):
            yield Page("abilities", f"{names(['abilities', one.short])}.html", one.short, {"shown": one})


def cost_pages(shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield a page per board whose scores were followed: quality against seconds, images and updates."""
    for one in shown:
        points = medians(one.board.frames, one.board.primary, one.board.shown)
        fronts = front_tables(
            points, one.board.descriptions.title(one.board.primary), one.title, one.board.frames.packed
        )
        if fronts or one.pictures["cost"]:
            content = {"shown": one, "fronts": fronts}
            yield Page("cost", f"{names(['cost', one.short])}.html", one.short, content)


def stability_pages(shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield a page per board that is a sweep."""
    for board in shown:
        if board.stability is not None:
            yield Page(
                "stability", f"{names(['stability', board.short])}.html", board.short, {"shown": board}
            )


def evolution_pages(shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield a page per board whose samples were kept along training."""
    for board in shown:
        if board.reel is not None:
            yield Page(
                "evolution", f"{names(['evolution', board.short])}.html", board.short, {"shown": board}
            )
