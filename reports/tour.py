"""A first lesson on one page: three small games, from the recordings of `bench tour`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.names import counted
from gan_bench.reports import explain
from gan_bench.reports.drawing import draw_one
from gan_bench.reports.explain import Figure, Watched
from gan_bench.reports.folder import INDEX, Folder
from gan_bench.reports.frames import dataset_label
from gan_bench.reports.labels import number
from gan_bench.reports.pages.anchors import with_jumps
from gan_bench.reports.pages.page import environment
from gan_bench.reports.plots.figure import Plot, finish
from gan_bench.reports.plots.grids import figure_of, grid
from gan_bench.reports.table import Column, Table


@dataclass(frozen=True)
class Digits:
    """Images of a game along training.

    Attributes:
        variant, place: its name, and the number of its look (see `reports.colours`).
        data, stand_in_for: the data, and what they stand in for, or empty.
        real: [n, channels, height, width] uint8.
        rows: iteration -> generated images of the same latents, as `real`.
        iterations, seconds, parameters: of the training; weights of all networks.
    """

    variant: str
    place: int
    data: str
    stand_in_for: str
    real: np.ndarray
    rows: Mapping[int, np.ndarray]
    iterations: int
    seconds: float
    parameters: int

    @property
    def label(self) -> str:
        """Return the data, with what they stand in for."""
        return dataset_label({"dataset": self.data, "stand_in_for": self.stand_in_for})


def write(out: Path, numbers: Watched, curve: Watched, digits: Digits) -> Path:
    """Write the lesson into the folder `out` with its plots, and the numbers of each; return its index.html.

    Files that an earlier lesson left there are replaced, nothing else is touched.

    Args:
        out: folder of the page.
        numbers: a watched game of numbers.
        curve: a watched game of points in the plane.
        digits: a game of images.
    """
    folder = Folder(Path(out))

    def put(file: str, image: bytes) -> str:
        folder.put(file, image)
        return file

    samples, losses = _named(explain.groups(numbers, folder, "plots/numbers-", put), 0, 3)
    planes, features, centroids = _named(explain.groups(curve, folder, "plots/curve-", put), 0, 1, 2)
    content = {
        "numbers": numbers,
        "curve": curve,
        "digits": digits,
        "moments": _moments(numbers),
        "samples": [*samples, *losses],
        "planes": planes,
        "features": [features[0], features[-1]] if len(features) > 1 else features,
        "centroids": centroids,
        "images": draw_one((_images(each) for each in [digits]), folder),
        "links": {},
    }
    text = with_jumps(environment().get_template("tour.html").render(**content))
    folder.put(INDEX, text.encode())
    folder.close(text)
    return folder.path / INDEX


def _named(groups: list[explain.Group], *places: int) -> list[list[Figure]]:
    return [groups[place][2] for place in places]


def _moments(numbers: Watched) -> Table:
    """Return mean and standard deviation of the samples at every watched iteration, and of the data."""
    columns = [Column("Iteration"), Column("Mean"), Column("Standard deviation")]
    drawn = numbers.scatters.dropna(subset=["iteration"]).groupby("iteration")["x"]
    lines = [(f"{at:,}", float(at), values) for at, values in drawn]
    lines.append(("real data", np.inf, numbers.scatters[numbers.scatters["source"] == "real"]["x"]))
    cells = [[head, number(values.mean(), 3), number(values.std(ddof=0), 3)] for head, _, values in lines]
    keys: list[list[float | str]] = [[at, float(v.mean()), float(v.std(ddof=0))] for _, at, v in lines]
    return Table("Mean and standard deviation of the samples", columns, cells, keys)


def _images(digits: Digits) -> Plot:
    title = f"Digits of {digits.variant} along training"
    names = ["real", *(f"iteration {at:,}" for at in digits.rows)]
    images = grid([digits.real, *digits.rows.values()])
    assert images is not None
    context = f"{digits.label} · {counted(digits.iterations, 'iteration')}"
    figure = figure_of(images, title, context, names, across="images of a column share their latents")
    alt = f"Rows of images: real ones, then generated ones at {', '.join(names[1:])}; {context}."
    data = pd.DataFrame([
        {"row": name, "image": place, "mean_pixel": float(image.mean())}
        for name, row in zip(names, [digits.real, *digits.rows.values()], strict=True)
        for place, image in enumerate(row)
    ])  # fmt: skip
    return finish(figure, name="digits", title=title, alt=alt, data=data)
