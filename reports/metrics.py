"""Words for metrics: titles, units and meanings, which come with the scores, and the better direction."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from gan_bench.reports.labels import clean, number
from gan_bench.reports.schema import METRICS

BETTER = {"min": "lower is better", "max": "higher is better", "target": "nearer to the target is better"}
ARROWS = {"min": "↓", "max": "↑"}


class Descriptions:
    """Titles, units and meanings of metrics by name, in the order of lists, tables and plots.

    A name that is not described is its own title. `fid_lenet28 v2` is version 2 of `fid_lenet28`; names have
    versions where scores of several versions are shown.

    Args:
        described: one row per metric with the columns of `reports.schema.METRICS`; None describes none.
    """

    def __init__(self, described: pd.DataFrame | None = None) -> None:
        given = METRICS.build([]) if described is None else described
        METRICS.check(given)
        self._texts = {metric: texts for metric, *texts in given[METRICS.columns].itertuples(index=False)}
        self._places = {metric: place for place, metric in enumerate(self._texts)}

    def __repr__(self) -> str:
        """Return all texts, in their order."""
        return f"{type(self).__name__}({self._texts!r})"

    def title(self, metric: str) -> str:
        """Return the title, with the version where the name states one."""
        name, _, version = metric.partition(" ")
        title = clean(self._texts.get(name, [name])[0])
        return f"{title} {clean(version)}" if version else title

    def unit(self, metric: str) -> str:
        """Return the unit of a metric's values, empty for a pure number or where it is not known."""
        return clean(self._texts.get(metric.partition(" ")[0], ["", ""])[1])

    def place(self, metric: str) -> int:
        """Return a metric's place in the order of tables and plots; those not described come last."""
        return self._places.get(metric.partition(" ")[0], len(self._places))

    def axis(self, metric: str, direction: str | None, longest: int = 36) -> str:
        """Return an axis label: title, unit, better direction; two lines where one exceeds `longest`."""
        details = ", ".join(part for part in (self.unit(metric), BETTER.get(direction or "", "")) if part)
        title = clean(self.title(metric), 48)
        space = "\n" if len(title) + len(details) > longest else " "
        return title + (f"{space}[{details}]" if details else "")

    def meanings(self, metrics: Iterable[str]) -> dict[str, str]:
        """Return the meaning by title of those of `metrics` that have one, in the order of tables."""
        names = sorted(dict.fromkeys(metric.partition(" ")[0] for metric in metrics), key=self.place)
        texts = {self.title(name): self._texts.get(name, ["", "", ""])[2] for name in names}
        return {title: meaning for title, meaning in texts.items() if meaning}


def pointer(direction: str, target: float) -> str:
    """Return the better direction for a heading: an arrow, or `→ 4` where a target is to be met."""
    if direction == "target":
        return f"→ {number(target)}" if math.isfinite(target) else "→ the data's own"
    return ARROWS.get(direction, "")
