"""Scores of samples as a table for a terminal, for programs, for spreadsheets and for papers."""

from __future__ import annotations

import json
import math
import re

import pandas as pd
from rich import table as rich_table
from rich.console import Group, RenderableType
from rich.text import Text

from gan_bench.bench.common.printing import printable
from gan_bench.reports.labels import number
from gan_bench.reports.latex import tabular
from gan_bench.reports.spreadsheets import csv_bytes
from gan_bench.reports.table import Column, Table

NORMAL = 1.96
"""Standard errors on either side of a value in a 95 % interval."""
NOTE = (
    "± 1.96 standard errors over sets of as many samples, by the delete-half jackknife; the data that they "
    "are compared with are held fixed."
)
BRACKETS = re.compile(r" \(([^()]*)\)$")
"""The extractor at the end of a title."""
WORDS = ("metric", "better")
"""Columns that are no numbers."""
HEADINGS = {"noise": "noise", "real": "training data", "against": "against", "difference": "difference"}


def in_terminal(frame: pd.DataFrame, compared_with: str) -> RenderableType:
    """Return a frame of `bench.evaluation.session.evaluate` as a table and its notes.

    Args:
        frame: the scores.
        compared_with: the data behind the scores, for the first note.
    """
    shown = _texts(frame)
    columns = [
        rich_table.Column(name, justify="left" if name in WORDS else "right", overflow="fold")
        for name in shown
    ]
    table = rich_table.Table(*columns, box=None, pad_edge=False)
    for row in shown.itertuples(index=False):
        table.add_row(*(Text(printable(cell)) for cell in row))
    undefined = frame[frame["reason"] != ""].groupby("reason", sort=False)["title"]
    notes = [f"{', '.join(map(_plain, titles))}: {reason}" for reason, titles in undefined]
    extractors = dict.fromkeys(found[1] for title in frame["title"] if (found := BRACKETS.search(title)))
    first = f"{int(frame['samples'].iloc[0])} samples, compared with {compared_with}"
    first += f"; features of {', '.join(extractors)}" if extractors else ""
    errors = frame[[name for name in ("error", "against_error") if name in frame]]
    about = [first, NOTE] if errors.notna().any(axis=None) else [first]
    return Group(table, *(Text(printable(f"- {note}"), style="dim") for note in (*about, *notes)))


def as_json(frame: pd.DataFrame) -> str:
    """Return the rows as JSON objects; what is not known is null."""
    return json.dumps(json.loads(frame.to_json(orient="records", double_precision=15)), indent=1)


def as_csv(frame: pd.DataFrame) -> str:
    """Return the rows as CSV."""
    return csv_bytes(frame).decode()


def as_latex(frame: pd.DataFrame) -> str:
    """Return a table of LaTeX; see `reports.latex.tabular`."""
    shown = _texts(frame)
    columns = [Column(name, right=name not in WORDS) for name in shown]
    return tabular(Table("", columns, shown.to_numpy().tolist()))


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return titles, values with intervals and reference rows as texts, and no column that is empty."""
    bare = frame["title"].map(_plain)
    shown = {"metric": frame["title"] if bare.duplicated().any() else bare, "better": frame["better"]}
    shown["value"] = _intervals(frame, "value", "error")
    for name in ("against", "difference"):
        if name in frame:
            shown[name] = _intervals(frame, name, f"{name}_error")
    for name in ("noise", "real"):
        if name in frame:
            shown[HEADINGS[name]] = frame[name].map(_number)
    return pd.DataFrame(shown)


def _intervals(frame: pd.DataFrame, value: str, error: str) -> list[str]:
    return [
        _number(middle) + (f" ± {number(NORMAL * spread, 2)}" if math.isfinite(spread) else "")
        for middle, spread in zip(frame[value], frame[error], strict=True)
    ]


def _plain(title: str) -> str:
    """Return a title without its extractor."""
    return BRACKETS.sub("", title)


def _number(value: float) -> str:
    return number(value) if math.isfinite(value) else "–"
