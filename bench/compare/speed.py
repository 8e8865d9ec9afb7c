"""The speed tier: rounds of `bench speed`, compared on the same host only.

A speed file has one row per variant, workload, pack size and round: `variant`, `workload`, `replicas`,
`device`, `host` (the machine's fingerprint), `round` (contestants of one round took turns),
`milliseconds_per_iteration`, and optionally `bare_milliseconds_per_iteration` of the hand-written loop in the
same round. Where both sides have it the ratio of the two decides, because what slows the machine for a while
cancels in it. `date` tells apart several measurements: those in the baseline are of the same code (A/A runs).
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare.evidence import ALPHA, holm, p_worse

SPEED_FILES = ("speed.parquet", "speed.csv")
"""Where a folder of results keeps the timings that belong to it."""
MILLISECONDS, BARE = "milliseconds_per_iteration", "bare_milliseconds_per_iteration"
REQUIRED = ["variant", "workload", "replicas", "device", "host", "round", MILLISECONDS]
KEY = ["variant", "workload", "device"]
FLOOR = 0.05
"""No slowdown below this share is called one, however quiet the machine."""
SPLITS = 200
QUANTILE = 0.99
SEED = 7


def speed_rows(timings: pd.DataFrame) -> pd.DataFrame:
    """Rows `what = speed` of a baseline; raises UsageError for a table that is not one of timings."""
    if missing := [name for name in REQUIRED if name not in timings.columns]:
        raise UsageError(f"not a table of timings: it lacks {', '.join(missing)}; see `bench speed`")
    nothing = pd.Series(np.nan, index=timings.index)
    workloads = timings["workload"].astype(str) + ", pack of " + timings["replicas"].astype(int).astype(str)
    return timings[["variant", "device", "host", "round"]].assign(
        what="speed",
        workload=workloads,
        milliseconds=timings[MILLISECONDS],
        ratio=timings[MILLISECONDS] / timings.get(BARE, nothing),
        run=timings.get("date", nothing),
    )


def tolerance(baseline: pd.DataFrame, column: str) -> float:
    """The log ratio of medians that the same code shows against itself, at least log(1.05).

    From A/A comparisons within `baseline` alone: each workload's rounds are split at random into halves (a
    half has more noise than the whole, which errs on the quiet side), and where there are several runs each
    pair of runs is compared. The 99 % quantile over all workloads and splits, or the largest between runs.
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
    """One row per workload: KEY, `host`, `verdict`, `text`, `change` (share of time added), `p_value`.

    A regression is slower by more than the tolerance, and by Holm-adjusted one-sided Mann-Whitney tests over
    rounds. `incomparable` where the hosts differ, `missing` where the candidate has no timings.
    """
    with_ratio = bool(baseline["ratio"].notna().all() and candidate["ratio"].notna().all())
    column = "ratio" if with_ratio else "milliseconds"
    limits = {host: tolerance(part, column) for host, part in baseline.groupby("host", sort=False)}
    theirs = dict(iter(candidate.groupby(KEY, sort=False)))
    rows = []
    for key, mine in baseline.groupby(KEY, sort=False):
        row = dict(zip(KEY, key, strict=True))
        if key not in theirs:
            rows.append({**row, "verdict": "missing", "text": "not timed in the candidate"})
            continue
        other = theirs[key]
        hosts = [host for host in mine["host"].unique() if host in set(other["host"])]
        if not hosts:
            rows.append({**row, "verdict": "incomparable", "text": "timed on another host"})
        for host in hosts:
            before = mine.loc[mine["host"] == host, column].to_numpy(float)
            after = other.loc[other["host"] == host, column].to_numpy(float)
            change = float(np.median(after) / np.median(before)) - 1
            limit = float(np.expm1(limits[host]))
            row |= {"host": host, "change": change, "p_value": float(p_worse(before, after))}
            text = f"{change:+.1%} time ({column}), tolerance {limit:.1%}"
            rows.append({**row, "verdict": "regression" if change > limit else "fine", "text": text})
    found = pd.DataFrame(rows, columns=[*KEY, "host", "verdict", "text", "change", "p_value"])
    tested = found["p_value"].notna()
    significant = tested.copy()
    significant[tested] = holm(found.loc[tested, "p_value"].to_numpy(float), ALPHA["speed"])
    found.loc[tested & ~significant, "verdict"] = "fine"
    return found
