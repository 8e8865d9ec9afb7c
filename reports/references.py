"""Reference rows: baselines scored without training. Tables show them apart and never rank them.

They have a frame of their own (`reports.schema.REFERENCES`), so that no statistic of variants includes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gan_bench.reports.frames import BOARD, as_objects
from gan_bench.reports.labels import clean, spread
from gan_bench.reports.schema import REFERENCES
from gan_bench.reports.summary import DEGENERATE, TOO_DEGENERATE

MARK = "ref."
"""In the place of a rank."""
WARNING = " !"
"""Behind a score of samples most of which are degenerate."""
NAMES = ["reference", "title", "meaning"]
COLUMNS = [*BOARD, *NAMES, "metric", "version", "direction"]
COLUMNS += ["mean", "std", "count", "draws", "samples", "reason"]


def reference_rows(measured: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row per board, reference row and metric, in the order in which they were measured.

    `mean` and `std` (ddof 1) are over the draws that have a value (`count` of `draws`); `samples` is the
    smallest number of samples behind one, `reason` the first draw's reason why there is no value, else "".
    """
    if measured is None or measured.empty:
        return pd.DataFrame(columns=COLUMNS)
    REFERENCES.check(measured)
    rows = measured[(measured["split"] == "test") & (measured["when"] == "final")].copy()
    for name in ("suite", "dataset", "stand_in_for", "architecture", "direction"):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "").astype(str)
    rows["kimg"] = rows["kimg"].fillna(0.0).astype(float)
    by = [*BOARD, *NAMES, "metric", "version", "direction"]
    grouped = rows.groupby(by, sort=False)
    values = grouped["value"].agg(mean="mean", std="std", count="count")
    more = {"draws": grouped.size(), "samples": grouped["samples"].min()}
    reasons = rows[rows["reason"].fillna("") != ""].groupby(by, sort=False)["reason"].first()
    rows = values.assign(**more, reason=reasons.reindex(values.index).fillna("")).reset_index()[COLUMNS]
    return as_objects(rows)


def of_board(rows: pd.DataFrame, key: Mapping[str, object]) -> pd.DataFrame:
    """Return the part of `reference_rows` that belongs to a board."""
    return rows[(rows[BOARD] == pd.Series(dict(key))[BOARD]).all(axis=1)]


def of_metric(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return a board's reference rows of one metric, whose name may tell its version (`fid_lenet28 v2`)."""
    of_it = rows["metric"] == metric
    name, _, version = metric.rpartition(" v")
    if version.isdecimal():
        of_it |= (rows["metric"] == name) & (rows["version"] == int(version))
    return rows[of_it]


def lines(
    rows: pd.DataFrame, titles: Sequence[str], metrics: Mapping[int, str], checked: pd.DataFrame
) -> list[list[str]]:
    """Return the cells of a board's reference rows: name, scores, and nothing in the other columns.

    Args:
        rows: the board's reference rows, those that are shown.
        titles: headings of all columns.
        metrics: place of a column of scores -> its metric; two columns may have one heading.
        checked: the board's reference rows of all metrics, among them the share of degenerate images.
    """
    suspect = set(_degenerate(checked).index)
    cells: dict[str, list[str]] = {}
    for name in rows["title"].unique():
        # Where no column holds a rank, the name says what the row is.
        text = clean(name) if "Rank" in titles else f"{clean(name)} (reference)"
        cells[name] = [{"Rank": MARK, "Variant": text}.get(title, "") for title in titles]
    for place, metric in metrics.items():
        for score in of_metric(rows, metric).to_dict("records"):
            warned = score["title"] in suspect and "Rank" in titles and score["count"]
            warning = WARNING if warned else ""
            cells[score["title"]][place] = spread(score["mean"], score["std"], score["count"]) + warning
    return list(cells.values())


def notes(rows: pd.DataFrame) -> list[str]:
    """Return what must be said below a table that shows these reference rows of a board."""
    alike = rows.drop_duplicates("reference").groupby(["meaning", "samples"], sort=False)["title"]
    each = [
        f"{', '.join(map(clean, titles))} ({samples:,} samples): {clean(meaning)}"
        for (meaning, samples), titles in alike
    ]
    text = f"{MARK}: reference rows, scored by the same metrics and never ranked. {'. '.join(each)}."
    return [text] if each else []


def undefined(rows: pd.DataFrame, metric: str, heading: str) -> str:
    """Return the note that says why reference rows have no value of a metric; "" where all have one.

    Args:
        rows: a board's reference rows, those that are shown.
        metric: the metric, which may tell its version.
        heading: that of its column.
    """
    without = of_metric(rows, metric)
    without = without[(without["count"] == 0) & (without["reason"] != "")]
    if without.empty:
        return ""
    each = [
        f"{', '.join(clean(title) for title in group['title'])} ({clean(reason, 200)})"
        for reason, group in without.groupby("reason", sort=False)
    ]
    return f"{heading} is undefined for reference rows: {'; '.join(each)}."


def degenerate_notes(rows: pd.DataFrame, views: Sequence[str], beside: pd.DataFrame) -> list[str]:
    """Return the note on entries and reference rows with a score most of whose samples are noise or blank.

    Args:
        rows: leaderboard rows, with the share of degenerate images for each of `views`.
        beside: the rows of all metrics of those reference rows that the table shows a score of.
    """
    labelled = rows.set_index("label")
    worst = pd.concat(
        [labelled.loc[labelled[f"{view}_count"] > 0, f"{view}_degenerate"] for view in views], axis=1
    ).max(axis=1)
    shares = pd.concat([worst[worst > TOO_DEGENERATE], _degenerate(beside)])
    if shares.empty:
        return []
    named = ", ".join(f"{clean(name)} {share:.0%}" for name, share in shares.items())
    return [
        f"{WARNING.strip()}: more than half of the images are noise, blank or all the same ({named}); "
        "such a score does not describe their quality."
    ]


def _degenerate(rows: pd.DataFrame) -> pd.Series:
    """Return share of degenerate images of the reference rows that have too many, by title."""
    shares = of_metric(rows, DEGENERATE).set_index("title")["mean"].astype(float)
    return shares[shares > TOO_DEGENERATE]
