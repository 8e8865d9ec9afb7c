"""Cells of only one side because the two sides have different budgets: one finding per suite."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.layout import CELL

Cells = Mapping[tuple, Any]
"""Key of a cell -> its :class:`~gan_bench.bench.compare.cells.Side`."""


def other_budget(
    before: Cells, after: Cells, names: Mapping[tuple, str]
) -> tuple[list[Finding], Collection[tuple]]:
    """Return a finding for every suite whose budget differs, and the cells that this explains.

    A cell of only one side is explained if the other side has its variant, but with a budget of another name
    or number of images.

    Args:
        before, after: the cells of baseline and candidate.
        names: key of a cell -> its name.
    """
    findings = []
    explained: set[tuple] = set()
    for suite in dict.fromkeys(_of(key, "suite") for key in before):
        sides = [
            {key: cells[key] for key in cells if _of(key, "suite") == suite} for cells in (before, after)
        ]
        unpaired = [
            key
            for cells, others in (sides, sides[::-1])
            for key in cells
            if key not in others and _explained(key, cells, others)
        ]
        if unpaired:
            old, new = (_described(cells) for cells in sides)
            text = f"budget differs: {old} before, {new} now; train the candidate with the baseline's "
            text += "budget, or make a new baseline"
            findings.append(
                Finding("pairing", "incomparable", suite, text, cells=tuple(names[key] for key in unpaired))
            )
            explained |= set(unpaired)
    return findings, explained


def _explained(key: tuple, cells: Cells, others: Cells) -> bool:
    of_variant = [other for other in others if _of(other, "variant") == _of(key, "variant")]
    labels = {label for other in of_variant for label in _budgets(others[other])}
    images = {_of(other, "kimg") for other in of_variant if _of(other, "dataset") == _of(key, "dataset")}
    return bool(of_variant) and (_of(key, "kimg") not in images or not labels & _budgets(cells[key]))


def _described(cells: Cells) -> str:
    labels = sorted({label for side in cells.values() for label in _budgets(side)})
    images = sorted({_of(key, "kimg") for key in cells})
    return f"{' and '.join(labels)} ({' and '.join(f'{number:g}' for number in images)} kimg)"


def _budgets(side: Any) -> set[str]:
    return {row["budget"] for row in side.trials}


def _of(key: tuple, column: str) -> Any:
    return key[CELL.index(column)]
