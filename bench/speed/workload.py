"""Workloads to time: the variants of a suite, on its data and networks or on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered
from gan_bench.bench.planning.plan import Load, plan
from gan_bench.bench.planning.suite import BudgetSpec, Suite, load_suite
from gan_bench.bench.planning.trial import Trial

DEFAULT = Path(__file__).with_name("workload.toml")
BUDGET = "quick"


@dataclass(frozen=True)
class Workload:
    """Variants to compare in speed: same data, same networks, same batch size.

    Attributes:
        name: dataset, networks and batch size; equal workloads of two runs have one name.
        data: the dataset, loaded.
        trials: one per variant; seed and budget have no effect.
        reference: the variant of one of the trials that costs are relative to.
    """

    name: str
    data: Any
    trials: tuple[Trial, ...]
    reference: str


def reference_variant(name: str | None, suite: Suite) -> str:
    """Return the variant that costs are relative to.

    That is `name`, else the first of the default workload where the suite, which has no parts, lists it: in
    suites of one task all costs have one unit. Else it is the suite's first.
    """
    if name is not None:
        return catalogue.variant_name(name, "--reference")
    usual, listed = load_suite(str(DEFAULT)).variants[0], _variants(suite)
    return usual if usual in listed else listed[0]


def workloads(
    suite: Suite,
    load: Load,
    *,
    reference: str | None = None,
    variants: Sequence[str] | None = None,
    dataset: str | None = None,
    architecture: str | None = None,
    profile: str | None = None,
    changes: Sequence[str] = (),
) -> list[Workload]:
    """Return the workloads of a suite: each dataset and family of networks of its budget `quick`.

    Args:
        suite: a suite file; its searches and axes are ignored.
        load: loads a dataset by name.
        reference: a variant that is always added; by default that of `reference_variant`, suite by suite.
        variants: in place of the suite's.
        dataset, architecture: as in `bench.planning.alterations.altered`.
        profile, changes: as in `bench.planning.plan.plan`.

    Raises:
        UsageError: for unknown names and impossible settings.
    """
    suite = altered(suite, dataset=dataset, architecture=architecture)
    parts = [_narrow(part) for part in suite.parts]
    references = {part.name: reference_variant(reference, part) for part in parts}

    def planned(parts: list[Suite], only: Sequence[str] | None = None) -> list[Trial]:
        of_parts = suite.model_copy(update={"parts": parts})
        return plan(of_parts, load, budget=BUDGET, only=only, profile=profile, changes=changes)

    if variants:
        trials = [
            trial
            for part in parts
            for trial in planned([part], _with_reference(variants, references[part.name]))
        ]
    else:
        updates = ({"variants": _with_reference(_variants(part), references[part.name])} for part in parts)
        trials = planned([part.model_copy(update=u) for part, u in zip(parts, updates, strict=True)])
    groups: dict[str, dict[str, Trial]] = {}
    for trial in trials:
        groups.setdefault(workload_name(trial), {}).setdefault(trial.variant, trial)
    found = []
    for name, group in groups.items():
        first, *_ = group.values()
        found.append(Workload(name, load(first.dataset), tuple(group.values()), references[first.suite]))
    return found


def workload_name(trial: Trial) -> str:
    """Return dataset, networks (options other than the family's defaults) and batch size.

    For example `ring, mlp hidden=16x16, batch 256`; networks of a role follow in brackets.
    """
    return f"{trial.data_name}, {_network_text(trial.network)}, batch {trial.hyperparameters['batch_size']}"


def _network_text(network: Mapping[str, Any]) -> str:
    """Return a family and its options, and those of each role with networks of its own."""
    options = {name: value for name, value in network.items() if not isinstance(value, Mapping)}
    usual = catalogue.network({"family": network["family"]})
    of_roles = [f"({r}: {_network_text(own)})" for r, own in network.items() if isinstance(own, Mapping)]
    return " ".join([network["family"], *_changed(options, usual), *of_roles])


def settings_text(trial: Trial) -> str:
    """Return the hyperparameters that differ from the variant's defaults: `lr=0.001 n_critic=5`."""
    return " ".join(_changed(trial.hyperparameters, catalogue.resolve(trial.variant)))


def _narrow(part: Suite) -> Suite:
    """Return a suite with one trial per variant: budget `quick` or the first, one seed, no search or axes."""
    budget = part.budgets.get(BUDGET) or next(iter(part.budgets.values()))
    narrowed = BudgetSpec(kimg=budget.kimg, datasets=budget.datasets, architectures=budget.architectures)
    return part.model_copy(
        update={
            "budgets": {BUDGET: narrowed},
            "search": None,
            "axes": {},
            "seeds": [0],
        }
    )


def _variants(part: Suite) -> list[str]:
    return catalogue.variant_names() if part.variants == "all" else list(part.variants)


def _with_reference(names: Sequence[str], reference: str) -> list[str]:
    """Return the names with aliases resolved, and the reference."""
    chosen = [catalogue.variant_name(name, "--variants") for name in names]
    return list(dict.fromkeys(chosen if reference in chosen else [reference, *chosen]))


def _changed(values: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    def short(value: Any) -> str:
        return "x".join(map(str, value)) if isinstance(value, list) else str(value).replace(" ", "")

    return [f"{name}={short(value)}" for name, value in values.items() if value != usual[name]]
