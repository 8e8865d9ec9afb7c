"""The tests of a comparison as a table: before, after, change and its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from gan_bench.bench.compare.findings import JUDGED, Finding, amount, parted
from gan_bench.reports import latex as source
from gan_bench.reports import markdown as text
from gan_bench.reports.labels import number
from gan_bench.reports.table import Column, Table

TEXTS = ("tier", "cell", "measure", "verdict")
NUMBERS = ("before", "after", "change", "low", "high", "p_value")
COLUMNS = [
    *(Column(name, right=False) for name in ("Cell", "Measure")),
    *(Column(name) for name in ("Before", "Now", "Change", "95 % interval", "p")),
    Column("Verdict", right=False),
]
NOTE = (
    "Medians of a metric and their relative change; shares of trials and their difference; medians of times "
    "and their relative change."
)


def table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return a row per finding of a test, regressions first.

    Columns: tier, cell, measure (the metric, or the name of the tier), verdict; before and after (medians of
    scores, shares of survivors), change (relative for scores and times, a difference for shares), low and
    high (its 95 % interval) and p_value. A number that a test does not give is NaN.
    """
    judged = sorted((one for one in findings if one.verdict in JUDGED), key=lambda one: one.verdict == "fine")
    rows = [
        {
            "tier": one.tier,
            "cell": one.cell,
            "measure": one.metric or one.tier,
            "verdict": one.verdict,
            **{name: _numbers(one).get(name, math.nan) for name in NUMBERS},
        }
        for one in judged
    ]
    return pd.DataFrame(rows, columns=[*TEXTS, *NUMBERS]).astype(dict.fromkeys(NUMBERS, float))


def _numbers(finding: Finding) -> dict[str, float]:
    """Return the numbers of a finding; those of a test of a whole suite have a change without interval."""
    numbers = dict(finding.numbers)
    if "relative" in numbers:  # its `low` is the bound of a probability
        return {"change": numbers["relative"]}
    return numbers


def markdown(findings: Iterable[Finding], title: str) -> str:
    """Return :func:`table` as Markdown under a title; the title alone where nothing was tested."""
    if not (cells := _cells(findings)):
        return f"## {text.escape(title)}\n"
    return text.markdown([Table(title, COLUMNS, cells, remarks=[NOTE])])


def latex(findings: Iterable[Finding], outcome: str) -> str:
    r"""Return :func:`table` as LaTeX, for `\input`; a comment with the outcome where nothing was tested.

    What all cells have in common (suite, data, networks, budget) is in the caption, before the outcome.
    """
    if not (cells := _cells(findings)):
        return f"% {source.escape(outcome)}\n"
    shared, names = parted([first for first, *_ in cells])
    lines = [[name, *others] for name, (_, *others) in zip(names, cells, strict=True)]
    title = " · ".join(["Baseline and candidate", *shared])
    made = Table(title, COLUMNS, lines, remarks=[outcome, NOTE], name="comparison")
    return source.latex([made])


def _cells(findings: Iterable[Finding]) -> list[list[str]]:
    """Return :func:`table` as texts, a list per row."""
    cells = []
    for row in table(findings).to_dict("records"):
        p_value = f"{row['p_value']:.2g}" if math.isfinite(row["p_value"]) else "–"
        ends = (row["low"], row["high"])
        interval = "–" if any(map(math.isnan, ends)) else " to ".join(f"{end:+.0%}" for end in ends)
        change = "–" if math.isnan(row["change"]) else f"{row['change']:+.0%}"
        medians = [
            amount(value) if math.isinf(value) else number(value) for value in (row["before"], row["after"])
        ]
        values = [*medians, change, interval, p_value]
        cells.append([row["cell"], row["measure"], *values, row["verdict"]])
    return cells
