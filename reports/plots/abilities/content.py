"""Content of one picture of an ability, and the finished drawing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gan_bench.reports.plots.grids import Grid


@dataclass(frozen=True)
class Content:
    """Arrays of one kind of picture, and what must be said of them.

    Attributes:
        arrays: by name, as the kind stores them (`bench.abilities`).
        name: of the entry, for titles.
        context: data, networks, budget, seed and weights, for the line below the title.
        real: real data [n, d] behind points; None for other data.
        part: which of several pictures of the kind it is, in the words of its file name.
    """

    arrays: Mapping[str, np.ndarray]
    name: str
    context: str
    real: np.ndarray | None = None
    part: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure with its title, what it shows in words, and its numbers; its images, where it shows some."""

    figure: Figure
    title: str
    says: str
    data: pd.DataFrame
    part: str = ""
    images: Grid | None = None


Draw = Callable[[Content], Iterator[Drawing]]
"""A kind's drawings: none where its arrays have no picture."""
