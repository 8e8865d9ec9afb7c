"""The quality tier: final scores, per cell if there are enough seeds, else over a whole suite."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare.cells import Pair, Row
from gan_bench.bench.compare.evidence import (
    ALPHA,
    MIN_SEEDS,
    holm,
    interval_of_worsening,
    p_worse,
    p_worse_together,
    worsening,
)
from gan_bench.bench.compare.findings import Finding, Verdict, amount
from gan_bench.names import counted

RELATIVE, ABSOLUTE = 0.10, 0.02
"""Default tolerances of a worse median: as a share of itself, and of the metric's range if that is finite."""


@dataclass(frozen=True)
class Tolerance:
    """Tolerance of a worse median: a share of itself, and a number of units of the metric."""

    relative: float = RELATIVE
    absolute: float = 0.0


def parse_tolerances(texts: Iterable[str]) -> dict[str, Tolerance]:
    """Read texts such as `fid_lenet28=0.05,1.5` (relative, absolute); raise UsageError for other texts."""
    tolerances = {}
    for text in texts:
        match = re.fullmatch(r"\s*([\w.-]+)\s*=\s*([\d.eE_+-]+)\s*,\s*([\d.eE_+-]+)\s*", text)
        try:
            name, values = (match[1], [float(match[2]), float(match[3])]) if match else ("", [])
        except ValueError:
            values = []
        if not values or min(values) < 0 or not np.isfinite(values).all():
            raise UsageError(f"--tolerance {text}: expected METRIC=RELATIVE,ABSOLUTE, as in modes=0.1,0.5")
        tolerances[name] = Tolerance(*values)
    return tolerances


@dataclass(frozen=True)
class Scores:
    """Scores of one metric in one cell: costs [n] before and [m] after."""

    pair: Pair
    metric: str
    direction: str
    before: np.ndarray
    after: np.ndarray
    tolerance: Tolerance

    @property
    def alone(self) -> bool:
        """True if the cell has enough seeds for a test of its own."""
        return min(len(self.before), len(self.after)) >= MIN_SEEDS

    @property
    def change(self) -> tuple[float, float]:
        """Increase of the median cost, absolute and relative."""
        absolute, relative = worsening(self.before, self.after)
        return float(absolute), float(relative)

    @property
    def beyond(self) -> bool:
        """True if the median got worse by more than both tolerances."""
        absolute, relative = self.change
        return absolute > self.tolerance.absolute and relative > self.tolerance.relative


def quality(
    pairs: Iterable[Pair], metrics: Collection[str] = (), tolerances: Mapping[str, Tolerance] | None = None
) -> Iterator[Finding]:
    """Yield findings on final scores: one per cell with at least `MIN_SEEDS` seeds, one per suite for others.

    Args:
        pairs: cells of both sides.
        metrics: to test in place of those that tables rank by.
        tolerances: by metric, in place of 10 % of the median and 2 % of the metric's range.
    """
    judged: list[Scores] = []
    for pair in pairs:
        for scores in _scores(pair, metrics, tolerances or {}):
            if isinstance(scores, Finding):
                yield scores
            else:
                judged.append(scores)
    alone = [scores for scores in judged if scores.alone]
    p_values = np.array([float(p_worse(scores.before, scores.after)) for scores in alone])
    for scores, p_value, significant in zip(alone, p_values, holm(p_values, ALPHA["cells"]), strict=True):
        yield _judged(scores, float(p_value), bool(significant))
    together: dict[tuple[str, str], list[Scores]] = defaultdict(list)
    for scores in judged:
        if not scores.alone:
            together[scores.pair.key["suite"], scores.metric].append(scores)
            if not scores.pair.before.bounds:  # sweeps have few seeds per setting; survival tests them
                yield Finding("quality", "note", scores.pair.name, _too_few(scores))
    for (suite, metric), group in together.items():
        yield _suite(suite, metric, group, ALPHA["suites"] / len(together))


def _too_few(scores: Scores) -> str:
    text = f"{scores.metric} has {counted(len(scores.before), 'seed')} before and {len(scores.after)} now, "
    text += (
        f"too few to test a single cell (at least {MIN_SEEDS} on either side); train both with the suite's "
    )
    return text + "budget `gate`, or with --seeds 12"


def _suite(suite: str, metric: str, group: list[Scores], alpha: float) -> Finding:
    share, low = p_worse_together([(scores.before, scores.after) for scores in group], alpha)
    with np.errstate(invalid="ignore"):  # as many cells were lost as came back: no change
        absolute, relative = np.median([scores.change for scores in group], axis=0)
    absolute, relative = (0.0 if np.isnan(value) else float(value) for value in (absolute, relative))
    tolerance = group[0].tolerance
    cells = f"{counted(len(group), 'cell')} with fewer than {MIN_SEEDS} seeds"
    text = f"{metric} over {cells}: a run is worse with probability {share:.2f} (at least {low:.2f}), "
    text += f"the median cell by {relative:+.0%}"
    worse = low > 0.5 and absolute > tolerance.absolute and relative > tolerance.relative
    numbers = {"probability": share, "low": low, "relative": relative, "absolute": absolute}
    return Finding("quality", "regression" if worse else "fine", suite, text, numbers, metric)


def judgeable(pair: Pair, metrics: Collection[str]) -> Iterator[tuple[str, Row]]:
    """Yield metrics that this tier compares, with a row of the baseline: those ranked by, or `metrics`."""
    rows = {row["name"]: row for row in pair.before.rows if row["what"] == "score"}
    for name, row in rows.items():
        if row["direction"] in ("min", "max") and (name in metrics if metrics else row["primary"]):
            yield name, row


def _scores(
    pair: Pair, metrics: Collection[str], tolerances: Mapping[str, Tolerance]
) -> Iterator[Scores | Finding]:
    for name, row in judgeable(pair, metrics):
        direction = row["direction"]
        if differing := pair.differing(name):
            yield Finding("quality", "incomparable", pair.name, differing)
        elif not pair.after.scores(name) and pair.after.count("finished"):
            yield Finding("quality", "missing", pair.name, f"{name} was not measured in the candidate")
        else:
            span = row["high"] - row["low"]
            tolerance = tolerances.get(
                name, Tolerance(absolute=ABSOLUTE * span if np.isfinite(span) else 0.0)
            )
            before, after = (cell.costs(name, direction) for cell in (pair.before, pair.after))
            yield Scores(pair, name, direction, before, after, tolerance)


def _judged(scores: Scores, p_value: float, significant: bool) -> Finding:
    """Return the finding on one cell: medians, and the change in the metric's direction with its interval."""
    sign = 1 if scores.direction == "min" else -1
    before, after = (sign * float(np.median(side)) for side in (scores.before, scores.after))
    _, relative = scores.change
    change, *ends = (
        sign * value for value in (relative, *interval_of_worsening(scores.before, scores.after))
    )
    low, high = sorted(ends)
    text = f"{scores.metric} {amount(before)} before, {amount(after)} now: {change:+.0%} "
    text += f"({low:+.0%} to {high:+.0%}), p = {p_value:.2g}"
    lost = [int(np.isinf(side).sum()) for side in (scores.before, scores.after)]
    text += f"; {lost[0]} lost before, {lost[1]} now" if any(lost) else ""
    numbers = {"before": before, "after": after, "change": change, "low": low, "high": high}
    worse = significant and scores.beyond
    verdict: Verdict = "regression" if worse else "fine"
    return Finding("quality", verdict, scores.pair.name, text, {**numbers, "p_value": p_value}, scores.metric)
