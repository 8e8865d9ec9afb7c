"""Two reports as one page: what they share, what changed, and what differs between their runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench.reports.colours import looks
from gan_bench.reports.drawing import Picture, draw_one
from gan_bench.reports.folder import Folder
from gan_bench.reports.frames import Frames, board_title
from gan_bench.reports.labels import FileNames, number, spread
from gan_bench.reports.metrics import pointer
from gan_bench.reports.origin import fingerprint
from gan_bench.reports.pages.anchors import with_jumps
from gan_bench.reports.pages.overview import origin
from gan_bench.reports.pages.page import environment
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.samples import points
from gan_bench.reports.plots.versus import versus
from gan_bench.reports.sheets import sheets
from gan_bench.reports.statistics import SIGNS, costs, probability_of_improvement
from gan_bench.reports.statistics.ranks import ALPHA
from gan_bench.reports.statistics.summary import percentiles, resampled
from gan_bench.reports.summary import board_rows
from gan_bench.reports.table import Column, Table
from gan_bench.reports.tables import ONE_SEED

SHOWN = 6  # entries whose samples are shown
BETTER, WORSE = "better", "worse"
SPREAD = "Mean ± standard deviation over the finished seeds; (n of N) where some were lost."
NOTES = [
    "Second better: estimated probability that a seed of the second report beats one of the first, with its"
    " 95 % interval (bootstrap over seeds); lost seeds lose.",
    "p: two-sided Mann-Whitney test over all seeds, times the number of entries (Bonferroni). Verdict: on the"
    " second, where p is below 0.05.",
]


@dataclass(frozen=True)
class Side:
    """One of the two reports: its name and its frames."""

    name: str
    frames: Frames


@dataclass(frozen=True)
class Compared:
    """Contents of the page for one board."""

    title: str
    table: Table
    pictures: list[Picture]
    samples: list[tuple[str, list[Any]]]  # of entries: figures or sheets of either report
    verdicts: list[str]


def write(first: Side, second: Side, out: Path) -> Path:
    """Write the page that compares two reports into the folder `out`; return the path of its index.html.

    Boards are compared that both have (suite, data, networks and budget), on the ranking metric of the second
    if both measured the same version of it; entries that one of them lacks are listed.

    Raises:
        ValueError: if they have no board in common.
    """
    pairs = list(_pairs(first, second))
    if not pairs:
        boards = [
            "; ".join(sorted(board_title(key) for key, _ in side.frames.boards())) for side in (first, second)
        ]
        raise ValueError(
            f"nothing to compare: {first.name} has {boards[0]}, and {second.name} has {boards[1]}; expected"
            " a suite, data, networks and a budget that both have"
        )
    folder, names = Folder(Path(out)), FileNames()
    compared = [_compared(*pair, (first.name, second.name), folder, names) for pair in pairs]
    verdicts = [verdict for one in compared for verdict in one.verdicts]
    content = {
        "names": (first.name, second.name),
        "compared": compared,
        "counts": [(word, verdicts.count(word)) for word in (BETTER, WORSE, "")],
        "missing": _missing(first, second),
        "facts": _facts(first, second),
        "links": {},
    }
    text = with_jumps(environment().get_template("versus.html").render(**content))
    folder.put("index.html", text.encode())
    folder.close(fingerprint((first.frames.trials, second.frames.trials), first.name, second.name))
    return folder.path / "index.html"


def _pairs(first: Side, second: Side) -> Iterator[tuple[Board, Board]]:
    everything = second.frames.variants | first.frames.variants
    own = [
        {tuple(board.key.values()): board for board in _boards(side.frames, everything)}
        for side in (first, second)
    ]
    for key, after in own[1].items():
        if key in own[0]:
            yield own[0][key], after


def _boards(frames: Frames, numbers: dict[str, int]) -> Iterator[Board]:
    rows = board_rows(frames)
    for key, part in frames.boards():
        of_board = rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]
        yield Board(key, part, of_board, looks(numbers), FileNames())


def _compared(
    before: Board, after: Board, names: tuple[str, str], folder: Folder, files: FileNames
) -> Compared:
    scores = pd.concat(
        [_scores(board, after.primary).assign(side=side) for side, board in enumerate((before, after))],
        ignore_index=True,
    )
    shared = [label for label in after.shown if label in set(before.rows["label"])]
    scores = scores[scores["label"].isin(shared)]
    directed = after.rows["direction"].iloc[0] in SIGNS
    same = directed and _versions(before, after.primary) == _versions(after, after.primary)
    table, verdicts = _table(after, scores, shared, names) if same else (_apart(after, names), [])
    pictures = draw_one(versus(after, scores, names), folder) if same and len(shared) else []
    return Compared(
        after.title, table, pictures, _samples((before, after), names, shared, folder, files), verdicts
    )


def _versions(board: Board, metric: str) -> set[int]:
    ends = board.frames.finals
    return set(ends[ends["metric"] == metric]["version"])


def _scores(board: Board, metric: str) -> pd.DataFrame:
    """Return a row per trial: label, seed, status and its final score, missing where it was lost."""
    ends = board.frames.finals
    final = ends[(ends["metric"] == metric) & (ends["when"] == "final") & (ends["weights"] == "raw")]
    trials = board.frames.trials[["trial", "label", "seed", "status"]]
    return trials.assign(value=trials["trial"].map(final.set_index("trial")["value"]))


def _apart(board: Board, names: tuple[str, str]) -> Table:
    title = board.descriptions.title(board.primary)
    note = f"Not compared: {names[0]} has another version of {title} or none, or scores have no direction."
    return Table(board.title, [Column("Variant", right=False)], [], [], [note], caption=title)


def _table(
    after: Board, scores: pd.DataFrame, shared: Sequence[str], names: tuple[str, str]
) -> tuple[Table, list[str]]:
    direction = str(after.rows["direction"].iloc[0])
    title = f"{after.descriptions.title(after.primary)} {pointer(direction, np.nan)}".strip()
    columns = [Column("Variant", right=False), *map(Column, names), Column("Change of the mean")]
    columns += [Column("Second better"), Column("p"), Column("Verdict", right=False)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    verdicts = []
    for label in shared:
        values = [scores[(scores["label"] == label) & (scores["side"] == side)]["value"] for side in (0, 1)]
        texts = [
            spread(one.mean(), one.std(), int(one.count()))
            + (f" ({one.count()} of {len(one)})" if one.count() < len(one) else "")
            for one in values
        ]
        change = float(values[1].mean() - values[0].mean())
        old, new = (costs(one, direction) for one in values)
        chance = float(probability_of_improvement(new, old))
        drawn = probability_of_improvement(resampled([new], seed=1), resampled([old], seed=2))
        low, high = percentiles(drawn)
        p = min(1.0, len(shared) * _p_value(old, new))
        verdict = "" if p >= ALPHA else BETTER if chance > 0.5 else WORSE
        verdicts.append(verdict)
        sign = "+" if change > 0 else ""
        cells.append([label, *texts, f"{sign}{number(change, 3)}", f"{chance:.2f} ({low:.2f} to {high:.2f})",
                      f"{p:.2g}", verdict])  # fmt: skip
        keys.append([label, *(float(one.mean()) for one in values), change, chance, p, verdict])
    most = scores.groupby(["side", "label"]).size().max()
    notes = [SPREAD if most > 1 else ONE_SEED, *NOTES]
    return Table(f"{after.title} · {title}", columns, cells, keys, notes, caption=title), verdicts


def _p_value(old: np.ndarray, new: np.ndarray) -> float:
    if len(np.unique(np.concatenate([old, new]))) == 1:
        return 1.0  # every seed has the same score: the test's statistic has no spread
    ranks = stats.rankdata(np.concatenate([old, new]))  # infinite costs of lost seeds share the last rank
    return float(stats.mannwhitneyu(ranks[: len(old)], ranks[len(old) :]).pvalue)


def _samples(
    boards: tuple[Board, Board],
    names: tuple[str, str],
    shared: Sequence[str],
    folder: Folder,
    files: FileNames,
) -> list[tuple[str, list[Any]]]:
    """Return the samples of the first entries in both reports: sheets of images, or plots of points."""
    found: dict[str, list[Any]] = {label: [] for label in shared[:SHOWN]}
    for board, name in zip(boards, names, strict=True):
        named = Board(board.key, board.frames, board.rows, board.looks, FileNames(f"{files([name])}--"))
        if (drawn := sheets(named, folder)) is not None:
            for label in found:
                if label in drawn.entries:
                    found[label].append((name, drawn.entries[label][0][0]))
            continue
        for picture in draw_one((plot for plot in points(named) if plot.label in found), folder):
            found[picture.label].append((name, picture))
    return [(label, both) for label, both in found.items() if both]


def _missing(first: Side, second: Side) -> list[str]:
    """Return sentences about boards and entries that one side lacks."""
    texts = []
    entries = [
        {
            tuple(key.values()): (board_title(key), set(part.trials["label"]))
            for key, part in side.frames.boards()
        }
        for side in (first, second)
    ]
    for one, other, name in ((0, 1, second.name), (1, 0, first.name)):
        for key, (title, labels) in entries[one].items():
            if key not in entries[other]:
                texts.append(f"{name} has no {title}.")
            elif lacking := sorted(labels - entries[other][key][1]):
                texts.append(f"{title}: {name} has no {', '.join(lacking)}.")
    return texts


def _facts(first: Side, second: Side) -> Table:
    """Return what the two reports were made with, where it differs."""
    facts = [origin(side.frames) for side in (first, second)]
    names = [name for name in facts[1] | facts[0] if facts[0].get(name) != facts[1].get(name)]
    cells = [[name, *("; ".join(fact.get(name, ["–"])) for fact in facts)] for name in names]
    columns = [
        Column("Fact", right=False),
        *(Column(s.name, right=False, long=True) for s in (first, second)),
    ]
    keys: list[list[float | str]] = [list(line) for line in cells]
    return Table("What differs between the runs", columns, cells, keys)
