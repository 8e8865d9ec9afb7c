"""The page about one critic: what it sees, from the tables of `bench explain`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd

from reports.folder import INDEX, Folder, address, csv_bytes
from reports.labels import FileNames
from reports.plots import explain as plots
from reports.plots.figure import rc
from reports.style import looks


@dataclass(frozen=True)
class Figure:
    """A plot on the page, its files beside it and its numbers."""

    title: str
    alt: str
    source: str
    file: str
    wide: bool


def write(
    out: Path,
    *,
    variant: str,
    place: int,
    title: str,
    context: str,
    facts: list[str],
    command: str,
    features: pd.DataFrame,
    centroids: pd.DataFrame,
    scatters: pd.DataFrame,
    losses: pd.DataFrame,
) -> Path:
    """Write index.html and, in `plots`, a PNG and a CSV of every plot; return the path of the page.

    Args:
        out: the folder; files that an earlier page left in it are replaced, nothing else is touched.
        variant, place: its name, and its place in the register, which gives it its colour.
        title, context, facts, command: of the page: heading, what every plot says of its origin, what else
            was trained and came of it, and what does it all again.
        features, centroids, scatters, losses: as `bench.explain.frames` makes them.
    """
    folder = Folder(Path(out))
    look = looks({variant: place})[variant]
    seen = plots.Explained(features, centroids, scatters, losses, look, context, FileNames())
    with rc():
        groups = [
            (
                "Generated samples",
                "Grey: real. The same latents in every panel.",
                [_figure(plots.sample_plot(seen), folder)],
            ),
            (
                "What the critic sees",
                "The two values that enter the critic's last layer, which only weighs and adds them up."
                " The same real samples and latents before and after. An update of the generator moves"
                " generated samples only; one of the critic moves both. Crosses are centroids; in the panels"
                " on the right, which have scales of their own, a ring is the centroid before.",
                [_figure(picture, folder) for picture in plots.feature_plots(seen)],
            ),
            (
                "Centroids along training",
                "At the watched iterations only.",
                [_figure(picture, folder) for picture in plots.shift_plots(seen)],
            ),
            ("Losses", "Means over windows of iterations.", [_figure(plots.loss_plot(seen), folder)]),
        ]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    page = environment.get_template("explain.html").render(
        title=title, context=context, facts=facts, command=command, groups=groups
    )
    folder.put(INDEX, page.encode())
    folder.close(page)
    return folder.path / INDEX


def _figure(picture: plots.Picture, folder: Folder) -> Figure:
    plot = picture.plot
    folder.put(f"plots/{plot.name}.png", picture.png)
    folder.put(f"plots/{plot.name}.csv", csv_bytes(plot.data))
    source = address("image/svg+xml", plot.image)
    return Figure(plot.title, plot.alt, source, f"plots/{plot.name}", plot.wide)
