"""`gan_bench.compare`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gan_bench.bench.commands.api.requests import as_usage_errors, several
from gan_bench.bench.commands.api.results import Results
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.plugins import load_plugins

if TYPE_CHECKING:
    import pandas as pd

    from gan_bench.bench.compare import Comparison


def compare(
    baseline: str | Path | Results,
    candidate: str | Path | Results,
    *,
    metrics: str | Iterable[str] = (),
    tolerances: Mapping[str, tuple[float, float]] | None = None,
    plugins: str | Path | Iterable[str | Path] = (),
) -> Comparison:
    """Return the comparison of a candidate with a baseline, by all tiers of the regression gate.

    `exit_code()` of the comparison is the command's exit status, `table()` a DataFrame with before, after,
    change and interval of every test.

    Args:
        baseline: a folder of results, a baseline file, a speed file, `reference`, or results of this API: of
            `gan_bench.run` the trials that were asked for.
        candidate: the same of what is to be judged.
        metrics: to judge in place of those that tables rank by.
        tolerances: metric -> how much worse a median may get, relative and absolute.
        plugins: your own variants, datasets or metrics.

    Raises:
        UsageError: with the sentence of the command line.
    """
    from gan_bench.bench.compare import compare_paths

    with as_usage_errors():
        files = [Path(each) for each in several(plugins)]
        load_plugins(files)  # before results are read: ranges of their metrics are looked up
        texts = list(_texts(tolerances or {}))
        return compare_paths(_side(baseline), _side(candidate), several(metrics), texts, files)


def _side(side: str | Path | Results) -> Path | pd.DataFrame:
    return side.frame() if isinstance(side, Results) else Path(side)


def _texts(tolerances: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    """Yield tolerances as the command line writes them."""
    for name, pair in tolerances.items():
        try:
            relative, absolute = map(float, pair)
        except (TypeError, ValueError):
            raise UsageError(
                f"gan_bench.compare: tolerances[{name!r}]={pair!r}: expected two numbers, relative and "
                "absolute"
            ) from None
        yield f"{name}={relative},{absolute}"
