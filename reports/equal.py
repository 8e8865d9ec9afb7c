"""Rankings at an equal cost: scores at the last evaluation point that every entry of a board can afford."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from gan_bench.reports.labels import number, quantity

KIMG = "kimg"
COSTS = {KIMG: "kimg", "seconds": "seconds of training", "flop": "FLOP of training"}
"""Quantity in which rankings can be made equal -> its words. Budgets are equal in kimg as they are."""


POINT = ["trial", "suite", "weights", "measured_at"]
"""Columns that name an evaluation point of one trial and kind of weights."""


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
            f" point within it, and as best that of the points within it with the best validation score."
            f" Scores that are measured at the end only are left out.{shared}"
        )


def limit_of(trials: pd.DataFrame, cost: str) -> Limit:
    """Return the smallest of the entries' median costs over finished trials of a board; NaN without any."""
    finished = trials[trials["status"] == "finished"]
    medians = _own(finished, _total(cost)).groupby(finished["label"]).median()
    return Limit(cost, float(medians.min()))


def within(scores: pd.DataFrame, trials: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    """Return the test scores of finished trials at their last point within the limit, and at their best.

    The last is `final`; `best` is the point within the limit that is best on the validation split, as
    :func:`_best_points` finds it.
    """
    curve = scores[(scores["when"] == "curve") & (scores["status"] == "finished")]
    sizes = curve["trial"].map(trials.drop_duplicates("trial").set_index("trial")["pack_size"])
    spent = _own(curve.assign(pack_size=sizes), limit.cost)
    affordable = curve[spent <= limit.most * (1 + 1e-9)].sort_values("measured_at", kind="stable")
    tested = affordable[affordable["split"] == "test"]
    last = tested.drop_duplicates(["trial", "suite", "metric", "weights"], keep="last")
    best = tested.merge(_best_points(affordable, trials), on=POINT)
    return pd.concat([last.assign(when="final"), best.assign(when="best")])


def _best_points(curve: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return, per trial and kind of weights, the point that is best on the validation split.

    The first ranking metric of the board decides, the others break ties, then the earlier point, as for a
    whole budget. Without a validation score there is no best point.
    """
    validation = curve[curve["split"] == "validation"]
    ranking = dict.fromkeys(name for names in trials["primary"] for name in names.split(","))
    names = [name for name in ranking if (validation["metric"] == name).any()]
    if not names:
        return validation[POINT]
    signs = validation["direction"].map({"min": 1.0, "max": -1.0})
    costs = validation.assign(cost=validation["value"] * signs).pivot_table(
        "cost", POINT, "metric", aggfunc="first"
    )
    known = costs.reindex(columns=names).dropna(subset=names[0]).fillna(np.inf).reset_index()
    ordered = known.sort_values([*names, "measured_at"], kind="stable")
    return ordered.drop_duplicates(POINT[:-1])[POINT]


def _total(cost: str) -> str:
    return "train_seconds" if cost == "seconds" else cost


def _own(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the costs of single trials: seconds are stated for whole packs."""
    costs = rows[column].astype(float)
    return costs / rows["pack_size"].fillna(1) if column.endswith("seconds") else costs.replace(0, np.nan)
