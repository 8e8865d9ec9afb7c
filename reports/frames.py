"""The DataFrames that a report reads: boards, entries and their labels.

A *board* holds what may be compared: one suite, dataset (a stand-in is a dataset of its own), architecture
and budget. An *entry* is one line of it: a variant under a profile and, in a sweep, one setting. Seeds are
the trials of an entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from gan_bench.reports.colours import apart, number_of
from gan_bench.reports.equal import KIMG, Limit, limit_of, within
from gan_bench.reports.labels import clean
from gan_bench.reports.metrics import Descriptions
from gan_bench.reports.schema import BOARD, HISTORY, SCORES, TRIALS
from gan_bench.reports.variation import varying, written

ENTRY = ["variant", "profile", "setting"]
MOST_PROFILES = 3  # that a title names; a search has one per setting


@dataclass(frozen=True)
class Frames:
    """All columns of `reports.schema`, texts never null, scores joined to their trial's board and entry."""

    trials: pd.DataFrame
    scores: pd.DataFrame
    history: pd.DataFrame
    descriptions: Descriptions = field(default_factory=Descriptions)
    equal: str = KIMG
    """The cost in which trials are compared (`reports.equal.COSTS`)."""

    @cached_property
    def finals(self) -> pd.DataFrame:
        """Return test scores of finished trials at the end and at their best point.

        One row per trial, metric, when and weights. A metric that was followed along training and has no row
        of its own for the end is read at its last point. At equal seconds or FLOP the end is the last point
        within the limit of the trial's board, and the best point is the best of those within it.
        """
        if self.equal != KIMG:
            parts = [
                within(board.scores, board.trials, limit)
                for _, board in self.boards()
                if (limit := board.limit) is not None
            ]
            return pd.concat(parts) if parts else self.scores[:0]
        scores = self.scores[(self.scores["split"] == "test") & (self.scores["status"] == "finished")]
        last = scores[scores["when"] == "curve"].sort_values("measured_at", kind="stable")
        last = last.drop_duplicates(["trial", "suite", "metric", "weights"], keep="last").assign(when="final")
        ends = scores[scores["when"].isin(["final", "best"])]
        return pd.concat([ends, last]).drop_duplicates(["trial", "suite", "metric", "weights", "when"])

    @property
    def limit(self) -> Limit | None:
        """Return the cost up to which a board's scores count, None where budgets are equal as they are."""
        return None if self.equal == KIMG else limit_of(self.trials, self.equal)

    @property
    def packs(self) -> pd.DataFrame:
        """Return one trial of each pack, to sum seconds: every trial states those of its whole pack."""
        return self.trials.drop_duplicates("pack")

    @property
    def packed(self) -> bool:
        """Return whether trials were trained together, so that seconds are those of more than one."""
        return bool((self.trials["pack_size"] > 1).any())

    @property
    def variants(self) -> dict[str, int]:
        """Return variant -> number of its look (`reports.colours`), in order of these numbers.

        Compositions and variants of plug-ins come after all others, in order of appearance.
        """
        firsts = self.trials.drop_duplicates("variant").set_index("variant")["look"]
        return apart(
            {name: number_of(str(name)) if pd.isna(look) else int(look) for name, look in firsts.items()}
        )

    def boards(self) -> Iterator[tuple[dict, Frames]]:
        """Yield each board's key and its part of the frames, in order of appearance."""
        for values, trials in self.trials.groupby(BOARD, sort=False):
            key = dict(zip(BOARD, values, strict=True))
            inside = (self.scores[BOARD] == pd.Series(key)).all(axis=1)
            history = self.history[self.history["trial"].isin(trials["trial"])]
            yield key, replace(self, trials=trials, scores=self.scores[inside], history=history)


def tidy(
    trials: pd.DataFrame,
    scores: pd.DataFrame,
    history: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
    equal: str = KIMG,
) -> Frames:
    """Return frames of `reports.schema` with null texts made empty, and scores joined to their entries.

    Raises ValueError, with its name, for a column that is missing or unknown.
    """
    trials = TRIALS.uniform(trials).drop_duplicates(["trial", "suite"]).reset_index(drop=True)
    trials["pack_size"] = trials["pack_size"].fillna(1)
    trials["setting"] = ""
    trials["label"] = trials["variant"].map(clean)
    for _, group in trials.groupby([*BOARD, "variant"], sort=False):
        _label(trials, group)

    scores = SCORES.uniform(scores)
    mixed = scores.groupby("metric")["version"].transform("nunique") > 1
    versions = scores["version"].fillna(0).astype(int).astype(str)
    scores["metric"] = scores["metric"].where(~mixed, scores["metric"] + " v" + versions)
    scores["measured_at"] = scores["kimg"]
    infinite = np.isinf(scores["value"])
    scores.loc[infinite & (scores["reason"] == ""), "reason"] = "the value is infinite"
    scores.loc[infinite, "value"] = np.nan  # neither averaged nor drawn; ranked as worst
    entry = ["trial", *BOARD, *ENTRY, "label", "seed", "status"]
    keys = ["trial", "suite"]  # a record that two suites share counts in each
    own = [name for name in scores.columns if name not in entry or name in keys]
    joined = trials[entry].merge(scores[own], on=keys)

    history = HISTORY.build([]) if history is None else history
    HISTORY.check(history)
    history = history.assign(value=history["value"].where(np.isfinite(history["value"])))
    return Frames(as_objects(trials), as_objects(joined), as_objects(history), Descriptions(metrics), equal)


