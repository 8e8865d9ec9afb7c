"""The comparison of two frames by all tiers, its verdict and its exit status."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.compare import tiers
from gan_bench.bench.compare.cells import pairs
from gan_bench.bench.compare.findings import JUDGED, TIERS, Finding, Tier, Verdict, once
from gan_bench.bench.compare.judged import judged_tiers
from gan_bench.bench.compare.quality import Tolerance, quality
from gan_bench.bench.compare.speed import KEY, compare_speed
from gan_bench.bench.compare.table import table

FAIL_ON = (*TIERS, "incomparable", "failed")
"""Words of --fail-on: regressions of a tier, incomparable or missing cells, failed trials."""

OUTCOMES = {0: "fine", 1: "regression", 3: "not comparable or missing", 4: "failed trials"}
"""Exit status -> its name."""
WRONG: dict[Verdict, str] = {
    "regression": OUTCOMES[1],
    "failed": OUTCOMES[4],
    "incomparable": OUTCOMES[3],
    "missing": OUTCOMES[3],
}


@dataclass(frozen=True)
class Comparison:
    """Result of a comparison: findings, numbers of cells and timings compared, and tiers that judged any."""

    findings: tuple[Finding, ...]
    cells: int
    timings: int
    judged: frozenset[Tier]

    def of(self, *verdicts: Verdict) -> list[Finding]:
        """Return the findings with one of these verdicts."""
        return [finding for finding in self.findings if finding.verdict in verdicts]

    def outcome(self, fail_on: Collection[str] = FAIL_ON) -> str:
        """Return the name of the exit status; faults that `fail_on` omits are listed instead of `fine`."""
        status = self.exit_code(fail_on)
        if not status and (faults := self.of(*WRONG)):
            kinds = dict.fromkeys(WRONG[finding.verdict] for finding in faults)
            return f"{' and '.join(kinds)}, not in --fail-on"
        return OUTCOMES[status]

    def table(self) -> pd.DataFrame:
        """Return a row per test with before, after, change and interval (`bench.compare.table.table`)."""
        return table(self.findings)

    def exit_code(self, fail_on: Collection[str] = FAIL_ON) -> int:
        """Return the first that applies: 1 regression, 4 failed trials, 3 not comparable or missing, 0 fine.

        Findings that `fail_on` does not name have no effect. The status is 3 if the tiers that it names had
        nothing to judge.
        """
        if any(finding.tier in fail_on for finding in self.of("regression")):
            return 1
        if "failed" in fail_on and self.of("failed"):
            return 4
        if self.empty(fail_on):
            return 3
        return 3 if "incomparable" in fail_on and self.of("incomparable", "missing") else 0

    def empty(self, fail_on: Collection[str] = FAIL_ON) -> bool:
        """Return whether nothing was judged by the tiers that `fail_on` names (all, where it names none).

        That runs survive is enough only where no tier that compares values is named.
        """
        named = {tier for tier in TIERS if tier in fail_on} or set(TIERS)
        return not self.judged & (named - {"stability"} or named)


def compare(
    baseline: pd.DataFrame,
    candidate: pd.DataFrame,
    metrics: Collection[str] = (),
    tolerances: Mapping[str, Tolerance] | None = None,
) -> Comparison:
    """Compare two frames of `bench.compare.baseline`.

    Args:
        baseline, candidate: the frames.
        metrics: of the quality tier, in place of those that tables rank by.
        tolerances: of the quality tier, by metric, in place of the defaults.
    """
    cells, findings = pairs(baseline, candidate)
    findings += tiers.exact(cells)
    findings += quality(cells, metrics, tolerances)
    findings += tiers.stability(cells)
    before, after = (frame[frame["what"] == "speed"] for frame in (baseline, candidate))
    timings = 0
    for _, row in compare_speed(before, after).iterrows() if len(before) else ():
        timings += row["verdict"] in JUDGED
        numbers = {name: float(row[name]) for name in ("change", "p_value") if row[name] == row[name]}
        findings.append(Finding("speed", row["verdict"], " · ".join(row[KEY]), row["text"], numbers))
    judged = judged_tiers(cells, findings, metrics)
    return Comparison(tuple(once(findings)), len(cells), timings, judged)


def parse_fail_on(text: str) -> tuple[str, ...]:
    """Read `quality,failed`; no words mean all. Raise UsageError for a word that is not in `FAIL_ON`."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        check_name("word", word, FAIL_ON, "--fail-on")
    return tuple(words) or FAIL_ON
