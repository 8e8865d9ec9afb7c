"""Columns of a frame that the gate compares, and their types.

A row has one number. Its kind is in `what`: `trial` (value: the iteration of divergence, if any), `score`
(`name`: a metric; at the end of the budget, raw weights, test split), `loss` (`name`: a loss, `at`: the
iteration; only the first recorded ones), `bound` (of a setting's survival, see `bench.compare.survival`) or
`speed` (a round of `bench speed`, see `bench.compare.speed`).
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

LAYOUT = 2
"""Version of the columns; raise it if columns of a baseline file or their meaning change."""
CELL = ["suite", "dataset", "variant", "architecture", "hyperparameters", "kimg"]
"""Columns that the trials of one cell share, and by which the cells of two frames are paired."""
ALIKE = {"content": "dataset", "device": "device", "protocol": "protocol"}
"""Columns in which paired cells must agree -> their names in messages."""
ROUNDING = ("pack", "torch", "processor")
"""Facts that change rounding, besides the key of a trial."""
SPEED_COLUMNS = ["workload", "host", "run", "round", "milliseconds", "ratio"]
COLUMNS = [*CELL, "budget", *ALIKE, "versions", *ROUNDING, "trial", "seed", "status", "what", "name", "at"]
COLUMNS += ["value", "direction", "version", "measured", "primary", "low", "high", *SPEED_COLUMNS]
KINDS = ("trial", "score", "loss", "bound", "speed")
NUMBERS = {"kimg", "seed", "at", "value", "version", "low", "high", "round", "milliseconds", "ratio"}


def uniform(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every column of `COLUMNS`: texts without null, numbers as float."""
    frame = frame.reindex(columns=COLUMNS)
    for name in COLUMNS:
        column = frame[name]
        if name == "primary":
            frame[name] = column.eq(True)
        elif name in NUMBERS:
            frame[name] = pd.to_numeric(column, errors="coerce").astype(float)
        else:
            frame[name] = column.astype(object).where(column.notna(), "").astype(str)
    return frame


def damage(frame: pd.DataFrame) -> str:
    """Return what is wrong with a frame of :func:`uniform`, as a clause; empty where nothing is."""
    if len(unknown := frame.loc[~frame["what"].isin(KINDS), "what"]):
        return f"a row of kind {unknown.iloc[0]!r}"
    cells = frame[frame["what"] != "speed"]
    of_trials = cells[cells["what"] != "bound"]
    for name, rows in (("kimg", cells), ("seed", of_trials)):
        if not np.isfinite(rows[name]).all():
            return f"a row without a number in the column {name}"
    if not all(map(_is_table, cells["hyperparameters"].unique())):
        return "hyperparameters that are no JSON object"
    return ""


def _is_table(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
