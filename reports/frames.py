"""The three DataFrames a report reads, made uniform once: boards, entries and their labels.

A *board* holds what may be compared: one suite, dataset (a stand-in is a dataset of its own), architecture
and budget. An *entry* is one line of it: a variant under a profile and, in a sweep, one setting. Seeds are
the trials of an entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gan_bench.reports.labels import clean
from gan_bench.reports.metrics import Descriptions
from gan_bench.reports.variation import varying, written

BOARD = ["suite", "dataset", "stand_in_for", "architecture", "kimg"]
ENTRY = ["variant", "profile", "setting"]
MOST_PROFILES = 3  # that a title names; a search has one per setting

TEXTS = ["suite", "dataset", "stand_in_for", "architecture", "variant", "profile", "status", "error", "paper"]
TEXTS += ["kind", "primary", "hyperparameters", "samples", "pack", "device", "machine", "software"]
TEXTS += ["title", "equation", "parts", "source", "inherits", "varied"]
NUMBERS = [
    "seed",
    "diverged_at",
    "kimg",
    "iterations",
    "critic_updates",
    "generator_updates",
    "images",
    "year",
    "place",
]
NUMBERS += [
    "train_seconds",
    "compile_seconds",
    "eval_seconds",
    "iterations_per_second",
    "images_per_second",
    "pack_size",
]
NUMBERS += ["critic_parameters", "generator_parameters"]
SCORES = ["metric", "reason", "direction", "split", "when", "weights"]
SCORE_NUMBERS = [
    "value",
    "target",
    "version",
    "kimg",
    "iteration",
    "generator_updates",
    "critic_updates",
    "seconds",
]


@dataclass(frozen=True)
class Frames:
    """Every column there, texts never null, scores joined to their trial's board and entry."""

    trials: pd.DataFrame
    scores: pd.DataFrame
    history: pd.DataFrame
    descriptions: Descriptions = field(default_factory=Descriptions)

    @cached_property
    def finals(self) -> pd.DataFrame:
        """Test scores of finished trials at the end and at their best point.

        One row per trial, metric, when and weights. A metric that was followed along training and has no row
        of its own for the end is read at its last point.
        """
        scores = self.scores[(self.scores["split"] == "test") & (self.scores["status"] == "finished")]
        last = scores[scores["when"] == "curve"].sort_values("measured_at", kind="stable")
        last = last.drop_duplicates(["trial", "suite", "metric", "weights"], keep="last").assign(when="final")
        ends = scores[scores["when"].isin(["final", "best"])]
        return pd.concat([ends, last]).drop_duplicates(["trial", "suite", "metric", "weights", "when"])

    @property
    def packs(self) -> pd.DataFrame:
        """One trial of each pack: the seconds of a pack are every trial's, so only these may be summed."""
        return self.trials.drop_duplicates("pack")

    @property
    def packed(self) -> bool:
        """Whether trials were trained together, so that seconds are those of more than one."""
        return bool((self.trials["pack_size"] > 1).any())

    @property
    def variants(self) -> dict[str, int]:
        """Each variant's place (see `bench.results.colours`), which decides its colour in every report.

        Variants that have none (a plug-in that is gone) come after all others.
        """
        firsts = self.trials.drop_duplicates("variant").set_index("variant")["place"]
        beyond = int(firsts.max()) + 1 if firsts.notna().any() else 0
        known = {name: int(place) for name, place in firsts.dropna().sort_values().items()}
        return known | {name: beyond + i for i, name in enumerate(firsts.index[firsts.isna()])}

    def boards(self) -> Iterator[tuple[dict, Frames]]:
        """Each board's key and its part of the frames, in order of appearance."""
        for values, trials in self.trials.groupby(BOARD, sort=False):
            key = dict(zip(BOARD, values, strict=True))
            inside = (self.scores[BOARD] == pd.Series(key)).all(axis=1)
            history = self.history[self.history["trial"].isin(trials["trial"])]
            yield key, Frames(trials, self.scores[inside], history, self.descriptions)


