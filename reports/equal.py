"""Rankings at an equal cost: scores at the last evaluation point that every entry of a board can afford."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from gan_bench.reports.labels import number, quantity

KIMG = "kimg"
COSTS = {KIMG: "kimg", "seconds": "seconds of training", "flop": "FLOP of training"}
"""Quantity in which rankings can be made equal -> its words. Budgets are equal in kimg as they are."""


class Limit(NamedTuple):
    """The cost up to which the scores of a board count."""

    cost: str
    most: float

    def __str__(self) -> str:
        """Return the words of subtitles: `at 12.3 seconds of training`."""
        amount = quantity(self.most) if self.cost == "flop" else number(self.most, 3)
        return f"at {amount} {COSTS[self.cost]}"

    @property
    def note(self) -> str:
        """Return the protocol in one sentence."""
        shared = " A pack's seconds are divided by its trials." if self.cost == "seconds" else ""
        return (
            f"Scores and ranks {self}, the smallest median of the entries: of every trial the last evaluation"
            f" point within it. Scores that are measured at the end only are left out.{shared}"
        )


def limit_of(trials: pd.DataFrame, cost: str) -> Limit:
    """Return the smallest of the entries' median costs over finished trials of a board; NaN without any."""
    finished = trials[trials["status"] == "finished"]
    medians = _own(finished, _total(cost)).groupby(finished["label"]).median()
    return Limit(cost, float(medians.min()))


def within(scores: pd.DataFrame, trials: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    """Return the test scores along training of finished trials, each at its last point within the limit."""
    curve = scores[
        (scores["when"] == "curve") & (scores["split"] == "test") & (scores["status"] == "finished")
    ]
    sizes = curve["trial"].map(trials.drop_duplicates("trial").set_index("trial")["pack_size"])
    spent = _own(curve.assign(pack_size=sizes), limit.cost)
    affordable = curve[spent <= limit.most * (1 + 1e-9)].sort_values("measured_at", kind="stable")
    last = affordable.drop_duplicates(["trial", "suite", "metric", "weights"], keep="last")
    return last.assign(when="final")


def _total(cost: str) -> str:
    return "train_seconds" if cost == "seconds" else cost


def _own(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the costs of single trials: seconds are stated for whole packs."""
    costs = rows[column].astype(float)
    return costs / rows["pack_size"].fillna(1) if column.endswith("seconds") else costs.replace(0, np.nan)
