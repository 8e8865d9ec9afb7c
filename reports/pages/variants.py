"""A page per variant: its paper and equations, its hyperparameters, and the result of every seed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from gan_bench.reports.drawing import Picture
from gan_bench.reports.frames import Frames
from gan_bench.reports.labels import FileNames, clean, count, number, quantity
from gan_bench.reports.leaderboard_columns import FLOP_NOTE, PACK_NOTE
from gan_bench.reports.metrics import ARROWS
from gan_bench.reports.pages.page import Page, Shown
from gan_bench.reports.plots.board import portions
from gan_bench.reports.sheets import Sheet
from gan_bench.reports.table import Column, Table, compact
from gan_bench.reports.variation import value_text

GROUPS = ("losses", "points", "copies")
BROKEN = 24  # characters of a value, from which on its column is broken into lines
SETTINGS = 4  # of a variant on one board that have a column each; more are rows, beside their scores


@dataclass(frozen=True)
class Part:
    """Results of a variant on one board."""

    shown: Shown
    settings: Table
    seeds: Table
    curves: list[Picture]
    losses: list[Picture]
    points: list[Picture]
    copies: list[Picture]
    sheets: list[tuple[str, list[list[Sheet]]]]


def variant_pages(frames: Frames, shown: Sequence[Shown], names: FileNames) -> Iterator[Page]:
    """Yield the pages of all variants, in order of their look numbers."""
    for name in frames.variants:
        first = frames.trials[frames.trials["variant"] == name].iloc[0]
        parts = [part for board in shown if (part := _part(board, name)) is not None]
        facts = {
            "Paper": first["paper"],
            "Year": f"{first['year']:.0f}" if first["year"] == first["year"] else "",
            "Equations": first["equation"],
            "Made of": first["parts"],
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
    own_trials = trials[trials["variant"] == variant]
    if own_trials.empty:
        return None
    labels = set(own_trials["label"])
    losses, points, near = ([p for p in shown.pictures[group] if p.label in labels] for group in GROUPS)
    entries = shown.sheets.entries if shown.sheets else {}
    sheets = [(label, lines) for label, lines in entries.items() if label in labels]
    curves = _with_lines_of(labels, shown)
    tables = _settings(own_trials, shown), _seeds(own_trials, shown)
    return Part(shown, *tables, curves, losses, points, near, sheets)


def _with_lines_of(labels: set[str], shown: Shown) -> list[Picture]:
    """Return the first curve of the board that has a line of these entries."""
    for portion in portions(shown.board.shown):
        if labels & set(portion.labels):
            wanted = portion.words
            return [replace(p, further=False) for p in shown.pictures["curves"] if p.title.endswith(wanted)][
                :1
            ]
    return []


def _settings(trials: pd.DataFrame, shown: Shown) -> Table:
    """Return a row per hyperparameter and a column per entry; of many entries only shared values."""
    entries = trials.drop_duplicates("label")
    values = [_parse(text) for text in entries["hyperparameters"]]
    rows = sorted({name for value in values for name in value})
    notes = []
    if len(entries) > SETTINGS:
        titles = [f"all {len(entries)} settings"]
        rows = [name for name in rows if len({_show(value.get(name)) for value in values}) == 1]
        values = values[:1]
        notes.append("The table above lists the hyperparameters that differ between settings.")
    else:
        titles = [
            " · ".join(x for x in (r["label"], clean(r["profile"])) if x) for _, r in entries.iterrows()
        ]
    cells = [[clean(name), *(_show(value.get(name)) for value in values)] for name in rows]
    columns = [Column("Hyperparameter", right=False)]
    for place, title in enumerate(titles, start=1):
        long = any(len(line[place]) > BROKEN for line in cells)
        columns.append(Column(title, right=not long, long=long))
    keys = [[name, *(_show(value.get(name)) for value in values)] for name in rows]
    return Table(f"Hyperparameters · {shown.title}", columns, cells, keys, notes)


def _varied(trials: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return hyperparameters that differ between many settings, without repetitions, as dict by trial."""
    if trials["label"].nunique() <= SETTINGS:
        return {}
    parsed = {
        trial: _parse(text) for trial, text in zip(trials["trial"], trials["hyperparameters"], strict=True)
    }
    names = sorted(
        {name for values in parsed.values() for name in values}, key=lambda name: (len(name), name)
    )
    values_by_name: dict[str, dict[str, object]] = {}
    for name in names:
        column = {trial: values.get(name) for trial, values in parsed.items()}
        if len({_show(value) for value in column.values()}) > 1 and column not in values_by_name.values():
            values_by_name[name] = column
    return values_by_name


