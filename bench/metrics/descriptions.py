"""Full names of metrics on extractors, and the titles, units and meanings that reports show for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gan_bench.bench.metrics import registry
from gan_bench.bench.metrics.extractors import extractor_names


class Description(NamedTuple):
    """The texts that lists, tables, plots and pages show for one metric.

    Attributes:
        metric: full name, as scores have it.
        title: heading, with the extractor in brackets: `FID (lenet28)`.
        unit: unit of its values, empty for a pure number.
        meaning: one sentence, empty where the metric is not registered.
    """

    metric: str
    title: str
    unit: str
    meaning: str


def full_name(name: str, suffix: str) -> str:
    """Return the name that scores have for a metric on the extractor with this suffix (empty: Inception)."""
    return f"{name}_{suffix}" if suffix else name


def full_names() -> list[str]:
    """Return every name that scores of the registered metrics can have, on the registered extractors."""
    return list(_described(extractor_names()))


def describe(names: Iterable[str], extractors: Iterable[str] = ()) -> list[Description]:
    """Return a description of each metric of `names`, in the order of lists and tables.

    A name that belongs to no registered metric (a plug-in that is not loaded) is its own title and comes
    last.

    Args:
        names: full names.
        extractors: suffixes that names may end in, beside those of the registered extractors.
    """
    known = _described(dict.fromkeys([*extractors, *extractor_names()]))
    wanted = dict.fromkeys(names)
    found = [description for full, description in known.items() if full in wanted]
    return found + [Description(name, name, "", "") for name in wanted if name not in known]


def _described(suffixes: Iterable[str]) -> dict[str, Description]:
    """Return descriptions by full name, in the order of tables, on extractors with these suffixes."""
    known: dict[str, Description] = {}
    for name in registry.names():
        metric = registry.info(name)
        known[name] = Description(name, metric.title, metric.unit, metric.meaning)
        for suffix in suffixes if metric.extractor else ():
            full, title = full_name(name, suffix), f"{metric.title} ({suffix})"
            known.setdefault(full, Description(full, title, metric.unit, metric.meaning))
    return known
