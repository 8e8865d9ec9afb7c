"""`gan_bench.compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gan_bench.bench.commands.api.requests import as_usage_errors
from gan_bench.bench.commands.api.results import Results

if TYPE_CHECKING:
    from gan_bench.bench.compare import Comparison


def compare(
    baseline: str | Path | Results,
    candidate: str | Path | Results,
    *,
    metrics: Iterable[str] = (),
    tolerances: Mapping[str, tuple[float, float]] | None = None,
    plugins: Iterable[str | Path] = (),
) -> Comparison:
    """Return the comparison of a candidate with a baseline, by all tiers of the regression gate.

    `exit_code()` of the comparison is the command's exit status, `table()` a DataFrame with before, after,
    change and interval of every test.

    Args:
        baseline: a folder of results, a baseline file, a speed file, or results of this API.
        candidate: the same of what is to be judged.
        metrics: to judge in place of those that tables rank by.
        tolerances: metric -> how much worse a median may get, relative and absolute.
        plugins: your own variants, datasets or metrics.

    Raises:
        UsageError: with the sentence of the command line.
    """
    from gan_bench.bench.compare import compare_paths

    texts = [f"{name}={relative},{absolute}" for name, (relative, absolute) in (tolerances or {}).items()]
    with as_usage_errors():
        return compare_paths(
            _path(baseline), _path(candidate), list(metrics), texts, list(map(Path, plugins))
        )


def _path(side: str | Path | Results) -> Path:
    return side.folder if isinstance(side, Results) else Path(side)
