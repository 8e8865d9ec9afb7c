"""The outcome of a comparison as text for people, JSON for programs, annotations for GitHub's pages."""

from __future__ import annotations

import json
from collections.abc import Collection

from bench.compare.findings import Finding
from bench.compare.gate import Comparison

HEADINGS = {
    "regression": "Regressions",
    "failed": "Failed trials",
    "incomparable": "Not comparable",
    "missing": "Missing in the candidate",
    "note": "Notes",
}
LEVELS = {"regression": "error", "failed": "error", "incomparable": "warning", "missing": "warning"}
OUTCOMES = {0: "fine", 1: "regression", 3: "not comparable or missing", 4: "failed trials"}


def show(comparison: Comparison, format: str, fail_on: Collection[str]) -> str:
    """The whole outcome as `text`, `json` or `github`; what `fail_on` does not name is a notice on GitHub."""
    status = comparison.exit_code(fail_on)
    if format == "json":
        content = {
            "exit": status,
            "outcome": OUTCOMES[status],
            "cells": comparison.cells,
            "timings": comparison.timings,
            "fail_on": sorted(fail_on),
            "findings": [finding.to_json() for finding in comparison.findings],
        }
        return json.dumps(content, indent=2, ensure_ascii=False)
    if format == "github":
        return "\n".join([*(_annotation(f, fail_on) for f in comparison.findings), _last(comparison, status)])
    lines = []
    for verdict, heading in HEADINGS.items():
        if chosen := [finding for finding in comparison.findings if finding.verdict == verdict]:
            lines += [f"{heading} ({len(chosen)})", *(f"  {_line(finding)}" for finding in chosen), ""]
    return "\n".join([*lines, _last(comparison, status)])


def _line(finding: Finding) -> str:
    tier = "" if finding.tier == "pairing" else f"{finding.tier}: "
    return f"{tier}{finding.cell}: {finding.text}"


def _last(comparison: Comparison, status: int) -> str:
    counts = f"{comparison.cells} cells and {comparison.timings} timings compared"
    counts += f", {len(comparison.of('regression'))} regressions"
    return f"{OUTCOMES[status].capitalize()}: {counts} (exit {status})."


def _annotation(finding: Finding, fail_on: Collection[str]) -> str:
    """A workflow command; text from data is escaped as GitHub's toolkit does."""
    level = LEVELS.get(finding.verdict, "notice")
    if finding.verdict == "regression" and finding.tier not in fail_on:
        level = "notice"
    message = f"{finding.cell}: {finding.text}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} title=gan-bench {finding.tier} {finding.verdict}::{message}"
