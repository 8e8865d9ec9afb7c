"""The two sides of a comparison, as users name them: folders of results, files of them, speed files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.compare.baseline import load
from gan_bench.bench.compare.gate import Comparison, compare
from gan_bench.bench.compare.quality import parse_tolerances
from gan_bench.bench.results.shipped import holds_results, path_of


def compare_paths(
    baseline: Path | pd.DataFrame,
    candidate: Path | pd.DataFrame,
    metrics: Collection[str] = (),
    tolerances: Iterable[str] = (),
    plugins: Iterable[Path] = (),
) -> Comparison:
    """Compare two sides by all tiers.

    Args:
        baseline, candidate: folders of results, files of results, baseline files or speed files;
            `reference` is the file of results that comes with the package; or frames of
            `bench.compare.baseline`. Of a file of results as baseline only the suites and variants of the
            candidate count.
        metrics: to judge in place of those that tables rank by.
        tolerances: texts such as `modes=0.1,0.5`: relative and absolute.
        plugins: files of variants, datasets or metrics.

    Raises:
        UsageError: for what cannot be read, for metrics that the baseline does not have or that have no
            better direction, and for tolerances of metrics that are not judged.
    """
    load_plugins(plugins)
    limits = parse_tolerances(tolerances)
    after = candidate if isinstance(candidate, pd.DataFrame) else load(path_of(str(candidate)))
    before = _baseline(baseline, after)
    _check_metrics(
        before, metrics, limits, "the baseline" if isinstance(baseline, pd.DataFrame) else str(baseline)
    )
    return compare(before, after, metrics, limits)


def _check_metrics(
    before: pd.DataFrame, metrics: Collection[str], limits: Collection[str], where: str
) -> None:
    """Raise UsageError for metrics that the quality tier would not judge."""
    scores = before[before["what"] == "score"]
    known = dict.fromkeys(scores["name"])
    directed = {*scores.loc[scores["direction"].isin(["min", "max"]), "name"]}
    for name in (*metrics, *limits):
        check_name("metric", name, known, where)
        if name not in directed:
            raise UsageError(f"{name} of {where} has no better direction, so no change of it is judged")
    judged = set(metrics) or {*scores.loc[scores["primary"], "name"]}
    for name in limits:
        if name not in judged:
            raise UsageError(
                f"--tolerance {name}: not judged, which are {', '.join(sorted(judged))}; --metric {name} "
                "judges it in their place"
            )


def _baseline(path: Path | pd.DataFrame, candidate: pd.DataFrame) -> pd.DataFrame:
    """Return the frame of a baseline; of a file of results the part that the candidate could have too."""
    if isinstance(path, pd.DataFrame):
        return path
    path = path_of(str(path))
    frame = load(path)
    if not holds_results(path):
        return frame
    lines = ["suite", "variant"]
    return frame.merge(candidate[lines].drop_duplicates(), on=lines)
