"""The report as a folder: `index.html`, complete in itself; tables, plots and numbers as files beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import jinja2
import pandas as pd

from reports import beside, plots, tables
from reports.evidence import across, evidence, evidence_tables
from reports.folder import INDEX, Folder, address, csv_bytes
from reports.frames import Frames, dataset_label, tidy
from reports.labels import FileNames, clean, duration
from reports.origin import fingerprint
from reports.published import compare, ordering
from reports.sheets import PIXELS, Sheet, sheet_rows
from reports.stability import stability_table, sweep
from reports.style import looks, themed
from reports.summary import board_rows, metric_rows

TIMES = {"training": "train", "evaluation": "eval"}
INLINE_CSV = 100_000  # bytes, divided by the number of boards; larger ones are files only
#: Heading, explanation and plots of each part of a board.
GROUPS = [
    (
        "Stability across settings",
        "Every setting counts, lost ones as failures. Bands: 95 %. Heat maps: share that survives.",
        plots.stability,
    ),
    (
        "Scores along training",
        "Thick: median over all seeds, those lost counted as worst (a line ends where that seed is lost)."
        " Band: quartiles. Thin: single seeds; × where one was lost.",
        plots.metric_curves,
    ),
    (
        "Scores at the end",
        "One mark per seed; bars are mean ± standard deviation over the finished seeds.",
        plots.strips,
    ),
    (
        "Performance profiles",
        "Share of all seeds at least as good as a score; lost ones never are. Band: 95 %, pointwise.",
        plots.profiles,
    ),
    (
        "Quality and speed",
        "Small: seeds. Large: medians. Times were taken while training side by side: provenance, no"
        " comparison of speed.",
        plots.cost,
    ),
    ("Samples", "Grey: real. Colour: generated.", plots.points),
    ("Losses", "Thick: median of the seeds still training. Thin: single seeds.", plots.loss_curves),
]

PUBLISHED = (
    "Published and measured",
    "Hollow: the paper's number, with its spread where it states one. Filled: mean ± standard deviation over"
    " the finished seeds.",
)


@dataclass(frozen=True)
class Picture:
    """A plot on the page."""

    title: str
    alt: str
    source: str  # data address of the image
    file: str  # where it and its numbers lie beside the page, without the ending
    csv: str | None  # data address of the numbers
    wide: bool


@dataclass
class Section:
    """All that the page shows of one board."""

    identifier: str
    title: str
    leaderboard: tables.Table
    evidence: list[tables.Table]
    metrics: list[tables.Table]
    stability: tables.Table | None = None
    groups: list[tuple[str, str, list[Picture]]] = field(default_factory=list)
    sheets: list[tuple[str, list[list[Sheet]]]] = field(default_factory=list)
    published: list[tables.Table] = field(default_factory=list)


def write(
    trials: pd.DataFrame,
    scores: pd.DataFrame,
    history: pd.DataFrame,
    out: Path,
    *,
    title: str,
    command: str,
    stand_in: str | None = None,
    published: pd.DataFrame | None = None,
) -> Path:
    """Write the report of `trials` into the folder `out` and return the path of its index.html.

    The frames are those of `bench.frames`. `title` heads the page, `command` is what runs it all again,
    `stand_in` says in words which data stand in for which, and is shown at the top. `published` holds papers'
    numbers (see `reports.published`), which are set beside the measured ones. Files that an earlier report
    left in `out` are replaced; nothing else there is touched. A report of the very same things that is there
    already stays as it is.
    """
    folder = Folder(Path(out))
    index = folder.path / INDEX
    numbers = "" if published is None else published.to_json()
    origin = fingerprint((trials, scores, history), title, command, stand_in, numbers)
    if folder.holds(origin):
        return index
    frames = tidy(trials, scores, history)
    rows, per_metric = board_rows(frames), metric_rows(frames)
    sure = evidence(frames)
    sure_tables = evidence_tables(sure)
    folder.note(tables.write(frames, rows, per_metric, folder.path / "tables"))
    compared, order = compare(frames, published), ordering(frames, published)
    folder.note(beside.write(compared, order, folder.path / "tables"))
    folder.put("tables/evidence.csv", csv_bytes(sure.entries))
    folder.put("tables/improvement.csv", csv_bytes(sure.pairs))
    sections: list[Section] = []
    all_looks, names = looks(frames.variants), FileNames()
    boards = list(frames.boards())
    with plots.rc():
        for key, board in boards:
            drawn = plots.Board(key, board, _of_board(rows, key), all_looks, names)
            identifier = f"board-{len(sections) + 1}"
            section = _section(drawn, _of_board(per_metric, key), folder, identifier, 1 / len(boards))
            mine = _of_board(compared, key)
            section.published = [*beside.compared(mine), *beside.ordered(_of_board(order, key))]
            pictures = [_picture(plot, folder, 1 / len(boards)) for plot in plots.published(drawn, mine)]
            section.groups[:0] = [(*PUBLISHED, pictures)] if pictures else []
            section.stability = _stability(board, section.title)
            section.evidence = sure_tables.get(tuple(key.values()), [])
            sections.append(section)
    page = _environment().get_template("index.html").render(
        title=title, command=command, stand_in=stand_in, sections=sections, counts=_counts(frames),
        lost=_lost(frames), variants=_variants(frames), origin=_origin(frames), across=across(sure),
    )  # fmt: skip
    partial = folder.path / "index.html.partial"
    partial.write_text(page, encoding="utf-8")
    partial.replace(index)
    folder.close(origin)
    return index


def _of_board(rows: pd.DataFrame, key: dict) -> pd.DataFrame:
    return rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]


def _section(
    board: plots.Board, metrics: pd.DataFrame, folder: Folder, identifier: str, share: float
) -> Section:
    leaderboard = tables.boards(board.rows)[0]
    section = Section(identifier, board.title, leaderboard, [], tables.metrics(metrics, beyond=board.primary))
    for heading, explanation, draw in GROUPS:
        pictures = [_picture(plot, folder, share) for plot in draw(board)]
        if pictures:
            section.groups.append((heading, explanation, pictures))
    section.sheets = sheet_rows(board, folder, int(PIXELS * share))
    return section


def _stability(board: Frames, title: str) -> tables.Table | None:
    """The table of a sweep; None for a board that is none."""
    found = sweep(board)
    return stability_table(found, title) if found else None


def _picture(plot: plots.Plot, folder: Folder, share: float) -> Picture:
    csv = csv_bytes(plot.data)
    folder.put(f"plots/{plot.name}.svg", plot.image)
    folder.put(f"plots/{plot.name}.csv", csv)
    source = address("image/svg+xml", themed(plot.image.decode()).encode())
    inline = address("text/csv", csv) if len(csv) < INLINE_CSV * share else None
    return Picture(plot.title, plot.alt, source, f"plots/{plot.name}", inline, plot.wide)


def _counts(frames: Frames) -> dict[str, int]:
    status = frames.trials["status"]
    counts = {"trials": len(status), "finished": int((status == "finished").sum())}
    counts["diverged"] = int((status == "diverged").sum())
    counts["failed"] = len(status) - counts["finished"] - counts["diverged"]
    return counts


def _lost(frames: Frames) -> tables.Table | None:
    """Every trial that did not finish, with what is known of it; None when all did."""
    lost = frames.trials[frames.trials["status"] != "finished"]
    if lost.empty:
        return None
    titles = ["Variant", "Profile", "Dataset", "Architecture", "Seed", "Outcome", "What happened", "Trial"]
    columns = [tables.Column(title, right=title == "Seed", long=title == "What happened") for title in titles]
    cells, keys = [], []
    for _, trial in lost.iterrows():
        at = (
            f"at iteration {trial['diverged_at']:,.0f}"
            if trial["diverged_at"] == trial["diverged_at"]
            else ""
        )
        lines = trial["error"].strip().splitlines()
        told = clean(lines[-1], 300) if lines else at
        cells.append([trial["label"], trial["profile"], dataset_label(trial), trial["architecture"],
                      f"{trial['seed']:.0f}", trial["status"], told, trial["trial"][:20]])  # fmt: skip
        keys.append([*cells[-1][:4], float(trial["seed"]), *cells[-1][5:]])
    return tables.Table(
        "Trials that did not finish", columns, [[clean(c) for c in line] for line in cells], keys
    )


def _variants(frames: Frames) -> tables.Table:
    """Each entry's paper and settings."""
    firsts = frames.trials.drop_duplicates(["suite", "dataset", "architecture", "kimg", "label", "profile"])
    titles = ["Variant", "Profile", "Paper", "Year", "Dataset", "Architecture", "Hyperparameters"]
    columns = [
        tables.Column(title, right=title == "Year", long=title == "Hyperparameters") for title in titles
    ]
    cells = []
    for _, trial in firsts.iterrows():
        year = f"{trial['year']:.0f}" if trial["year"] == trial["year"] else ""
        cells.append([trial["label"], trial["profile"], trial["paper"], year, dataset_label(trial),
                      trial["architecture"], trial["hyperparameters"]])  # fmt: skip
    return tables.Table(
        "Variants and their settings", columns, [[clean(c) for c in line] for line in cells], [*cells]
    )


def _origin(frames: Frames) -> dict[str, str]:
    """Where the numbers come from: devices and the time they took."""
    trials = frames.trials
    devices = ", ".join(sorted({clean(name) for name in trials["device"] if name}))
    times = {name: duration(trials[f"{column}_seconds"].sum()) for name, column in TIMES.items()}
    return {"devices": devices or "not recorded", **times}


@lru_cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["sortkey"] = _sort_key
    return environment


def _sort_key(value: float | str) -> str:
    """What a cell sorts by, as an attribute; empty for what is missing."""
    if isinstance(value, str):
        return value
    return repr(float(value)) if value == value and abs(value) != float("inf") else ""
