"""The overview page: planned, finished and lost trials, leaderboards, machine and command."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from gan_bench.names import counted
from gan_bench.reports.frames import Frames, dataset_label
from gan_bench.reports.labels import clean, duration, spread
from gan_bench.reports.pages.headlines import fronts
from gan_bench.reports.pages.page import Page, Shown
from gan_bench.reports.pages.variants import what_happened
from gan_bench.reports.rankings import tied_with_first
from gan_bench.reports.summary import TOO_FEW
from gan_bench.reports.table import Column, Table

WHOLE = 2  # so many leaderboards are shown whole on the first page
MOST_NAMES = 8  # profiles of which a search has one per setting


def overview(frames: Frames, shown: Sequence[Shown], across: Table | None, asked: int | None) -> Page:
    """Return the page index.html; `asked` counts the planned trials, None if that is not known."""
    content: dict[str, Any] = {
        "counts": _counts(frames, asked),
        "fronts": fronts(shown),
        "summary": _summary(shown),
        "whole": shown if len(shown) <= WHOLE else [],
        "lost": _lost(frames),
        "across": across,
        "origin": origin(frames),
    }
    return Page("overview", "index.html", "Overview", content)


def reading(frames: Frames) -> Page:
    """Return the page that explains the words and the metrics of the report."""
    meanings = frames.descriptions.meanings(frames.finals["metric"].unique())
    return Page("reading", "reading.html", "How to read", {"meanings": meanings})


def _counts(frames: Frames, asked: int | None) -> dict[str, int]:
    status = frames.trials["status"]
    counts = {"asked": asked or len(status), "trials": len(status)}
    counts |= {name: int((status == name).sum()) for name in ("finished", "diverged")}
    counts["failed"] = len(status) - counts["finished"] - counts["diverged"]
    counts["missing"] = max(0, counts["asked"] - len(status))
    return counts


def _summary(shown: Sequence[Shown]) -> Table:
    """Return a row per board: how many finished and who leads, where that can be said."""
    titles = ["Leaderboard", "Variants", "Seeds finished", "Ranked by", "First", "Its score"]
    columns = [Column(title, right=title in ("Variants", "Seeds finished", "Its score")) for title in titles]
    cells: list[list[str]] = []
    keys: list[list[float | str]] = []
    for board in shown:
        rows = board.board.rows
        first = rows.iloc[0]
        ranked = not pd.isna(first["rank"])
        score = spread(first["final_mean"], first["final_std"], first["final_count"]) if ranked else "–"
        done, seeds = int(rows["finished"].sum()), int(rows["seeds"].sum())
        leader = _leader(rows) if ranked else TOO_FEW
        cells.append([board.short, str(rows["variant"].nunique()), f"{done} of {seeds}",
                      clean(first["primary_title"]), leader, score])  # fmt: skip
        keys.append([board.short, float(rows["variant"].nunique()), done / seeds, first["primary"], leader,
                     float(first["final_mean"]) if ranked else math.nan])  # fmt: skip
    return Table("All leaderboards", columns, cells, keys)


def _leader(rows: pd.DataFrame) -> str:
    """Return the first entry of a leaderboard, and how many others are not told apart from it."""
    first, tied = rows["label"].iloc[0], tied_with_first(rows)
    if tied is None:
        return f"{first} (differences not tested)" if len(rows) > 1 else first
    return f"{first} (difference from {tied[0]} more not significant)" if tied[0] else first


def _lost(frames: Frames) -> Table | None:
    """Return every trial that did not finish, with what is known of it; None when all did."""
    lost = frames.trials[frames.trials["status"] != "finished"]
    if lost.empty:
        return None
    titles = ["Variant", "Profile", "Dataset", "Architecture", "Seed", "Outcome", "What happened", "Trial"]
    columns = [Column(title, right=title == "Seed", long=title == "What happened") for title in titles]
    cells, keys = [], []
    for _, trial in lost.iterrows():
        texts = [trial["label"], trial["profile"], dataset_label(trial), trial["architecture"]]
        texts += [f"{trial['seed']:.0f}", trial["status"], what_happened(trial), trial["trial"][:20]]
        cells.append([clean(text) for text in texts])
        keys.append([*texts[:4], float(trial["seed"]), *texts[5:]])
    return Table("Trials that did not finish", columns, cells, keys)


def _together(texts: list[str]) -> list[str]:
    """Return lists of `name version` as one: each name once, with all its versions.

    A name that some lists lack is marked, as their trials were trained without it.
    """
    versions: dict[str, dict[str, None]] = {}
    for text in texts:
        for part in text.split(", "):
            name, _, version = part.partition(" ")
            versions.setdefault(name, {})[version] = None
    lists = [{part.partition(" ")[0] for part in text.split(", ")} for text in texts]
    merged = [
        f"{name} {' or '.join(found)}".strip()
        + ("" if all(name in one for one in lists) else " (some trials)")
        for name, found in versions.items()
    ]
    return [", ".join(merged)] if merged else []


def _few(names: list[str]) -> list[str]:
    more = len(names) - MOST_NAMES
    return names if more <= 0 else [*names[:MOST_NAMES], f"and {more} more"]


def _times(frames: Frames) -> list[str]:
    """Return seconds of all workers together: of every pack once, and of every trial's evaluation."""
    packs, once = frames.packs, frames.trials.drop_duplicates("trial")
    times = [f"training {duration(packs['train_seconds'].sum())}"]
    if (compiling := packs["compile_seconds"].sum()) > 0:
        times.append(f"compiling {duration(compiling)}")
    times.append(f"evaluation {duration(once['eval_seconds'].sum())}")
    size = int(packs["pack_size"].max()) if len(packs) else 1
    count = counted(len(packs), "pack")
    together = f" in {count} of up to {size} trials" if size > 1 else ""
    return [*times, f"sum over all workers{together}"]


def origin(frames: Frames) -> dict[str, list[str]]:
    """Return the origin of the numbers: suites, machines, software and time."""
    trials = frames.trials

    def each(column: str) -> list[str]:
        return sorted({clean(text) for text in trials[column] if text})

    facts = {
        "Suites": each("suite"),
        "Datasets": sorted({dataset_label(key) for key in trials.to_dict("records")}),
        "Networks": each("architecture"),
        "Variants": [clean(name) for name in frames.variants],
        "Seeds": [", ".join(f"{seed:.0f}" for seed in sorted(trials["seed"].dropna().unique()))],
        "Profiles": _few(each("profile")),
        "Device": each("device") or ["not recorded"],
        "Machine": each("machine"),
        "Software": _together(each("software")),
        "Time of all trials": _times(frames),
    }
    return {name: values for name, values in facts.items() if values and values[0]}
