"""The head of the overview: three numbers of a board, and its first pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from gan_bench.names import counted
from gan_bench.reports.drawing import Picture
from gan_bench.reports.labels import clean, number, spread
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.pages.page import Shown
from gan_bench.reports.rankings import tied_with_first
from gan_bench.reports.references import of_metric
from gan_bench.reports.sheets import Sheet
from gan_bench.reports.statistics import MIN_SEEDS

FEW, MOST = 2, 8  # boards that have all their pictures on the overview, and boards that have one there
SHEETS = 3  # leading entries with samples that are shown
REFERENCES = ("real data", "noise")  # named beside the best score


@dataclass(frozen=True)
class Headline:
    """A number, and what it is."""

    value: str
    says: str


@dataclass(frozen=True)
class Front:
    """Contents of the overview for one board: three numbers, sheets with their labels, and plots."""

    shown: Shown
    headlines: list[Headline]
    sheets: list[tuple[str, Sheet]]
    pictures: list[Picture]


def fronts(shown: Sequence[Shown]) -> list[Front]:
    """Return the fronts of the boards; of many boards only numbers and the first entry's samples, or less."""
    return [
        Front(one, headlines(one), *_pictures(one, few=len(shown) <= FEW, any_=len(shown) <= MOST))
        for one in shown
    ]


def headlines(shown: Shown) -> list[Headline]:
    """Return the best score, how sure the first place is, and how many trials finished."""
    rows = shown.board.rows
    return [_best(shown, rows), _sure(rows), _finished(rows)]


def _best(shown: Shown, rows: pd.DataFrame) -> Headline:
    first = rows.iloc[0]
    title = f"{clean(first['primary_title'])} {ARROWS.get(first['direction'], '')}".strip()
    if not first["final_count"]:
        return Headline("–", f"{title}: no trial has a score")
    values = of_metric(shown.board.references, shown.board.primary).set_index("title")["mean"]
    beside = [f"{name} {number(values[name], 3)}" for name in REFERENCES if name in values.index]
    note = f" ({', '.join(beside)})" if beside else ""
    score = spread(first["final_mean"], first["final_std"], first["final_count"])
    among = f", first of {len(rows)} entries by mean rank over seeds" if len(rows) > 1 else ""
    return Headline(score, f"{title} of {first['label']}{among}{note}")


def _sure(rows: pd.DataFrame) -> Headline:
    first = rows.iloc[0]
    seeds, others = int(first["seeds"]), len(rows) - 1
    words = counted(seeds, "seed")
    if not others:
        return Headline(words, "of the only entry: there is nothing to rank")
    if pd.isna(first["rank"]):
        whose = "each" if (rows["seeds"] == seeds).all() else "the first"
        return Headline(words, f"of {whose} entry: too few to rank ({MIN_SEEDS} are needed)")
    if (tied := tied_with_first(rows)) is None:
        return Headline(words, "of the first entry; differences between entries were not tested")
    alike, compared = tied
    return Headline(
        f"{alike} of {compared}", "other entries are tied with it: the difference is not significant"
    )


def _finished(rows: pd.DataFrame) -> Headline:
    lost = [f"{count} {status}" for status in ("diverged", "failed") if (count := int(rows[status].sum()))]
    says = f"trials finished{': ' + ', '.join(lost) if lost else ''}"
    return Headline(f"{rows['finished'].sum()} of {rows['seeds'].sum()}", says)


def _pictures(shown: Shown, few: bool, any_: bool) -> tuple[list[tuple[str, Sheet]], list[Picture]]:
    if not any_:
        return [], []
    sheets: list[tuple[str, Sheet]] = []
    if shown.sheets is not None:
        sheets = [("", shown.sheets.real)] if shown.sheets.real else []
        entries = [(label, lines[0][0]) for label, lines in shown.sheets.entries.items()]
        kept = [entry for entry in entries if entry[1].file is not None]  # a file of results has no samples
        sheets += (kept or entries)[: SHEETS if few else 1]
    pictures = shown.pictures["points"][:1]
    if few:
        pictures = [*pictures, *(shown.pictures["curves"] or shown.pictures["strips"])[:1]]
        pictures += [] if pictures else shown.pictures["strips"][:1]
    return sheets, pictures
