"""The two sides of a comparison, as users name them: folders of results, files of them, speed files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.compare.baseline import load
from gan_bench.bench.compare.gate import Comparison, compare
from gan_bench.bench.compare.quality import parse_tolerances
from gan_bench.bench.results.shipped import holds_results, path_of


def compare_paths(
    baseline: Path,
    candidate: Path,
    metrics: Collection[str] = (),
    tolerances: Iterable[str] = (),
    plugins: Iterable[Path] = (),
) -> Comparison:
    """Compare two sides by all tiers.

    Args:
        baseline, candidate: folders of results, files of results, baseline files or speed files. The
            baseline `reference` is the file of results that comes with the package. Of a file of results
            only the suites and variants of the candidate count.
        metrics: to judge in place of those that tables rank by.
        tolerances: texts such as `modes=0.1,0.5`: relative and absolute.
        plugins: files of variants, datasets or metrics.

    Raises:
        UsageError: for what cannot be read, and for metrics that the baseline does not have.
    """
    load_plugins(plugins)
    limits = parse_tolerances(tolerances)
    after = load(candidate)
    before = _baseline(baseline, after)
    known = dict.fromkeys(before.loc[before["what"] == "score", "name"])
    for name in (*metrics, *limits):
        check_name("metric", name, known, str(baseline))
    return compare(before, after, metrics, limits)


def _baseline(path: Path, candidate: pd.DataFrame) -> pd.DataFrame:
    """Return the frame of a baseline; of a file of results the part that the candidate could have too."""
    path = path_of(str(path))
    frame = load(path)
    if not holds_results(path):
        return frame
    lines = ["suite", "variant"]
    return frame.merge(candidate[lines].drop_duplicates(), on=lines)
