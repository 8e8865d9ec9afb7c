"""Options in place of entries of a suite file: another dataset, architecture or length of training."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import Suite


def altered(
    suite: Suite, *, dataset: str | None = None, architecture: str | None = None, kimg: float | None = None
) -> Suite:
    """Return the suite as its file would give it with these entries, in all of its budgets.

    Args:
        suite: a suite, with those that it includes.
        dataset: in place of the datasets, also in the title; of several suites only those that have it
            remain, or the first.
        architecture: `label, option=value, ...`: a label of the suite or a family, and changes to it.
        kimg: in place of the budgets' kimg.

    Raises:
        UsageError: for an architecture that is no table of options. Names are checked with the plan.
    """
    parts, title = list(suite.parts), suite.title
    if dataset is not None:
        title = _title(suite, dataset)
        parts = [part for part in parts if dataset in part.datasets] or parts[:1]
    parts = [_altered(part, dataset, architecture, kimg) for part in parts]
    return suite.model_copy(update={"title": title, "parts": parts})


def _title(suite: Suite, dataset: str) -> str:
    """Return a title that names the dataset, unless the suite has no other."""
    own = {name for part in suite.parts for name in part.datasets}
    if own == {dataset}:
        return suite.title
    name = catalogue.dataset_title(dataset)
    return f"{suite.title}: {name} only" if dataset in own else f"{name}, with the settings of {suite.name}"


def _altered(suite: Suite, dataset: str | None, architecture: str | None, kimg: float | None) -> Suite:
    of_suite: dict[str, Any] = {}
    of_budgets: dict[str, Any] = {}
    if dataset is not None:
        of_suite["datasets"], of_budgets["datasets"] = [dataset], None
    if architecture is not None:
        of_suite["architectures"] = parse_architecture(architecture, suite.architectures)
        of_budgets["architectures"] = None
    if kimg is not None:
        of_budgets["kimg"] = kimg
    budgets = {name: spec.model_copy(update=of_budgets) for name, spec in suite.budgets.items()}
    options = {"datasets": f"--dataset {dataset}", "architectures": f"--architecture {architecture}"}
    given = {key: option for key, option in options.items() if key in of_suite}
    return suite.model_copy(update={**of_suite, "budgets": budgets}).given_by(given)


def parse_architecture(text: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Read `mlp, hidden=[16, 16]` as [architectures] of a suite; `known` are those that it has."""
    label, _, options = text.partition(",")
    label = label.strip()
    try:
        changes = tomllib.loads(f"options = {{{options}}}")["options"]
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"--architecture {text}: {error}; expected a family, or the suite's name for one, and options "
            "as in a suite file: 'mlp, hidden=[16, 16], norm=\"batch\"'"
        ) from None
    return {label: {**known.get(label, {}), **changes}}
