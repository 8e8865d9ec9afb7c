"""`list`: tables of variants, datasets, suites, metrics, extractors, reference rows and network families."""

from __future__ import annotations

import json
from typing import get_args

from rich.table import Table

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite, shipped


def listing(what: str) -> Table:
    """Return a table of everything that is registered of one kind, named as in `list KIND`."""
    tables = {"variants": _variants, "datasets": _datasets, "suites": _suites, "metrics": _metrics}
    tables |= {"extractors": _extractors, "references": _references, "families": _families}
    return tables[what]()


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def _variants() -> Table:
    table = _table("variant", "also", "year", "paper", "equation", "parts", "title", "profiles")
    for name in catalogue.variant_names():
        entry = catalogue.variant(name)
        kinds = ", ".join(catalogue.tuned_kinds(name))
        profiles = ", ".join([*entry.game.profiles, *([f"tuned ({kinds})"] if kinds else [])])
        also = ", ".join(entry.aliases)
        facts = (name, also, str(entry.year), entry.paper, entry.equation, entry.parts)
        table.add_row(*facts, entry.title, profiles)
    return table


def _datasets() -> Table:
    from gan_bench import datasets

    table = _table("dataset", "kind", "title", "source")
    for name in datasets.names():
        entry = datasets.info(name)
        table.add_row(name, entry.kind, entry.title, entry.source)
    return table


def _suites() -> Table:
    table = _table("suite", "title", "datasets", "budgets")
    for name in shipped():
        try:
            suite = load_suite(name)
        except UsageError as error:
            table.add_row(name, str(error), "", "")
            continue
        datasets = dict.fromkeys(dataset for part in suite.parts for dataset in part.datasets)
        budgets = dict.fromkeys(budget for part in suite.parts for budget in part.budgets)
        table.add_row(name, suite.title, ", ".join(datasets), ", ".join(budgets))
    return table


def _metrics() -> Table:
    from gan_bench.bench import metrics
    from gan_bench.datasets.base import Kind

    columns = ("metric", "version", "better", "kinds", "measured", "ranks", "unit", "title", "meaning")
    table = _table(*columns)
    for name in metrics.names():
        entry = metrics.info(name)
        better = {"min": "lower", "max": "higher", "target": "near the truth's"}.get(
            entry.direction or "", "–"
        )
        when = "along training" if entry.when == "curve" else "at the end"
        kinds = "all" if set(entry.kinds) == set(get_args(Kind)) else ", ".join(entry.kinds)
        facts = (name, str(entry.version), better, kinds, when, ", ".join(entry.ranks))
        table.add_row(*facts, entry.unit, entry.title, entry.meaning)
    return table


def _extractors() -> Table:
    from gan_bench.bench.metrics import MetricError
    from gan_bench.bench.metrics.extractors import extractor, extractor_names

    table = _table("extractor", "SHA-256")
    for name in extractor_names():
        try:
            identity = extractor(name).sha256
        except MetricError as error:
            identity = str(error)
        table.add_row(name, identity)
    return table


def _references() -> Table:
    from gan_bench.bench import references

    table = _table("reference", "title", "kinds", "draws", "by default", "meaning")
    for name in references.names():
        row = references.info(name)
        default = "yes" if row.default else "no"
        table.add_row(name, row.title, ", ".join(row.kinds), str(row.draws), default, row.meaning)
    return table


def _families() -> Table:
    from gan_bench.variants.networks.registry import FAMILIES

    table = _table("family", "purposes", "option", "default", "choices", "meaning")
    for name in FAMILIES:
        entry = FAMILIES.get(name)
        head = (name, ", ".join(entry.purposes))
        for option, declared in entry.options.items():
            default = json.dumps(entry.defaults[option])
            table.add_row(*head, option, default, ", ".join(declared.choices), declared.doc)
            head = ("", "")
    return table
