"""All tiers together: the verdict, and the exit status that a build can act upon."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.compare import tiers
from gan_bench.bench.compare.cells import pairs
from gan_bench.bench.compare.findings import JUDGED, TIERS, Finding, Verdict, once
from gan_bench.bench.compare.quality import Tolerance, quality
from gan_bench.bench.compare.speed import KEY, compare_speed

FAIL_ON = (*TIERS, "incomparable", "failed")
"""What can fail a build: regressions of a tier, what cannot be compared or is missing, failed trials."""

OUTCOMES = {0: "fine", 1: "regression", 3: "not comparable or missing", 4: "failed trials"}
"""Exit status -> the word for it."""
WRONG: dict[Verdict, str] = {
    "regression": OUTCOMES[1],
    "failed": OUTCOMES[4],
    "incomparable": OUTCOMES[3],
    "missing": OUTCOMES[3],
}


@dataclass(frozen=True)
class Comparison:
    """The outcome: every finding, and how many cells and timings both sides have."""

    findings: tuple[Finding, ...]
    cells: int
    timings: int

    def of(self, *verdicts: Verdict) -> list[Finding]:
        """The findings with one of these verdicts."""
        return [finding for finding in self.findings if finding.verdict in verdicts]

    def outcome(self, fail_on: Collection[str] = FAIL_ON) -> str:
        """Return the word for the whole; `fine` only where nothing is wrong, whatever `fail_on` names."""
        status = self.exit_code(fail_on)
        if not status and (found := self.of(*WRONG)):
            kinds = dict.fromkeys(WRONG[finding.verdict] for finding in found)
            return f"{' and '.join(kinds)}, not in --fail-on"
        return OUTCOMES[status]

    def exit_code(self, fail_on: Collection[str] = FAIL_ON) -> int:
        """The first that applies: 1 a regression, 4 failed trials, 3 not comparable or missing, 0 fine.

        What `fail_on` does not name is shown and has no effect here. Nothing compared at all is 3, always.
        """
        if any(finding.tier in fail_on for finding in self.of("regression")):
            return 1
        if "failed" in fail_on and self.of("failed"):
            return 4
        if not self.cells and not self.timings:
            return 3
        return 3 if "incomparable" in fail_on and self.of("incomparable", "missing") else 0


def compare(
    baseline: pd.DataFrame,
    candidate: pd.DataFrame,
    metrics: Collection[str] = (),
    tolerances: Mapping[str, Tolerance] | None = None,
) -> Comparison:
    """Compare two frames of `bench.compare.baseline`; the options are those of the quality tier."""
    found, said = pairs(baseline, candidate)
    said += tiers.exact(found)
    said += quality(found, metrics, tolerances)
    said += tiers.stability(found)
    mine, theirs = (frame[frame["what"] == "speed"] for frame in (baseline, candidate))
    timings = 0
    for _, row in compare_speed(mine, theirs).iterrows() if len(mine) else ():
        timings += row["verdict"] in JUDGED
        numbers = {name: float(row[name]) for name in ("change", "p_value") if row[name] == row[name]}
        said.append(Finding("speed", row["verdict"], " · ".join(row[KEY]), row["text"], numbers))
    return Comparison(tuple(once(said)), len(found), timings)


def parse_fail_on(text: str) -> tuple[str, ...]:
    """`quality,failed` -> these; nothing -> all. Raises UsageError for a word that is not one of them."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        check_name("word", word, FAIL_ON, "--fail-on")
    return tuple(words) or FAIL_ON
