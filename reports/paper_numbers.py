"""Published numbers beside measured ones: deviation, verdict, and whether variants come in the same order.

The frame of published numbers has the columns suite, variant, dataset, metric, value and source, and may have
name (the paper's metric), architecture, spread, tolerance, protocol, comparable and why.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from gan_bench.reports.frames import BOARD, Frames
from gan_bench.reports.summary import metric_rows

AGREES, DISAGREES, INCOMPARABLE, MISSING = "agrees", "disagrees", "not comparable", "not measured"
STANDARD_ERRORS = 2.0
TEXTS = {"name": "", "architecture": "", "protocol": "", "why": "", "source": ""}
COLUMNS = [
    *BOARD,
    "label",
    "variant",
    "metric",
    "metric_title",
    "name",
    "published",
    "spread",
    "tolerance",
    "mean",
    "std",
    "count",
]
COLUMNS += ["seeds", "deviation", "verdict", "why", "source", "protocol"]
SERIES = [*BOARD, "metric", "metric_title", "name"]
ORDER = [
    *SERIES,
    "variants",
    "concordant",
    "pairs",
    "tau",
    "published_order",
    "measured_order",
]


def compare(
    frames: Frames, paper_numbers: pd.DataFrame | None, rows: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row per published number and entry of a board that it belongs to.

    `deviation` is measured minus published. It `agrees` within `tolerance`; without one, within two standard
    errors of the seeds' mean, or two of the paper's standard deviations where they are larger. A stand-in's
    numbers are never compared, nor are those that the suite marks, with its reason in `why`.

    Args:
        frames: of the trials.
        paper_numbers: the published numbers; None for none.
        rows: those of `reports.summary.metric_rows` of the frames, where they are known.
    """
    if paper_numbers is None or paper_numbers.empty:
        return pd.DataFrame(columns=COLUMNS)
    numbers = _uniform(paper_numbers)
    measured = metric_rows(frames) if rows is None else rows
    measured = measured[(measured["when"] == "final") & (measured["weights"] == "raw")]
    compared = []
    for key, board in frames.boards():
        dataset = key["stand_in_for"] or key["dataset"]
        board_numbers = numbers[(numbers["suite"] == key["suite"]) & (numbers["dataset"] == dataset)]
        board_numbers = board_numbers[board_numbers["architecture"].isin(["", key["architecture"]])]
        board_scores = measured[(measured[BOARD] == pd.Series(key)).all(axis=1)]
        entries = board.trials.drop_duplicates(["variant", "profile", "setting"])
        for number in board_numbers.to_dict("records"):
            for entry in entries[entries["variant"] == number["variant"]].to_dict("records"):
                chosen = board_scores[
                    (board_scores["label"] == entry["label"]) & (board_scores["profile"] == entry["profile"])
                ]
                chosen = chosen[chosen["metric"] == number["metric"]]
                score = chosen.iloc[0].to_dict() if len(chosen) else {}
                title = frames.descriptions.title(number["metric"])
                compared.append(_row(key, entry["label"], {**number, "metric_title": title}, score))
    return pd.DataFrame(compared, columns=COLUMNS)


def _uniform(paper_numbers: pd.DataFrame) -> pd.DataFrame:
    numbers = paper_numbers.copy()
    for name, default in {**TEXTS, "comparable": True, "spread": np.nan, "tolerance": np.nan}.items():
        if name not in numbers:
            numbers[name] = default
    for name in ("value", "spread", "tolerance"):
        numbers[name] = pd.to_numeric(numbers[name], errors="coerce").astype(float)
    return numbers


def _row(key: dict, label: str, number: dict, score: dict) -> dict:
    mean, std, count = (score.get(name, np.nan) for name in ("mean", "std", "count"))
    deviation = mean - number["value"]
    why = number["why"]
    if not np.isfinite(deviation):
        verdict, why = MISSING, score.get("reason", "") or "no seed has a score"
    elif key["stand_in_for"]:
        verdict, why = INCOMPARABLE, f"{key['dataset']} stands in for {key['stand_in_for']}"
    elif not number["comparable"]:
        verdict = INCOMPARABLE
    else:
        verdict = AGREES if abs(deviation) <= _allowed(number, std, count) else DISAGREES
    shown = {
        name: number[name]
        for name in ("variant", "metric", "metric_title", "name", "spread", "tolerance", "source", "protocol")
    }
    scores = {"mean": mean, "std": std, "count": count, "seeds": score.get("seeds", np.nan)}
    return {**key, "label": label, **shown, **scores, "published": number["value"], "deviation": deviation,
            "verdict": verdict, "why": why}  # fmt: skip


def _allowed(number: dict, std: float, count: float) -> float:
    if np.isfinite(number["tolerance"]):
        return number["tolerance"]
    error = std / np.sqrt(count) if count > 1 else 0.0
    return STANDARD_ERRORS * max(error, np.nan_to_num(number["spread"]))


def ordering(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the agreement of measured and published order, one row per board and metric of two variants.

    `concordant` of `pairs` pairs of variants with different published values are ordered alike; `tau` is
    Kendall's tau-b. Variants that are not comparable in value are: their order is. Where papers published
    several numbers of an entry, the first that the suite lists counts: an entry has no order with itself.

    Args:
        compared: the rows of `compare`.
    """
    measured = compared[compared["verdict"] != MISSING]
    rows = []
    for key, series in measured.groupby(SERIES, sort=False):
        group = series.drop_duplicates("label")
        if group["published"].nunique() < 2:
            continue
        first, second = np.triu_indices(len(group), 1)
        published, means = group["published"].to_numpy(), group["mean"].to_numpy()
        differ = published[first] != published[second]
        alike = np.sign(published[first] - published[second]) == np.sign(means[first] - means[second])
        orders = {
            f"{what}_order": _order(group.set_index("label")[column])
            for what, column in (("published", "published"), ("measured", "mean"))
        }
        tau = kendalltau(published, means).statistic
        rows.append({**dict(zip(SERIES, key, strict=True)), "variants": len(group),
                     "concordant": int((alike & differ).sum()), "pairs": int(differ.sum()), "tau": tau,
                     **orders})  # fmt: skip
    return pd.DataFrame(rows, columns=ORDER)


def _order(values: pd.Series) -> str:
    """Return labels from the smallest value up: `a < b = c`, where the same value is no order."""
    ascending = values.sort_values(kind="stable")
    signs = np.where(ascending.diff().iloc[1:] == 0, " = ", " < ")
    return "".join(
        [ascending.index[0], *(s + label for s, label in zip(signs, ascending.index[1:], strict=True))]
    )
