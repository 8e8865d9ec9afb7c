"""Title, order of entries, looks and file names that the plots of one board share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from gan_bench.reports.colours import LINES, MARKERS, Look
from gan_bench.reports.frames import Frames, board_title, dataset_label, profile_names
from gan_bench.reports.labels import LEGEND, FileNames, stacked, time_axis
from gan_bench.reports.metrics import Descriptions
from gan_bench.reports.rankings import measurable
from gan_bench.reports.references import reference_rows
from gan_bench.reports.summary import leading

LINES_IN_A_PLOT = 12
"""Entries whose lines can be told apart in one plot."""


@dataclass(frozen=True)
class Portion:
    """Entries of one figure, in order: all, or some of many.

    Attributes:
        labels: the entries.
        words: their places among all, `places 13 to 24`; empty if there is one figure.
        further: whether another figure comes before this one.
    """

    labels: list[str]
    words: str = ""
    further: bool = False

    def titled(self, title: str) -> str:
        """Return a figure's title with the places of its entries."""
        return f"{title}, {self.words}" if self.words else title


def portions(labels: Sequence[str], size: int = LINES_IN_A_PLOT) -> Iterator[Portion]:
    """Yield `labels` in figures of at most `size` entries, in order."""
    for start in range(0, len(labels), size):
        part = list(labels[start : start + size])
        words = f"places {start + 1} to {start + len(part)}" if len(labels) > size else ""
        yield Portion(part, words, start > 0)


@dataclass(frozen=True)
class Board:
    """One board's frames, its leaderboard rows (best first), and the looks that the whole report shares."""

    key: dict
    frames: Frames
    rows: pd.DataFrame
    looks: dict[str, Look]
    names: FileNames
    references: pd.DataFrame = field(default_factory=reference_rows)
    """The board's reference rows (see `reports.references`)."""

    @cached_property
    def title(self) -> str:
        """Return all that must be said of a board: suite, data, networks, budget, profile, omissions."""
        title = board_title(self.key, sorted(self.rows["profile"].unique()), self.rows["images"])
        if len(self.shown) < len(self.rows):
            title += f" · best-ranked setting of each variant ({len(self.shown)} of {len(self.rows)} entries)"
        return title

    @cached_property
    def context(self) -> str:
        """Return the line below the title of every plot: the data, the stand-in and the profile.

        The page and the description inside the drawing state the whole `title`.
        """
        profiles = profile_names(sorted(self.rows["profile"].unique()))
        return " · ".join(part for part in (dataset_label(self.key), profiles) if part)

    def further(self, label: str) -> bool:
        """Return whether an entry comes after the first `LINES_IN_A_PLOT`, so that its figures are folded."""
        return label in self.shown[LINES_IN_A_PLOT:]

    @property
    def primary(self) -> str:
        """Return the metric the board ranks by."""
        return str(self.rows["primary"].iloc[0])

    @cached_property
    def shown(self) -> list[str]:
        """Return labels of the entries in plots: all, or of a sweep the best setting of each variant."""
        return list(leading(self.rows)["label"])

    def named_anew(self) -> Board:
        """Return this board with file names of its own; what was worked out of its rows is kept."""
        self.shown  # noqa: B018 - worked out once, for all copies
        other = copy(self)
        object.__setattr__(other, "names", FileNames(self.names.prefix))
        return other

    def portions_of(self, scores: pd.DataFrame, size: int = LINES_IN_A_PLOT) -> Iterator[Portion]:
        """Yield the entries to draw for `scores` of one metric, in figures of at most `size` places.

        Entries that the metric is not of are left out (`reports.rankings.measurable`).
        """
        trials = self.frames.trials[["label", "status"]]
        known = set(measurable(trials[trials["label"].isin(self.shown)], scores)["label"])
        for portion in portions(self.shown, size):
            labels = [label for label in portion.labels if label in known]
            if labels:
                yield replace(portion, labels=labels)

    @property
    def time(self) -> str:
        """Return axis label of training time, which is a whole pack's where trials were packed."""
        return time_axis(self.frames.packed)

    @property
    def descriptions(self) -> Descriptions:
        """Titles, units and meanings of metrics."""
        return self.frames.descriptions

    def metrics(self, names: Iterable[str]) -> list[str]:
        """Return `names` in the order of tables, the primary metric first."""
        return sorted(names, key=lambda name: (name != self.primary, self.descriptions.place(name)))

    @cached_property
    def _by_label(self) -> dict[str, dict]:
        return {row["label"]: row for row in self.rows.to_dict("records")}

    def row(self, label: str) -> dict:
        """Return leaderboard row of an entry."""
        return self._by_label[label]

    def seeds(self, label: str) -> int:
        """Return all of an entry's seeds, finished or not."""
        return int(self.row(label)["seeds"])

    def look(self, label: str) -> Look:
        """Return the variant's look; its second profile or setting takes the next line style and marker.

        They come by name, so that an entry has one look on every board, wherever it is ranked.
        """
        variant = self.row(label)["variant"]
        look = self.looks[variant]
        siblings = sorted(other for other in self.shown if self.row(other)["variant"] == variant)
        place = siblings.index(label)
        marker, line = MARKERS.index(look.marker) + place, LINES.index(look.line) + place
        return Look(look.colour, MARKERS[marker % len(MARKERS)], LINES[line % len(LINES)])

    def legend_label(self, label: str) -> str:
        """Return label with `n of N` where seeds were lost."""
        row = self.row(label)
        lost = row["finished"] < row["seeds"]
        return stacked(label + (f" ({row['finished']} of {row['seeds']})" if lost else ""), LEGEND)

    @staticmethod
    def stem(key: dict) -> list[str]:
        """Return parts that the names of a board's files begin with."""
        return [key["suite"], key["dataset"], key["architecture"], f"{key['kimg']:g}kimg"]

    def name(self, *parts: str) -> str:
        """Return a file stem of its own for a plot of this board."""
        return self.names([*self.stem(self.key), *(part for part in parts if part != "raw")])
