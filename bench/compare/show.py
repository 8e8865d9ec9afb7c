"""Output of a comparison: for a terminal, programs, GitHub and papers."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Collection, Iterator

from gan_bench.bench.compare.findings import JUDGED, Finding, Verdict
from gan_bench.bench.compare.gate import WRONG, Comparison
from gan_bench.bench.compare.table import latex, markdown
from gan_bench.reports.latex import escape as in_latex
from gan_bench.reports.markdown import escape

HEADINGS = {
    "regression": "Regressions",
    "failed": "Failed trials",
    "incomparable": "Not comparable",
    "missing": "Missing in the candidate",
    "note": "Notes",
    "fine": "Tested, no regression",
}
INTERVALS = "Medians or shares, the change, and in parentheses its 95 % interval."
NOTHING = "The baseline holds nothing that the tiers named by --fail-on can judge in this candidate."
UNTESTED = tuple(verdict for verdict in WRONG if verdict not in JUDGED)
"""Verdicts on what was not tested: a table for a paper lists them as comments."""
LEVELS = {"regression": "error", "failed": "error", "incomparable": "warning", "missing": "warning"}


def show(comparison: Comparison, format: str, fail_on: Collection[str]) -> str:
    """Return a comparison as `text`, `json`, `github`, `markdown` or `latex`.

    On GitHub, regressions of tiers that `fail_on` does not name are notices.
    """
    if format == "json":
        content = {
            "exit": comparison.exit_code(fail_on),
            "outcome": comparison.outcome(fail_on),
            "cells": comparison.cells,
            "timings": comparison.timings,
            "fail_on": sorted(fail_on),
            "findings": [finding.to_json() for finding in comparison.findings],
        }
        return json.dumps(content, indent=2, ensure_ascii=False)
    if format == "github":
        annotations = [_annotation(f, fail_on) for f in comparison.findings if f.verdict != "fine"]
        tested = list(_section(comparison, "fine"))
        folded = ["::group::" + tested[0], *tested[1:-1], "::endgroup::"] if tested else []
        return "\n".join([*annotations, *folded, _last(comparison, fail_on)])
    if format == "markdown":
        faults = [f"- {escape(line)}" for verdict in WRONG for line in _listed(comparison, verdict)]
        return "\n".join([markdown(comparison.findings, _last(comparison, fail_on)), *faults])
    if format == "latex":
        faults = [f"% {in_latex(line)}" for verdict in UNTESTED for line in _listed(comparison, verdict)]
        return "\n".join([latex(comparison.findings, _last(comparison, fail_on)).rstrip("\n"), *faults])
    lines = [line for verdict in HEADINGS for line in _section(comparison, verdict)]
    return "\n".join([*lines, _last(comparison, fail_on)])


def _listed(comparison: Comparison, verdict: Verdict) -> Iterator[str]:
    """Yield the findings of one verdict, a line each."""
    for finding in comparison.of(verdict):
        yield " ".join(f"{HEADINGS[verdict]}: {finding.cell}: {finding.text}".split())


def _section(comparison: Comparison, verdict: str) -> Iterator[str]:
    """Yield the findings of one verdict: each place (suite, data, networks, budget) once, then its cells."""
    chosen = [finding for finding in comparison.findings if finding.verdict == verdict]
    if not chosen:
        return
    width = shutil.get_terminal_size((80, 24)).columns
    yield f"{HEADINGS[verdict]} ({len(chosen)})"
    if verdict in JUDGED:
        yield f"  {INTERVALS}"
    above = None
    for finding in chosen:
        place, name = _split(finding.cell)
        if place and place != above:
            yield f"  {place}"
        above = place
        tier = "" if finding.tier == "pairing" else finding.tier
        colon = "" if not tier or name.startswith("(") else ":"  # "quality (8 cells ...)"
        indent = "    " if place else "  "
        line = " ".join(f"{tier}{colon} {name}: {finding.text}".split())
        yield from textwrap.wrap(line, width, initial_indent=indent, subsequent_indent=indent + "    ")
    yield ""


def _split(cell: str) -> tuple[str, str]:
    """Split `suite · data · networks · budget · rest` into the first four parts and the rest."""
    parts = " ".join(cell.split()).split(" · ")
    return (" · ".join(parts[:4]), " · ".join(parts[4:])) if len(parts) > 4 else ("", " · ".join(parts))


def _last(comparison: Comparison, fail_on: Collection[str]) -> str:
    tests = len([finding for finding in comparison.of(*JUDGED) if finding.tier != "exact"])
    regressions = len(comparison.of("regression"))
    counts = ", ".join(
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in (
            (comparison.cells, "cell"),
            (comparison.timings, "timing"),
            (tests, "test"),
            (regressions, "regression"),
        )
        if count or word != "timing"
    )
    last = f"{comparison.outcome(fail_on).capitalize()}: {counts} (exit {comparison.exit_code(fail_on)})."
    return f"{last} {NOTHING}" if comparison.empty(fail_on) else last


def _annotation(finding: Finding, fail_on: Collection[str]) -> str:
    """Return a workflow command, with text escaped as in GitHub's toolkit."""
    level = LEVELS.get(finding.verdict, "notice")
    if finding.verdict == "regression" and finding.tier not in fail_on:
        level = "notice"
    message = f"{finding.cell}: {finding.text}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} title=gan-bench {finding.tier} {finding.verdict}::{message}"