def tidy(
    trials: pd.DataFrame,
    scores: pd.DataFrame,
    history: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
) -> Frames:
    """Make the frames of `bench.results.frames` uniform.

    Raises ValueError when a column without which nothing can be said is missing.
    """
    trials = _uniform("trials", trials, ["trial", "variant", "status"], TEXTS, NUMBERS)
    trials = trials.drop_duplicates(["trial", "suite"]).reset_index(drop=True)
    trials["kimg"] = trials["kimg"].fillna(0.0)
    trials["pack"] = trials["pack"].where(trials["pack"] != "", trials["trial"])
    trials["pack_size"] = trials["pack_size"].fillna(1)
    trials["setting"] = ""
    trials["label"] = trials["variant"].map(clean)
    for _, group in trials.groupby([*BOARD, "variant"], sort=False):
        _label(trials, group)

    scores = _uniform("scores", scores, ["trial", "metric", "value"], ["suite", *SCORES], SCORE_NUMBERS)
    scores["weights"] = scores["weights"].replace("", "raw")
    scores["split"] = scores["split"].replace("", "test")
    mixed = scores.groupby("metric")["version"].transform("nunique") > 1
    versions = scores["version"].fillna(0).astype(int).astype(str)
    scores["metric"] = scores["metric"].where(~mixed, scores["metric"] + " v" + versions)
    scores["measured_at"] = scores["kimg"]
    infinite = np.isinf(scores["value"])
    scores.loc[infinite & (scores["reason"] == ""), "reason"] = "the value is infinite"
    scores.loc[infinite, "value"] = np.nan  # no number to average or draw; it ranks as worst
    columns = ["trial", *BOARD, *ENTRY, "label", "seed", "status"]
    own = [name for name in scores.columns if name not in columns or name in ("trial", "suite")]
    # A record shared by two suites counts in each; frames without the suite join on the trial alone.
    keys = ["trial", "suite"] if (scores["suite"] != "").all() else ["trial"]
    joined = trials[columns].merge(scores[own].drop(columns=[] if "suite" in keys else ["suite"]), on=keys)

    if history is None:
        history = pd.DataFrame(columns=["trial", "iteration", "kimg", "seconds", "name", "value"])
    values = pd.to_numeric(history["value"], errors="coerce").astype(float)
    history = history.assign(value=values.where(np.isfinite(values)))
    history = history if "kind" in history else history.assign(kind="loss")
    return Frames(trials, joined, history, Descriptions(metrics))


def _uniform(
    frame: str, given: pd.DataFrame, required: list[str], texts: list[str], numbers: list[str]
) -> pd.DataFrame:
    missing = [name for name in required if name not in given.columns]
    if missing and len(given):
        raise ValueError(f"the {frame} frame lacks {', '.join(missing)}; it has: {', '.join(given.columns)}")
    uniform = given.copy()
    for name in {*required, *texts} - {"value"}:
        column = uniform[name] if name in uniform else pd.Series(index=uniform.index, dtype=object)
        uniform[name] = column.astype(object).where(column.notna(), "").astype(str)
    for name in numbers:
        column = uniform[name] if name in uniform else pd.Series(index=uniform.index, dtype=float)
        uniform[name] = pd.to_numeric(column, errors="coerce").astype(float)
    return uniform


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
            extra = ", ".join(
                part for part in (profile.at[index, "profile"] if several_profiles else "", setting) if part
            )
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
    """Test scores along training, of diverged trials too, of the metrics measured at two points or more."""
    scores = frames.scores[
        (frames.scores["split"] == "test") & frames.scores["when"].isin(["curve", "final"])
    ]
    scores = scores.drop_duplicates(["trial", "suite", "metric", "weights", "measured_at"])
    points = scores.groupby([*BOARD, "metric"])["measured_at"].transform("nunique")
    return scores[points > 1].sort_values(["trial", "measured_at"], kind="stable")


def dataset_label(key: dict) -> str:
    """`mnist`, or `digits (stand-in for mnist)`."""
    name = clean(key["dataset"])
    return f"{name} (stand-in for {clean(key['stand_in_for'])})" if key["stand_in_for"] else name


def trained(kimg: float, images: pd.Series) -> str:
    """`1.02` or `1.02 to 1.28`: kimg that finished trials really used, where it is not the budget of `kimg`.

    A budget is rounded up to whole iterations, whose images differ between variants. Empty where none was.
    """
    used = images.dropna() / 1000
    if used.empty or np.allclose(used, kimg, rtol=1e-9, atol=0):
        return ""
    ends = dict.fromkeys(f"{value:,.10g}" for value in (used.min(), used.max()))
    return " to ".join(ends)


def board_title(key: dict, profiles: list[str] | None = None, images: pd.Series | None = None) -> str:
    """Everything that must be said of a board in one line: suite, data, networks, budget, profile.

    With the `images` of its entries the budget is followed by what was really used, where that is more.
    """
    parts = [
        f"suite {clean(key['suite'])}" if key["suite"] else "",
        dataset_label(key),
        clean(key["architecture"]),
    ]
    used = "" if images is None else trained(key["kimg"], images)
    parts.append(f"{key['kimg']:,g} kimg{f' ({used} trained)' if used else ''}" if key["kimg"] > 0 else "")
    if profiles:
        names = [clean(name) for name in profiles if name]
        if len(names) > MOST_PROFILES:
            parts.append(f"{len(names)} profiles")
        elif names:
            parts.append(f"profile{'s' if len(names) > 1 else ''} {' and '.join(names)}")
    return " · ".join(part for part in parts if part)
