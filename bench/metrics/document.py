"""The list of metrics in docs/metrics.md, written from the register.

`python -m gan_bench.bench.metrics.document docs/metrics.md` renews it.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from gan_bench.bench.common.files import write
from gan_bench.bench.metrics import registry
from gan_bench.bench.metrics.base import KINDS, Metric
from gan_bench.variants.table import Tables, inserted

BETTER = {
    "min": "lower is better",
    "max": "higher is better",
    "target": "best at the value of real data",
    None: "no statement about quality",
}
WHEN = {
    "curve": "measured along training",
    "final": "measured at the end",
    "path": "measured once, on the means along training",
}


def sections() -> str:
    """Return a section for each metric of this package: its facts, then its docstring."""
    return "\n\n".join("\n\n".join(_section(metric)) for metric in _own())


TABLES: Tables = {
    (
        "<!-- metrics: python -m gan_bench.bench.metrics.document docs/metrics.md -->",
        "<!-- end of metrics -->",
    ): sections
}


def _own() -> Iterator[Metric]:
    for name in registry.names():
        metric = registry.info(name)
        if metric.compute.__module__.startswith("gan_bench.bench."):
            yield metric


def _section(metric: Metric) -> Iterator[str]:
    yield f"### `{metric.name}`: {metric.title}"
    facts = [BETTER[metric.direction], _range(metric), WHEN[metric.when]]
    facts += [f"of {', '.join(metric.kinds)}"] if set(metric.kinds) < set(KINDS) else []
    facts += [f"of the ability `{metric.ability}`"] if metric.ability != "sample" else []
    facts += ["on request"] if metric.on_request else []
    facts += [f"{key} {value}" for key, value in metric.settings.items()]
    line = "; ".join(filter(None, [*facts, f"version {metric.version}"]))
    yield f"{line[:1].upper()}{line[1:]}."
    for paragraph in (metric.doc or metric.meaning).split("\n\n"):
        yield _plain(paragraph)


def _range(metric: Metric) -> str:
    """Return the range of a metric's values with its unit."""
    low, high = (math.isfinite(bound) for bound in (metric.low, metric.high))
    unit = f" {metric.unit}" if metric.unit and not metric.unit.startswith("fraction") else ""
    if low and high:
        return f"from {metric.low:g} to {metric.high:g}{unit}"
    if low:
        return f"at least {metric.low:g}{unit}"
    return f"at most {metric.high:g}{unit}" if high else f"in {metric.unit}" if metric.unit else ""


def _plain(paragraph: str) -> str:
    """Return a docstring's paragraph as Markdown: double backquotes single, signs of Markdown escaped."""
    text = " ".join(paragraph.split()).replace("``", "`")
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([*_<\[\]])", r"\\\1", piece) for piece in pieces
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(Path(name), inserted(Path(name).read_text("utf-8"), TABLES))