def _parse(text: str) -> dict:
    try:
        values_by_name = json.loads(text) if text else {}
    except ValueError:
        return {"all": text}
    return values_by_name if isinstance(values_by_name, dict) else {"all": values_by_name}


def _show(value: object) -> str:
    if value is None:
        return "default"  # implied: trials leave it out
    if isinstance(value, float):
        return f"{value:.4g}"
    return clean(value if isinstance(value, str) else value_text(value))


def _seeds(trials: pd.DataFrame, shown: Shown) -> Table:
    """Return a row per trial, lost ones too; of a sweep the best first, with what differs."""
    final = shown.board.frames.finals
    final = final[(final["when"] == "final") & (final["weights"] == "raw")]
    scores = final[final["metric"] == shown.board.primary].set_index("trial")["value"]
    direction = shown.board.rows["direction"].iloc[0]
    heading = f"{clean(shown.board.rows['primary_title'].iloc[0])} {ARROWS.get(direction, '')}".strip()
    varied = _varied(trials)
    columns = [Column("Variant", right=False), Column("Seed"), Column("Outcome", right=False)]
    columns.append(Column("What happened", right=False, long=True))
    columns += [Column(f"{heading}, final"), *map(Column, varied)]
    columns += [Column("Gen. updates"), Column("FLOP", note=FLOP_NOTE), Column("Images / s")]
    columns += [Column("Training (s)"), Column("Pack", note=PACK_NOTE), Column("Trial", right=False)]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    trials = trials.sort_values(["label", "seed"])
    if varied:
        places = trials["trial"].map(scores) * (-1 if direction == "max" else 1)
        trials = trials.iloc[places.argsort(kind="stable")]
    for _, trial in trials.iterrows():
        name, score = trial["trial"], float(scores.get(trial["trial"], float("nan")))
        speed, seconds = trial["images_per_second"], trial["train_seconds"]
        values = [column[name] for column in varied.values()]
        identity, happened = [trial["label"], f"{trial['seed']:.0f}", trial["status"]], what_happened(trial)
        texts = [*identity, happened, number(score), *map(_show, values)]
        texts += [count(trial["generator_updates"]), quantity(trial["flop"])]
        texts += [quantity(speed), number(seconds, 3)]
        texts.append(number(trial["pack_size"]) if shown.board.frames.packed else "")
        cells.append([clean(text) for text in [*texts, name[:20]]])
        keys.append([identity[0], float(trial["seed"]), identity[2], happened, score])
        keys[-1] += [value if isinstance(value, float | int | str) else _show(value) for value in values]
        keys[-1] += [float(trial["generator_updates"]), float(trial["flop"])]
        keys[-1] += [float(speed), float(seconds), float(trial["pack_size"]), name]
    return compact(Table(f"Every seed · {shown.title}", columns, cells, keys))


def what_happened(trial: pd.Series) -> str:
    """Return the last line of a failed trial's error, or the iteration of divergence, or nothing."""
    lines = trial["error"].strip().splitlines()
    if lines:
        return clean(lines[-1], 300)
    at = trial["diverged_at"]
    return f"at iteration {at:,.0f}" if at == at else ""
