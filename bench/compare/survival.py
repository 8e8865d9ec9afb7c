"""Survival of the settings of a sweep, on both sides by the bounds that the baseline stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gan_bench.bench.compare.cells import Pair, Side
from gan_bench.bench.compare.evidence import change_of_survival, p_fewer_survive_paired
from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.layout import CELL
from gan_bench.reports.statistics.stability import SETTINGS, bounds, by_setting, distance, survived

BOARD = ["suite", "dataset", "architecture", "kimg"]
"""Columns that the variants of one sweep share."""
MODES = "modes"


def bound_rows(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the rows `what = bound` of a frame: two per setting of a sweep.

    One row has the largest distance of a surviving run, with the name of that metric. The other, `modes`, has
    the fewest modes (0 for data without modes). The bounds are those of the report
    (`reports.statistics.stability.bounds`).
    """
    for _, board in frame[frame["what"] != "speed"].groupby(BOARD, sort=False):
        trials, scores = (board[board["what"] == what] for what in ("trial", "score"))
        if trials.groupby("variant")["hyperparameters"].nunique().max() < SETTINGS:
            continue
        ranking = next(iter(scores.loc[scores["primary"].eq(True), "name"]), None)
        if (metric := distance(scores.rename(columns={"name": "metric"}), ranking)) is None:
            continue
        values = {
            name: scores[scores["name"] == name].set_index("trial")["value"] for name in (metric, MODES)
        }
        table = trials.assign(
            cost=trials["trial"].map(values[metric]).astype(float),
            modes=trials["trial"].map(values[MODES]).astype(float),
        )
        limits = bounds(by_setting(table, ["variant", "hyperparameters"]), "variant")
        cells = trials[CELL].drop_duplicates()
        for name, column in ((metric, "cost"), (MODES, "modes")):
            yield cells.assign(what="bound", name=name, value=cells["variant"].map(limits[column]))


def compare_survival(members: Sequence[Pair]) -> Finding | None:
    """Compare the numbers of surviving settings of one variant; return None if the baseline has no bounds.

    Runs are paired by setting. Several seeds of a setting are paired in their order, not by number, because
    independent runs of unchanged code are exchangeable within a setting.

    The finding is `fine`, `incomparable` or `missing`. A regression depends on the p-values of all sweeps, so
    the caller decides it.
    """
    limits = [pair.before.bounds for pair in members]
    if not all(limits):
        return None
    name = f"{members[0].place} · {members[0].key['variant']}"
    metric = next(name for name in limits[0] if name != MODES)
    measured = any(pair.after.scores(metric) for pair in members)
    if not measured and any(pair.after.count("finished") for pair in members):
        return Finding("stability", "missing", name, f"{metric} was not measured in the candidate")
    for differing in (pair.differing(score) for score in (metric, MODES) for pair in members):
        if differing:
            return Finding("stability", "incomparable", name, differing)
    counts = sorted({(len(pair.before.trials), len(pair.after.trials)) for pair in members})
    if uneven := [(old, new) for old, new in counts if old != new]:
        text = (
            f"seeds per setting differ: {uneven[0][0]} before, {uneven[0][1]} now; train both with the same "
        )
        return Finding("stability", "incomparable", name, f"{text}--seeds")
    shared = pd.DataFrame({"cost": [row[metric] for row in limits], "modes": [row[MODES] for row in limits]})
    alive = [_alive(sides, metric, shared) for sides in _sides(members)]
    lost, gained = int((alive[0] & ~alive[1]).sum()), int((alive[1] & ~alive[0]).sum())
    count, (before, after) = len(alive[0]), (int(side.sum()) for side in alive)
    change, low, high = change_of_survival(lost, gained, count)
    p_value = p_fewer_survive_paired(lost, gained)
    runs = "settings" if count == len(members) else f"runs of {len(members)} settings"
    text = f"{before} of {count} {runs} survived, {after} now: {change:+.0%} ({low:+.0%} to {high:+.0%}), "
    text += f"{lost} lost, {gained} gained, p = {p_value:.2g}"
    numbers = {"before": before / count, "after": after / count, "change": change, "low": low, "high": high}
    return Finding("stability", "fine", name, text, {**numbers, "p_value": p_value})


def _sides(members: Sequence[Pair]) -> tuple[list[Side], list[Side]]:
    return [pair.before for pair in members], [pair.after for pair in members]


def _alive(sides: Sequence[Side], metric: str, limits: pd.DataFrame) -> np.ndarray:
    """Return True for runs that survive, bool [runs], by setting and then by seed.

    `limits` has a row per setting, in the order of `sides`.
    """
    rows: list[dict[str, float | None]] = []
    for cell, side in enumerate(sides):
        costs, modes = side.values(metric), side.values(MODES)
        trials = [row["trial"] for row in sorted(side.trials, key=lambda row: row["seed"])]
        rows += [{"cell": cell, "cost": costs.get(trial), "modes": modes.get(trial)} for trial in trials]
    frame = pd.DataFrame(rows).astype({"cost": float, "modes": float})
    return survived(frame, "cell", limits).to_numpy()
