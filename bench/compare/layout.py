"""The columns of a frame that the gate compares, and their types.

One row per number. `what` says which: `trial` (value: the iteration at which it diverged, if it did), `score`
(`name` is a metric; the end of the budget, raw weights, test split), `loss` (`name` is a loss, `at` the
iteration; the first recorded ones only), `bound` (of a setting's survival, see `bench.compare.survival`) and
`speed` (a round of `bench speed`, see `bench.compare.speed`).
"""

from __future__ import annotations

import pandas as pd

LAYOUT = 2
"""Raised when the columns of a baseline file or their meaning change."""
CELL = ["suite", "dataset", "variant", "architecture", "hyperparameters", "kimg"]
"""Columns that the trials of one cell share, and that pair a cell with its like."""
ALIKE = {"content": "dataset", "device": "device", "protocol": "protocol"}
"""Columns in which paired cells must agree -> the word for each in messages."""
ROUNDING = ("pack", "torch", "processor")
"""Facts that the rounding depends on, beside the key of a trial."""
SPEED_COLUMNS = ["workload", "host", "run", "round", "milliseconds", "ratio"]
COLUMNS = [*CELL, "budget", *ALIKE, "versions", *ROUNDING, "trial", "seed", "status", "what", "name", "at"]
COLUMNS += ["value", "direction", "version", "measured", "primary", "low", "high", *SPEED_COLUMNS]
NUMBERS = {"kimg", "seed", "at", "value", "version", "low", "high", "round", "milliseconds", "ratio"}


def uniform(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every column: texts never null, numbers float, whether just made or read back."""
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
