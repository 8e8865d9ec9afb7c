"""Page about one critic, from the tables of `bench explain`: alone, or as part of a report."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa

from gan_bench.reports.colours import looks
from gan_bench.reports.folder import INDEX, Folder, address
from gan_bench.reports.labels import FileNames
from gan_bench.reports.pages.anchors import with_jumps
from gan_bench.reports.pages.page import environment
from gan_bench.reports.plots import explain as plots
from gan_bench.reports.plots.explain_samples import sample_plot
from gan_bench.reports.plots.figure import rc
from gan_bench.reports.spreadsheets import csv_bytes

TABLES = ("features", "centroids", "scatters", "losses")
WORDS = "watched.json"


@dataclass(frozen=True)
class Watched:
    """Recordings of one critic during training.

    Attributes:
        variant, place: its name, and the number of its look (see `reports.colours`).
        title, context, facts, command: of the page: heading, what every plot says of its origin, what else
            was trained and came of it, and what does it all again.
        features, centroids, scatters, losses: as `bench.explain.frames` makes them.
    """

    variant: str
    place: int
    title: str
    context: str
    facts: list[str]
    command: str
    features: pd.DataFrame
    centroids: pd.DataFrame
    scatters: pd.DataFrame
    losses: pd.DataFrame

    def words(self) -> dict[str, object]:
        """Return all but the tables."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in TABLES}


@dataclass(frozen=True)
class Figure:
    """A plot on the page, its files beside it and its numbers."""

    title: str
    alt: str
    source: str
    file: str
    inches: float
    wide: bool


Group = tuple[str, str, list[Figure]]


def write(out: Path, watched: Watched) -> Path:
    """Write index.html and, in `plots`, a PNG and a CSV of every plot; return the path of the page.

    The tables are written too, so that a report can show the same (see `load`). Files that an earlier page
    left in the folder `out` are replaced, nothing else is touched.
    """
    folder = Folder(Path(out))
    page_groups = groups(watched, folder, "plots/", lambda _, image: address("image/svg+xml", image))
    for name in TABLES:
        buffer = io.BytesIO()
        getattr(watched, name).to_parquet(buffer, index=False)
        folder.put(f"tables/{name}.parquet", buffer.getvalue())
    folder.put(f"tables/{WORDS}", json.dumps(watched.words(), indent=1).encode())
    page = environment().get_template("explain.html").render(watched=watched, groups=page_groups)
    folder.put(INDEX, with_jumps(page).encode())
    folder.close(page)
    return folder.path / INDEX


def load(folders: Iterable[Path]) -> tuple[list[Watched], list[str]]:
    """Return the stored critics of these folders, in order of their names, and a sentence per damaged one.

    Other folders are passed over.
    """
    critics, problems = [], []
    for folder in sorted(folders):
        tables = folder / "tables"
        if (tables / WORDS).is_file():
            try:
                words = json.loads((tables / WORDS).read_text(encoding="utf-8-sig"))
                words |= {name: pd.read_parquet(tables / f"{name}.parquet") for name in TABLES}
                critics.append(Watched(**words))
            except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
                problems.append(f"{tables}: damaged ({error})")
    return critics, problems


def groups(watched: Watched, folder: Folder, prefix: str, source: Callable[[str, bytes], str]) -> list[Group]:
    """Return headings, explanations and figures; put their PNG and CSV into `folder` under `prefix`.

    `source` says where the page finds a figure's SVG, given its name in the folder and the SVG.
    """
    look = looks({watched.variant: watched.place})[watched.variant]
    explained = plots.Explained(
        watched.features, watched.centroids, watched.scatters, watched.losses, look, watched.context,
        FileNames(),
    )  # fmt: skip

    def figures(pictures: Iterable[plots.Picture]) -> list[Figure]:
        return [_figure(picture, folder, prefix, source) for picture in pictures]

    with rc():
        return [
            (
                "Generated samples",
                "Grey: real samples. All panels use the same latents.",
                figures([sample_plot(explained)]),
            ),
            (
                "Features of the critic",
                "The two inputs of the critic's last layer, which is linear. Panels before and after an"
                " update use the same real samples and latents. An update of the generator moves generated"
                " samples only; an update of the critic moves both. Crosses: centroids. The panels on the"
                " right have their own scales; rings in them are the centroids before the update.",
                figures(plots.feature_plots(explained)),
            ),
            (
                "Centroids along training",
                "A centroid is the mean of the features. Only the watched iterations are shown.",
                figures(plots.shift_plots(explained)),
            ),
            ("Losses", "Means over windows of iterations.", figures([plots.loss_plot(explained)])),
        ]


def _figure(
    picture: plots.Picture, folder: Folder, prefix: str, source: Callable[[str, bytes], str]
) -> Figure:
    plot = picture.plot
    file = f"{prefix}{plot.name}"
    folder.put(f"{file}.png", picture.png)
    folder.put(f"{file}.csv", csv_bytes(plot.data))
    return Figure(plot.title, plot.alt, source(f"{file}.svg", plot.image), file, plot.inches, plot.wide)