def as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its texts as objects.

    All of them are one block then, of which rows are taken at once; pandas' own texts are an array each. A
    report, which selects rows thousands of times, takes three quarters of the time.
    """
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "str"], object))


def _label(trials: pd.DataFrame, group: pd.DataFrame) -> None:
    """Write setting and label of one variant's trials on one board: what differs, and what a suite varies."""
    several_profiles = group["profile"].nunique() > 1
    for _, profile in group.groupby("profile", sort=False):
        settings = {text: _parse(text) for text in profile["hyperparameters"].unique()}
        parents = _parse(profile["inherits"].iloc[0])
        varied = {text: _parse(text) for text in profile["varied"].unique()}
        names = {name: None for values in varied.values() for name in values}
        names |= dict.fromkeys(varying(list(settings.values()), parents))
        for index, text in profile["hyperparameters"].items():
            values = {**settings[text], **varied[profile.at[index, "varied"]]}
            # What is implied is left out by trials while it has its default.
            setting = written({name: values.get(name, "default") for name in names})
            words = (
                profile.at[index, "profile"] if several_profiles else "",
                setting,
                profile.at[index, "origin"],
            )
            extra = ", ".join(part for part in words if part)
            trials.at[index, "setting"] = setting
            trials.at[index, "label"] = clean(
                f"{profile.at[index, 'variant']}" + (f" ({extra})" if extra else "")
            )


def _parse(text: str) -> dict:
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        return {"hyperparameters": text}
    return values if isinstance(values, dict) else {"hyperparameters": text}


def curves(frames: Frames) -> pd.DataFrame:
    """Return test scores along training, of lost trials too, of metrics with two or more points."""
    scores = frames.scores[
        (frames.scores["split"] == "test") & frames.scores["when"].isin(["curve", "final"])
    ]
    scores = scores.drop_duplicates(["trial", "suite", "metric", "weights", "measured_at"])
    points = scores.groupby([*BOARD, "metric"])["measured_at"].transform("nunique")
    return scores[points > 1].sort_values(["trial", "measured_at"], kind="stable")


def dataset_label(key: dict) -> str:
    """Return `mnist`, or `digits (stand-in for mnist)`."""
    name = clean(key["dataset"])
    return f"{name} (stand-in for {clean(key['stand_in_for'])})" if key["stand_in_for"] else name


def trained(kimg: float, images: pd.Series) -> str:
    """Return `1.02` or `1.02 to 1.28`: kimg used by finished trials, where it differs from the budget.

    A budget is rounded up to whole iterations, whose images differ between variants. Empty where none was.
    """
    used = images.dropna() / 1000
    if used.empty or np.allclose(used, kimg, rtol=1e-9, atol=0):
        return ""
    ends = dict.fromkeys(f"{value:,.10g}" for value in (used.min(), used.max()))
    return " to ".join(ends)


def board_title(key: dict, profiles: list[str] | None = None, images: pd.Series | None = None) -> str:
    """Return everything that must be said of a board in one line: suite, data, networks, budget, profile.

    With the `images` of its entries the budget is followed by what was really used, where that is more.
    """
    parts = [
        f"suite {clean(key['suite'])}" if key["suite"] else "",
        dataset_label(key),
        clean(key["architecture"]),
    ]
    used = "" if images is None else trained(key["kimg"], images)
    parts.append(f"{key['kimg']:,g} kimg{f' ({used} trained)' if used else ''}" if key["kimg"] > 0 else "")
    parts.append(profile_names(profiles or []))
    return " · ".join(part for part in parts if part)


def profile_names(profiles: list[str]) -> str:
    """Return `profile tuned`, `profiles paper and tuned` or, of many, `64 profiles`; empty without one."""
    names = [clean(name) for name in profiles if name]
    if len(names) > MOST_PROFILES:
        return f"{len(names)} profiles"
    return f"profile{'s' if len(names) > 1 else ''} {' and '.join(names)}" if names else ""
