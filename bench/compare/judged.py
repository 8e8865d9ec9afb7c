"""The tiers that had anything to judge: a gate must not pass because its baseline holds nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from gan_bench.bench.compare.cells import Pair
from gan_bench.bench.compare.findings import JUDGED, Finding, Tier
from gan_bench.bench.compare.quality import judgeable
from gan_bench.bench.compare.tiers import common_losses


def judged_tiers(
    pairs: Sequence[Pair], findings: Iterable[Finding], metrics: Collection[str]
) -> frozenset[Tier]:
    """Return the tiers that compared at least one value of the baseline.

    Args:
        pairs: comparable cells.
        findings: of all tiers.
        metrics: of the quality tier, in place of those that tables rank by.
    """
    return frozenset(_judged(pairs, findings, metrics))


def _judged(pairs: Sequence[Pair], findings: Iterable[Finding], metrics: Collection[str]) -> Iterator[Tier]:
    if any(common_losses(pair) for pair in pairs):
        yield "exact"
    if any(_has_score(pair, metrics) for pair in pairs):
        yield "quality"
    if any(pair.before.count("finished") for pair in pairs):
        yield "stability"
    yield from {finding.tier for finding in findings if finding.tier == "speed" and finding.verdict in JUDGED}


def _has_score(pair: Pair, metrics: Collection[str]) -> bool:
    """Return whether the baseline has a defined value of a metric that the quality tier compares here."""
    return any(
        np.isfinite(pair.before.costs(name, row["direction"])).any() and not pair.differing(name)
        for name, row in judgeable(pair, metrics)
    )
