"""`list`: tables of variants, datasets, suites, metrics, extractors, reference rows and network families."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from rich.table import Column, Table
from rich.text import Text

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite, shipped

Row = Mapping[str, str]
"""Heading of a column -> text; every row of a table has the same headings."""


def listing(what: str, *, long: bool = False) -> Table:
    """Return a table of everything that is registered of one kind.

    Args:
        what: the kind, as in `list KIND`, one of `KINDS`.
        long: True for every column, with lines as high as their texts; False for one line each, of which only
            the last column is cut where the terminal is narrow.
    """
    rows_of, short = KINDS[what]
    rows = list(rows_of())
    names = list(rows[0]) if long else short
    texts = [texts for row in rows if any(texts := [row[name] for name in names])]
    if long:
        columns = [Column(name, overflow="fold") for name in names]
    else:
        *kept, last = names
        width = {name: max(map(len, (name, *(row[name] for row in rows)))) for name in kept}
        columns = [Column(name, no_wrap=True, min_width=width[name]) for name in kept]
        columns.append(Column(last))
    table = Table(*columns, box=None, pad_edge=False)
    for *first, end in texts:
        # Only a column that may wrap is made narrower, and only its texts know that they do not.
        table.add_row(*first, end if long else Text(end, no_wrap=True, overflow="ellipsis"))
    return table


def _variants() -> Iterator[Row]:
    for name in catalogue.variant_names():
        entry = catalogue.variant(name)
        kinds = ", ".join(catalogue.tuned_kinds(name))
        yield {
            "variant": name,
            "also": ", ".join(entry.aliases),
            "year": str(entry.year),
            "paper": entry.paper,
            "equation": entry.equation,
            "parts": entry.parts,
            "title": entry.title,
            "profiles": ", ".join([*entry.game.profiles, *([f"tuned ({kinds})"] if kinds else [])]),
        }


def _datasets() -> Iterator[Row]:
    from gan_bench import datasets

    for name in datasets.names():
        entry = datasets.info(name)
        yield {"dataset": name, "kind": entry.kind, "title": entry.title, "source": entry.source}


def _suites() -> Iterator[Row]:
    for name in shipped():
        try:
            suite = load_suite(name)
        except UsageError as error:
            yield {"suite": name, "datasets": "", "budgets": "", "title": str(error)}
            continue
        yield {
            "suite": name,
            "datasets": ", ".join(dict.fromkeys(one for part in suite.parts for one in part.datasets)),
            "budgets": ", ".join(dict.fromkeys(one for part in suite.parts for one in part.budgets)),
            "title": suite.title,
        }


def _metrics() -> Iterator[Row]:
    from gan_bench.bench import metrics
    from gan_bench.datasets.base import Kind

    better = {"min": "lower", "max": "higher", "target": "near the truth's", None: "–"}
    for name in metrics.names():
        entry = metrics.info(name)
        yield {
            "metric": name,
            "version": str(entry.version),
            "better": better[entry.direction],
            "kinds": "all" if set(entry.kinds) == set(get_args(Kind)) else ", ".join(entry.kinds),
            "measured": "along training" if entry.when == "curve" else "at the end",
            "asked": "on request" if entry.on_request else "always",
            "ranks": ", ".join(entry.ranks),
            "unit": entry.unit,
            "title": entry.title,
            "meaning": entry.meaning,
        }


def _extractors() -> Iterator[Row]:
    from gan_bench.bench.metrics import MetricError
    from gan_bench.bench.metrics.extractors import extractor, extractor_names

    for name in extractor_names():
        try:
            identity = extractor(name).sha256
        except MetricError as error:
            identity = str(error)
        yield {"extractor": name, "SHA-256": identity}


def _references() -> Iterator[Row]:
    from gan_bench.bench import references

    for name in references.names():
        row = references.info(name)
        yield {
            "reference": name,
            "title": row.title,
            "kinds": ", ".join(row.kinds),
            "draws": str(row.draws),
            "by default": "yes" if row.default else "no",
            "meaning": row.meaning,
        }


def _families() -> Iterator[Row]:
    from gan_bench.variants.networks.registry import FAMILIES

    for name in FAMILIES:
        entry = FAMILIES.get(name)
        head = {"family": name, "purposes": ", ".join(entry.purposes)}
        for option, declared in entry.options.items():
            yield {
                **head,
                "option": option,
                "default": json.dumps(entry.defaults[option]),
                "choices": ", ".join(declared.choices),
                "meaning": declared.doc,
            }
            head = dict.fromkeys(head, "")


KINDS: Mapping[str, tuple[Callable[[], Iterator[Row]], tuple[str, ...]]] = {
    "variants": (_variants, ("variant", "year", "title")),
    "datasets": (_datasets, ("dataset", "kind", "title")),
    "suites": (_suites, ("suite", "title")),
    "metrics": (_metrics, ("metric", "better", "title")),
    "extractors": (_extractors, ("extractor", "SHA-256")),
    "references": (_references, ("reference", "meaning")),
    "families": (_families, ("family", "purposes")),
}
"""Kind -> its rows, and the headings of the columns that are shown without `--long`."""
