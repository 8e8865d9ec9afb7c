"""Pages of papers' numbers beside measured ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from gan_bench.reports import paper_tables, plots
from gan_bench.reports.drawing import draw_one
from gan_bench.reports.folder import Folder
from gan_bench.reports.frames import BOARD
from gan_bench.reports.labels import FileNames
from gan_bench.reports.pages.page import Page, Shown


def reproduction_pages(
    shown: Sequence[Shown], compared: pd.DataFrame, order: pd.DataFrame, folder: Folder, names: FileNames
) -> Iterator[Page]:
    """Yield a page per board that published numbers belong to; frames as of `reports.paper_numbers`."""
    for one in shown:
        board_numbers, board_order = (_of(frame, one) for frame in (compared, order))
        if len(board_numbers):
            content = {
                "shown": one,
                "tables": [*paper_tables.compared(board_numbers), *paper_tables.ordered(board_order)],
                "pictures": draw_one(plots.paper_numbers(one.board, board_numbers), folder),
            }
            yield Page("reproduction", f"{names(['reproduction', one.short])}.html", one.short, content)


def _of(frame: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    return frame[(frame[BOARD] == pd.Series(shown.board.key)).all(axis=1)]
