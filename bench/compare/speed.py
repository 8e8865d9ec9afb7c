"""The speed tier: rounds of `bench speed`, compared on the same host only.

A speed file has one row per variant, workload, pack size and round: `variant`, `workload`, `replicas`,
`device`, `host` (processor and cores), `round` (works of one round are timed in turns),
`milliseconds_per_iteration`, and optionally `bare_milliseconds_per_iteration` of the hand-written loop in the
same round. If both sides have the latter, the ratio of the two is compared, because slowdowns of the machine
cancel in it. `date` separates several measurements; those of a baseline are of the same code (A/A runs).
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare.evidence import ALPHA, holm, p_worse

SPEED_FILES = ("speed.parquet", "speed.csv")
"""Names of speed files in a folder of results."""
MILLISECONDS, BARE = "milliseconds_per_iteration", "bare_milliseconds_per_iteration"
REQUIRED = ["variant", "workload", "replicas", "device", "host", "round", MILLISECONDS]
KEY = ["variant", "workload", "device"]
TICK = 1e-6
"""Least time that a file may state, in milliseconds; ratios of times need it above 0."""
FLOOR = 0.05
"""Smallest tolerance, as a share of time, also on a machine with less noise."""
SPLITS = 200
QUANTILE = 0.99
SEED = 7


def speed_rows(timings: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows `what = speed` of a baseline.

    Args:
        timings: the table.
        path: its file, for messages.

    Raises:
        UsageError: for a table without timings, or with numbers that cannot be.
    """
    if missing := [name for name in REQUIRED if name not in timings.columns]:
        names = ", ".join(missing)
        raise UsageError(f"{path}: not a table of timings: missing columns {names}; see `bench speed`")
    nothing = pd.Series(np.nan, index=timings.index)
    replicas, milliseconds, rounds = (
        _numbers(timings[name], path, least)
        for name, least in (("replicas", 1), (MILLISECONDS, TICK), ("round", 0))
    )
    bare = timings.get(BARE, nothing)
    bare = _numbers(bare[bare.notna()], path, TICK).reindex(timings.index)
    workloads = timings["workload"].astype(str) + ", pack of " + replicas.astype(int).astype(str)
    return timings[["variant", "device", "host"]].assign(
        what="speed",
        workload=workloads,
        round=rounds,
        milliseconds=milliseconds,
        ratio=milliseconds / bare,
        run=timings.get("date", nothing),
    )


def _numbers(column: pd.Series, path: Path, least: float) -> pd.Series:
    """Return a column of finite numbers that are not below `least`; raise UsageError for any others."""
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = ~(np.isfinite(numbers) & (numbers >= least))
    if wrong.any():
        value = column[wrong].iloc[0]
        raise UsageError(
            f"{path}: not a table of timings: {column.name} {value} in row {wrong.idxmax() + 1}; expected a "
            f"number of at least {least:g}"
        )
    return numbers


def tolerance(baseline: pd.DataFrame, column: str) -> float:
    """Return the log ratio of medians that unchanged code can reach, at least log(1.05).

    It comes from A/A comparisons within `baseline`. The rounds of each workload are split at random into
    halves, which are noisier than the whole, so the tolerance is on the large side. Several runs are compared
    in pairs. The result is the larger of the 99 % quantile over all workloads and splits and the largest
    difference between runs.
    """
    generator = np.random.default_rng(SEED)
    halves, runs = [0.0], [0.0]
    for _, group in baseline.groupby(KEY, sort=False):
        for _, part in group.groupby("run", sort=False):
            logs = np.log(part[column].to_numpy(float))
            if len(logs) > 1:
                order = generator.permuted(np.tile(logs, (SPLITS, 1)), axis=1)
                cut = len(logs) // 2
                halves += list(np.abs(np.median(order[:, :cut], 1) - np.median(order[:, cut:], 1)))
        medians = np.log(group.groupby("run")[column].median())
        runs += [abs(a - b) for a, b in itertools.combinations(medians, 2)]
    return max(float(np.log1p(FLOOR)), float(np.quantile(halves, QUANTILE)), max(runs))


def compare_speed(baseline: pd.DataFrame, candidate: pd.DataFrame) -> pd.DataFrame:
    """Return one row per workload: KEY, `host`, `verdict`, `text`, `change` (share of time added), `p_value`.

    A regression is slower by more than the tolerance and significant in Holm-adjusted one-sided Mann-Whitney
    tests over rounds. Workloads of other hosts are `incomparable`, those without timings in the candidate
    `missing`.
    """
    with_ratio = bool(baseline["ratio"].notna().all() and candidate["ratio"].notna().all())
    column = "ratio" if with_ratio else "milliseconds"
    limits = {host: tolerance(part, column) for host, part in baseline.groupby("host", sort=False)}
    candidates = dict(iter(candidate.groupby(KEY, sort=False)))
    rows = []
    for key, old in baseline.groupby(KEY, sort=False):
        row = dict(zip(KEY, key, strict=True))
        if key not in candidates:
            rows.append({**row, "verdict": "missing", "text": "not timed in the candidate"})
            continue
        new = candidates[key]
        hosts = [host for host in old["host"].unique() if host in set(new["host"])]
        if not hosts:
            rows.append({**row, "verdict": "incomparable", "text": "timed on another host"})
        for host in hosts:
            before = old.loc[old["host"] == host, column].to_numpy(float)
            after = new.loc[new["host"] == host, column].to_numpy(float)
            change = float(np.median(after) / np.median(before)) - 1
            limit = float(np.expm1(limits[host]))
            row |= {"host": host, "change": change, "p_value": float(p_worse(before, after))}
            text = f"{change:+.1%} time ({column}), tolerance {limit:.1%}"
            rows.append({**row, "verdict": "regression" if change > limit else "fine", "text": text})
    table = pd.DataFrame(rows, columns=[*KEY, "host", "verdict", "text", "change", "p_value"])
    tested = table["p_value"].notna()
    significant = tested.copy()
    significant[tested] = holm(table.loc[tested, "p_value"].to_numpy(float), ALPHA["speed"])
    table.loc[tested & ~significant, "verdict"] = "fine"
    return table
