"""A board as a table for a paper: chosen columns, the best and what is tied with it in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_bench.names import nearest
from gan_bench.reports.frames import Frames, board_title
from gan_bench.reports.labels import number, quantity, spread
from gan_bench.reports.metrics import pointer
from gan_bench.reports.rankings import MOST_ENTRIES, best_entries
from gan_bench.reports.references import lines, of_board, reference_rows
from gan_bench.reports.statistics import MIN_SEEDS
from gan_bench.reports.summary import VIEWS, board_rows, leading
from gan_bench.reports.table import Column, Table
from gan_bench.reports.tables import best_tested, several

MOST = 5  # metrics that a table has without a choice
COSTS = {
    "seconds": ("Training (s)", "train_seconds"),
    "flop": ("FLOP", "flop"),
    "critic_weights": ("Critic weights", "critic_parameters"),
    "updates": ("Generator updates", "generator_updates"),
}
"""Name of a column -> its heading, and the column of `reports.summary.leaderboard`."""
ALWAYS = {"rank": "Rank", "finished": "Finished"}
APART = "Below the rule: reference rows, scored by the same metrics and never ranked."


@dataclass(frozen=True)
class Drawn:
    """A column: its cells by label of the entry, and the labels in bold.

    `tested` tells how these were found; `metric` is that of final scores of raw weights, else empty.
    """

    heading: str
    cells: Mapping[str, str]
    bold: frozenset[str] = frozenset()
    tested: bool = True
    metric: str = ""


def paper_tables(
    frames: Frames, columns: Sequence[str] = (), references: pd.DataFrame | None = None,
    rows: pd.DataFrame | None = None,
) -> list[Table]:  # fmt: skip
    """Return a table for each board, of its entries or, of a large sweep, of each variant's best setting.

    Args:
        frames: of the trials.
        columns: names of metrics (final scores of raw weights); `final`, `best`, `final_ema` and
            `best_ema`, scores of the ranking metric; `rank`, `finished`; a cost of `COSTS`. Default: the
            ranking metric and the next four metrics in the order of tables.
        references: rows of `reports.references`, which have final scores of raw weights; default: none.
        rows: those of `summary.board_rows` of the frames, where they are known.

    In a column of a metric the entry with the best mean rank is bold, and every entry whose mean rank is not
    significantly different (Kruskal-Wallis, then Nemenyi, 5 %). With fewer than five seeds, or more than 40
    entries, there is no test: the best mean alone is bold, and a note says so. A metric of one entry has no
    bold cell. Notes name the entries that lost seeds.

    Raises:
        ValueError: for a column that no board has; the message names the nearest.
    """
    rows = board_rows(frames) if rows is None else rows
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
    apart = reference_rows() if references is None else references
    return [_table(key, board, order, columns, of_board(apart, key)) for key, board, order in boards]


def _known(board: Frames) -> list[str]:
    return [*board.finals["metric"].unique(), *VIEWS.values(), *ALWAYS, *COSTS]


def _table(
    key: dict, board: Frames, rows: pd.DataFrame, columns: Sequence[str], references: pd.DataFrame
) -> Table:
    primary = rows["primary"].iloc[0]
    metrics = sorted(
        board.finals["metric"].unique(), key=lambda name: (name != primary, board.descriptions.place(name))
    )
    named = ("final" if name == primary else name for name in columns or metrics[:MOST])
    chosen = dict.fromkeys(named)  # a column that is named twice is shown once
    drawn = [_column(name, board, rows) for name in chosen if name in set(_known(board))]
    labels = list(rows["label"])
    bold = {
        (line, place)
        for place, column in enumerate(drawn, start=1)
        for line, label in enumerate(labels)
        if label in column.bold
    }
    headings = ["Variant", *(column.heading for column in drawn)]
    metric_of = {place: column.metric for place, column in enumerate(drawn, start=1) if column.metric}
    apart = lines(references, headings, metric_of, references[:0])
    apart = [line for line in apart if any(line[1:])]
    return Table(
        f"{board_title(key, sorted(rows['profile'].unique()), rows['images'])}",
        [Column(heading, right=place > 0) for place, heading in enumerate(headings)],
        [[label, *(column.cells.get(label, "–") for column in drawn)] for label in labels],
        remarks=[*_notes(board, rows, drawn), *([APART] if apart else [])],
        apart=apart, bold=frozenset(bold), name=f"{key['dataset']}-{key['architecture']}",
    )  # fmt: skip


def _column(name: str, board: Frames, rows: pd.DataFrame) -> Drawn:
    by_label = rows.set_index("label")
    if name in COSTS:
        heading, source = COSTS[name]
        show = number if name == "seconds" else quantity
        return Drawn(heading, {label: show(value) for label, value in by_label[source].items()})
    if name == "rank":
        ranks = by_label["rank"]
        return Drawn("Rank", {label: "–" if pd.isna(rank) else str(rank) for label, rank in ranks.items()})
    if name == "finished":
        cells = {label: f"{row['finished']} of {row['seeds']}" for label, row in by_label.iterrows()}
        return Drawn("Finished", cells)
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
    bold, tested = best_entries(board.trials, scores, direction)
    beside = metric if (when, weights) == ("final", "raw") else ""
    return Drawn(f"{heading}{' (' + words + ')' if words else ''}", cells, bold, tested, beside)


def _notes(board: Frames, rows: pd.DataFrame, drawn: Sequence[Drawn]) -> list[str]:
    spread_of = "Mean ± standard deviation over the seeds that finished."
    notes = [*([spread_of] if several(rows) else []), _seeds(rows)]
    bold = [column for column in drawn if column.bold]
    if not bold:
        return notes
    if all(column.tested for column in bold):
        return [*notes, *best_tested(rows)]
    entries = board.trials["label"].nunique()
    why = f"more than {MOST_ENTRIES} entries" if entries > MOST_ENTRIES else f"fewer than {MIN_SEEDS} seeds"
    return [*notes, f"Bold: the best mean; with {why} differences were not tested."]


def _seeds(rows: pd.DataFrame) -> str:
    """Return the number of seeds of the entries, and how many of them finished where some did not."""
    lost = rows[rows["finished"] < rows["seeds"]]
    shares = [f"{row['label']} {row['finished']} of {row['seeds']}" for _, row in lost.iterrows()]
    least, most = rows["seeds"].min(), rows["seeds"].max()
    count = f"{least} to {most}" if least < most else f"{most}"
    finished = f"finished: {', '.join(shares)}" if shares else "all finished"
    return f"Seeds of each entry: {count}; {finished}."
