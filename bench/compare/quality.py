"""The quality tier: final scores, cell by cell where there are seeds enough, else over a whole suite."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare.cells import Pair
from gan_bench.bench.compare.evidence import (
    ALPHA,
    MIN_SEEDS,
    holm,
    interval_of_worsening,
    p_worse,
    p_worse_together,
    worsening,
)
from gan_bench.bench.compare.findings import Finding, Verdict

RELATIVE, ABSOLUTE = 0.10, 0.02
"""A median must get worse by more than this share of itself, and of the metric's range where it is finite."""


@dataclass(frozen=True)
class Tolerance:
    """How much worse a median may get: by this share of itself, or by this many units."""

    relative: float = RELATIVE
    absolute: float = 0.0


def parse_tolerances(texts: Iterable[str]) -> dict[str, Tolerance]:
    """`fid_lenet28=0.05,1.5` -> that metric's relative and absolute tolerance. Raises UsageError."""
    found = {}
    for text in texts:
        match = re.fullmatch(r"\s*([\w.-]+)\s*=\s*([\d.eE_+-]+)\s*,\s*([\d.eE_+-]+)\s*", text)
        try:
            name, values = (match[1], [float(match[2]), float(match[3])]) if match else ("", [])
        except ValueError:
            values = []
        if not values or min(values) < 0:
            raise UsageError(f"--tolerance {text}: expected METRIC=RELATIVE,ABSOLUTE, as in modes=0.1,0.5")
        found[name] = Tolerance(*values)
    return found


@dataclass(frozen=True)
class Scores:
    """One metric of one cell: costs on either side, and what was found of them."""

    pair: Pair
    metric: str
    direction: str
    before: np.ndarray
    after: np.ndarray
    tolerance: Tolerance

    @property
    def alone(self) -> bool:
        """Whether there are seeds enough to judge the cell on its own."""
        return min(len(self.before), len(self.after)) >= MIN_SEEDS

    @property
    def change(self) -> tuple[float, float]:
        """Worsening of the median, absolute and relative."""
        absolute, relative = worsening(self.before, self.after)
        return float(absolute), float(relative)

    @property
    def beyond(self) -> bool:
        """Whether the median got worse by more than both tolerances."""
        absolute, relative = self.change
        return absolute > self.tolerance.absolute and relative > self.tolerance.relative


def quality(
    pairs: Iterable[Pair], metrics: Collection[str] = (), tolerances: Mapping[str, Tolerance] | None = None
) -> Iterator[Finding]:
    """Final scores: cells with eight seeds each on their own, the others of a suite together.

    `metrics` are judged in place of those that tables rank by; `tolerances` hold in place of 10 % of the
    median and 2 % of the metric's range.
    """
    judged: list[Scores] = []
    for pair in pairs:
        for found in _scores(pair, metrics, tolerances or {}):
            if isinstance(found, Finding):
                yield found
            else:
                judged.append(found)
    alone = [scores for scores in judged if scores.alone]
    p_values = np.array([float(p_worse(scores.before, scores.after)) for scores in alone])
    for scores, p_value, significant in zip(alone, p_values, holm(p_values, ALPHA["cells"]), strict=True):
        yield _judged(scores, float(p_value), bool(significant))
    together: dict[tuple[str, str], list[Scores]] = defaultdict(list)
    for scores in judged:
        if not scores.alone:
            together[scores.pair.key["suite"], scores.metric].append(scores)
            if not scores.pair.before.bounds:  # a sweep is judged by survival, one seed per setting will do
                yield Finding("quality", "note", scores.pair.name, _too_few(scores))
    for (suite, metric), group in together.items():
        yield _suite(suite, metric, group, ALPHA["suites"] / len(together))


def _too_few(scores: Scores) -> str:
    text = f"{scores.metric} has {len(scores.before)} seeds before and {len(scores.after)} now, too few to "
    text += f"judge a cell on its own (at least {MIN_SEEDS} on either side); train both with the suite's "
    return text + "budget `gate`, or with --seeds 12"


def _suite(suite: str, metric: str, group: list[Scores], alpha: float) -> Finding:
    share, low = p_worse_together([(scores.before, scores.after) for scores in group], alpha)
    absolute, relative = np.median([scores.change for scores in group], axis=0)
    tolerance = group[0].tolerance
    cells = f"{len(group)} cell{'s' if len(group) > 1 else ''} with fewer than {MIN_SEEDS} seeds"
    text = f"{metric} over {cells}: a run is worse with probability {share:.2f} (at least {low:.2f}), "
    text += f"the median cell by {relative:+.0%}"
    worse = low > 0.5 and absolute > tolerance.absolute and relative > tolerance.relative
    numbers = {"probability": share, "low": low, "relative": float(relative), "absolute": float(absolute)}
    return Finding("quality", "regression" if worse else "fine", suite, text, numbers)


def _scores(
    pair: Pair, metrics: Collection[str], tolerances: Mapping[str, Tolerance]
) -> Iterator[Scores | Finding]:
    measured = {row["name"]: row for row in pair.before.rows if row["what"] == "score"}
    for name, row in measured.items():
        direction = row["direction"]
        if direction not in ("min", "max") or not (name in metrics if metrics else row["primary"]):
            continue
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
    """One cell: its medians, the change in the metric's own direction and the interval of that."""
    sign = 1 if scores.direction == "min" else -1
    before, after = (sign * float(np.median(side)) for side in (scores.before, scores.after))
    _, relative = scores.change
    change, *ends = (
        sign * value for value in (relative, *interval_of_worsening(scores.before, scores.after))
    )
    low, high = sorted(ends)
    text = (
        f"{scores.metric} {before:.4g} before, {after:.4g} now: {change:+.0%} ({low:+.0%} to {high:+.0%}), "
    )
    text += f"p = {p_value:.2g}"
    lost = [int(np.isinf(side).sum()) for side in (scores.before, scores.after)]
    text += f"; {lost[0]} lost before, {lost[1]} now" if any(lost) else ""
    numbers = {"before": before, "after": after, "change": change, "low": low, "high": high}
    worse = significant and scores.beyond
    verdict: Verdict = "regression" if worse else "fine"
    return Finding("quality", verdict, scores.pair.name, text, {**numbers, "p_value": p_value})
