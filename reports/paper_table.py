"""A board as a LaTeX table for a paper: chosen columns, the best and what is tied with it in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.names import nearest
from gan_bench.reports.frames import Frames, board_title
from gan_bench.reports.labels import number, quantity, spread
from gan_bench.reports.markup import escape_latex
from gan_bench.reports.metrics import pointer
from gan_bench.reports.statistics import MIN_SEEDS, SIGNS
from gan_bench.reports.summary import MOST_ENTRIES, VIEWS, board_rows, differences, leading

MOST = 5  # metrics that a table has without a choice
COSTS = {
    "seconds": ("Training (s)", "train_seconds"),
    "flop": ("FLOP", "flop"),
    "critic_weights": ("Critic weights", "critic_parameters"),
    "updates": ("Generator updates", "generator_updates"),
}
"""Name of a column -> its heading, and the column of `reports.summary.leaderboard`."""
ALWAYS = {"rank": "Rank", "finished": "Finished"}


@dataclass(frozen=True)
class Column:
    """Cells of a column by label of the entry, and the labels in bold; `tested` tells how they were found."""

    heading: str
    cells: Mapping[str, str]
    bold: frozenset[str] = frozenset()
    tested: bool = True


def latex(frames: Frames, columns: Sequence[str] = ()) -> str:
    r"""Return a `table` with rules of booktabs for each board, for `\input`.

    Args:
        frames: of the trials.
        columns: names of metrics (final scores of raw weights); `final`, `best`, `final_ema` and
            `best_ema`, scores of the ranking metric; `rank`, `finished`; a cost of `COSTS`. Default: the
            ranking metric and the next four metrics in the order of tables.

    In a column of a metric the entry with the best mean rank is bold, and every entry whose mean rank is not
    significantly different (Kruskal-Wallis, then Nemenyi, 5 %). With fewer than five seeds there is no test:
    the best mean alone is bold, and the caption says so.

    Raises:
        ValueError: for a column that no board has; the message names the nearest.
    """
    rows = board_rows(frames)
    boards = [
        (key, board, leading(rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]))
        for key, board in frames.boards()
    ]
    known = {name for _, board, _ in boards for name in _known(board)}
    for name in columns:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"expected some of {', '.join(sorted(known))}"
            raise ValueError(f"no column {name!r}; {hint}")
    head = "% Needs \\usepackage{booktabs}.\n"
    return head + "\n".join(_table(key, board, order, columns) for key, board, order in boards)


def _known(board: Frames) -> list[str]:
    return [*board.finals["metric"].unique(), *VIEWS.values(), *ALWAYS, *COSTS]


def _table(key: dict, board: Frames, rows: pd.DataFrame, columns: Sequence[str]) -> str:
    primary = rows["primary"].iloc[0]
    metrics = sorted(
        board.finals["metric"].unique(), key=lambda name: (name != primary, board.descriptions.place(name))
    )
    chosen = columns or metrics[:MOST]
    drawn = [_column(name, board, rows) for name in chosen if name in set(_known(board))]
    labels = list(rows["label"])
    content = pd.DataFrame(
        [[escape_latex(label), *(escape_latex(c.cells.get(label, "–")) for c in drawn)] for label in labels],
        columns=["Variant", *(escape_latex(column.heading) for column in drawn)],
    )
    # A row that begins with a bracket would be read as an argument of the line break before it.
    content["Variant"] = "{}" + content["Variant"]
    bold = pd.DataFrame("", index=content.index, columns=content.columns)
    for place, column in enumerate(drawn, start=1):
        bold.iloc[:, place] = ["textbf:--rwrap" if label in column.bold else "" for label in labels]
    styler = content.style.hide(axis="index").apply(lambda _: bold, axis=None)
    return styler.to_latex(
        hrules=True, column_format="l" + "r" * len(drawn), position="htbp", position_float="centering",
        caption=escape_latex(_caption(key, rows, drawn)), label=f"tab:{key['dataset']}-{key['architecture']}",
    )  # fmt: skip


def _column(name: str, board: Frames, rows: pd.DataFrame) -> Column:
    by_label = rows.set_index("label")
    if name in COSTS:
        heading, source = COSTS[name]
        show = number if name == "seconds" else quantity
        return Column(heading, {label: show(value) for label, value in by_label[source].items()})
    if name == "rank":
        ranks = by_label["rank"]
        return Column("Rank", {label: "–" if pd.isna(rank) else str(rank) for label, rank in ranks.items()})
    if name == "finished":
        cells = {label: f"{row['finished']} of {row['seeds']}" for label, row in by_label.iterrows()}
        return Column("Finished", cells)
    when, weights = next((view for view, other in VIEWS.items() if other == name), ("final", "raw"))
    metric = rows["primary"].iloc[0] if name in VIEWS.values() else name
    ends = board.finals
    scores = ends[(ends["metric"] == metric) & (ends["when"] == when) & (ends["weights"] == weights)]
    direction = next((text for text in scores["direction"] if text), "")
    target = scores["target"].dropna().iloc[0] if scores["target"].notna().any() else np.nan
    words = {"best": "best", "final_ema": "EMA", "best_ema": "best, EMA"}.get(name, "")
    heading = f"{board.descriptions.title(metric)} {pointer(direction, target)}".strip()
    values = scores.groupby("label")["value"].agg(["mean", "std", "count"])
    cells = {label: spread(row["mean"], row["std"], int(row["count"])) for label, row in values.iterrows()}
    bold, tested = _best(board, scores, direction)
    return Column(f"{heading}{' (' + words + ')' if words else ''}", cells, bold, tested)


def _best(board: Frames, scores: pd.DataFrame, direction: str) -> tuple[frozenset[str], bool]:
    """Return the labels of the best entries, and whether a test told them from the others."""
    means = scores.groupby("label")["value"].mean().dropna()
    if direction not in SIGNS or means.empty:
        return frozenset(), True
    costs = scores.set_index("trial")["value"] * SIGNS[direction]
    result = differences(board.trials, [costs])
    if result is None or not 1 < len(result.mean_ranks) <= MOST_ENTRIES:
        return frozenset({str((means * SIGNS[direction]).idxmin())}), False
    first = result.mean_ranks.idxmin()
    return frozenset({str(first), *map(str, result.apart.index[~result.apart[first]])}), True


def _caption(key: dict, rows: pd.DataFrame, drawn: Sequence[Column]) -> str:
    seeds = sorted(rows["seeds"].unique())
    count = f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
    text = f"{board_title(key, sorted(rows['profile'].unique()), rows['images'])}. "
    text += f"Mean ± standard deviation over the finished of {count} seeds."
    if any(column.bold for column in drawn):
        tested = all(column.tested for column in drawn if column.bold)
        text += (
            " Bold: the best mean rank, and those that do not differ from it significantly (Kruskal-Wallis,"
            " then Nemenyi, 5 %)."
            if tested
            else f" Bold: the best mean; with fewer than {MIN_SEEDS} seeds differences were not tested."
        )
    return text
