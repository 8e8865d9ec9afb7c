"""A page per variant: where its equations come from, its settings, and what every seed came to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from reports.drawing import Picture
from reports.frames import Frames
from reports.labels import FileNames, clean, number, quantity
from reports.pages.page import Page, Shown
from reports.sheets import Sheet
from reports.tables import Column, Table

GROUPS = ("losses", "points")
SETTINGS = 12  # of a variant on one board; a sweep's page has them all


@dataclass(frozen=True)
class Part:
    """What one board says of a variant."""

    shown: Shown
    settings: Table
    seeds: Table
    losses: list[Picture]
    points: list[Picture]
    sheets: list[tuple[str, list[list[Sheet]]]]


def variant_pages(frames: Frames, shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """The variants in order of their places."""
    for name in frames.variants:
        first = frames.trials[frames.trials["variant"] == name].iloc[0]
        parts = [part for board in shown if (part := _part(board, name)) is not None]
        facts = {
            "Paper": first["paper"],
            "Year": f"{first['year']:.0f}" if first["year"] == first["year"] else "",
            "Equations": first["equation"],
        }
        content = {
            "facts": {key: clean(value) for key, value in facts.items() if value},
            "subtitle": clean(first["title"]),
            "source": first["source"],
            "parts": parts,
        }
        yield Page("variant", f"{names(['variant', name])}.html", clean(name), content)


def _part(shown: Shown, variant: str) -> Part | None:
    trials = shown.board.frames.trials
    mine = trials[trials["variant"] == variant]
    if mine.empty:
        return None
    labels = set(mine["label"])
    losses, points = ([p for p in shown.pictures[group] if p.label in labels] for group in GROUPS)
    entries = shown.sheets.entries if shown.sheets else {}
    sheets = [(label, lines) for label, lines in entries.items() if label in labels]
    return Part(shown, _settings(mine, shown), _seeds(mine, shown), losses, points, sheets)


def _settings(trials: pd.DataFrame, shown: Shown) -> Table:
    """A row per hyperparameter, a column per entry."""
    entries = trials.drop_duplicates("label")
    more = len(entries) - SETTINGS
    entries = entries.iloc[:SETTINGS]
    columns = [Column("Hyperparameter", right=False)]
    columns += [
        Column(" · ".join(x for x in (r["label"], clean(r["profile"])) if x)) for _, r in entries.iterrows()
    ]
    values = [_parse(text) for text in entries["hyperparameters"]]
    rows = sorted({name for value in values for name in value})
    cells = [[clean(name), *(_show(value.get(name)) for value in values)] for name in rows]
    keys = [[name, *(_show(value.get(name)) for value in values)] for name in rows]
    notes = [f"{more} other settings are left out here."] if more > 0 else []
    return Table(f"Hyperparameters · {shown.title}", columns, cells, keys, notes)


def _parse(text: str) -> dict:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {"all": text}
    return found if isinstance(found, dict) else {"all": found}


def _show(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return clean(value if isinstance(value, str) else json.dumps(value))


def _seeds(trials: pd.DataFrame, shown: Shown) -> Table:
    """A row per trial, lost ones too."""
    final = shown.board.frames.finals
    final = final[(final["when"] == "final") & (final["weights"] == "raw")]
    scores = final[final["metric"] == shown.board.primary].set_index("trial")["value"]
    what = Column("What happened", right=False, long=True)
    columns = [Column("Variant", right=False), Column("Seed"), Column("Outcome", right=False), what]
    columns += [
        Column("Final score"),
        Column("Images / s"),
        Column("Training (s)"),
        Column("Trial", right=False),
    ]
    cells, keys = [], []
    for _, trial in trials.sort_values(["label", "seed"]).iterrows():
        score = float(scores.get(trial["trial"], float("nan")))
        speed, seconds = trial["images_per_second"], trial["train_seconds"]
        texts = [trial["label"], f"{trial['seed']:.0f}", trial["status"], what_happened(trial), number(score)]
        cells.append([clean(x) for x in [*texts, quantity(speed), number(seconds, 3), trial["trial"][:20]]])
        keys.append(
            [texts[0], float(trial["seed"]), *texts[2:4], score, float(speed), float(seconds), texts[0]]
        )
    if not any(line[3] for line in cells):
        columns.remove(what)
        cells, keys = ([[*line[:3], *line[4:]] for line in lines] for lines in (cells, keys))
    return Table(f"Every seed · {shown.title}", columns, cells, keys)


def what_happened(trial: pd.Series) -> str:
    """Last line of a failed trial's error, or the iteration of divergence; empty for a finished one."""
    lines = trial["error"].strip().splitlines()
    if lines:
        return clean(lines[-1], 300)
    at = trial["diverged_at"]
    return f"at iteration {at:,.0f}" if at == at else ""
