"""Published numbers of a suite, as rows for the report."""

from __future__ import annotations

from typing import Any

from bench import catalogue
from bench.errors import check_name
from bench.suite import Suite


def published_of(suite: Suite) -> list[dict[str, Any]]:
    """The `[[published]]` numbers of one suite, a row each, variants by their registered names.

    Raises UsageError for a variant, dataset or architecture that the suite does not have.
    """
    where = f"suite {suite.name}, [[published]]"
    rows = []
    for number in suite.published:
        variant = catalogue.variant_name(number.variant, where)
        check_name("dataset", number.dataset, suite.datasets, where)
        if number.architecture:
            check_name("architecture", number.architecture, suite.architectures, where)
        rows.append({"suite": suite.name, **number.model_dump(), "variant": variant})
    return rows
