"""Published numbers of a suite, as rows for the report."""

from __future__ import annotations

from typing import Any

from gan_bench.bench.common.errors import check_name
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import score_names
from gan_bench.bench.planning.suite import Suite


def paper_numbers_of(suite: Suite) -> list[dict[str, Any]]:
    """Return the numbers of the `[[published]]` tables of a suite and those that it includes, a row each.

    Variants have their registered names.

    Raises:
        UsageError: for a variant or metric that is not known, and for a dataset or architecture that the
            suite does not have.
    """
    return [row for part in suite.parts or [suite] for row in _paper_numbers_of(part)]


def _paper_numbers_of(suite: Suite) -> list[dict[str, Any]]:
    where = f"suite {suite.name}, [[published]]"
    rows = []
    known = score_names() if suite.published else []
    datasets = dict.fromkeys(
        name
        for names in (suite.datasets, *(b.datasets or () for b in suite.budgets.values()))
        for name in names
    )
    for table in suite.published:
        if table.architecture:
            check_name("architecture", table.architecture, suite.architectures, where)
        facts = {
            "suite": suite.name,
            **table.model_dump(exclude={"values", "incomparable"}),
            "comparable": not table.incomparable,
            "why": table.incomparable,
        }
        for dataset, metrics in table.values.items():
            check_name("dataset", dataset, datasets, where)
            for metric, numbers in metrics.items():
                check_name("metric", metric, known, where)
                for variant, (value, spread) in numbers.items():
                    labels = {"variant": catalogue.variant_name(variant, where), "dataset": dataset}
                    rows.append({**facts, **labels, "metric": metric, "value": value, "spread": spread})
    return rows
