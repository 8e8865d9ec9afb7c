"""The report as a folder that opens from disk: pages, and tables, plots, samples and films beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pandas as pd

from gan_bench.reports import exports, paper_tables, plots, tables
from gan_bench.reports.by_class import by_class
from gan_bench.reports.colours import looks
from gan_bench.reports.drawing import draw, processes
from gan_bench.reports.evidence import across, evidence, evidence_tables
from gan_bench.reports.explain import TABLES, Watched
from gan_bench.reports.films import reel
from gan_bench.reports.folder import INDEX, Folder
from gan_bench.reports.frames import Frames, dataset_label
from gan_bench.reports.labels import FileNames, clean
from gan_bench.reports.origin import fingerprint
from gan_bench.reports.pages.boards import (
    ability_pages,
    board_pages,
    cost_pages,
    evolution_pages,
    stability_pages,
)
from gan_bench.reports.pages.critics import critic_pages
from gan_bench.reports.pages.overview import overview, reading
from gan_bench.reports.pages.page import Page, Shown, render
from gan_bench.reports.pages.reproduction import reproduction_pages
from gan_bench.reports.pages.variants import variant_pages
from gan_bench.reports.paper_numbers import compare, ordering
from gan_bench.reports.parts import parts
from gan_bench.reports.processes import Processes
from gan_bench.reports.references import of_board, reference_rows
from gan_bench.reports.sheets import sheets
from gan_bench.reports.sliders import sliders
from gan_bench.reports.spreadsheets import csv_bytes
from gan_bench.reports.stability import stability_table, sweep
from gan_bench.reports.summary import board_rows, metric_rows, of_leading
from gan_bench.reports.table import Table

WIDEST = 160
"""Characters in a row of a table on a page, the space between columns included."""


def write(
    frames: Frames,
    out: Path,
    *,
    title: str,
    command: str,
    stand_in: str | None = None,
    asked: int | None = None,
    paper_numbers: pd.DataFrame | None = None,
    watched: Iterable[Watched] = (),
    references: pd.DataFrame | None = None,
    rows: pd.DataFrame | None = None,
) -> Path:
    """Write the report of `frames` into the folder `out` and return the path of its index.html.

    Replaces the files that an earlier report left in `out` and touches no others. A complete report of the
    same content stays as it is.

    Args:
        frames: of the trials (`reports.frames.tidy`).
        out: folder of the report.
        title: heading of the pages.
        command: command that runs everything again.
        stand_in: which data replace which, shown on top of every page.
        asked: number of planned trials.
        paper_numbers: numbers that papers published (see `reports.paper_numbers`), compared with the scores.
        watched: critics that `bench explain` recorded.
        references: frame of reference rows.
        rows: those of `reports.summary.board_rows` of the frames, where they are known.
    """
    folder = Folder(Path(out))
    index = folder.path / INDEX
    watched = list(watched)
    words = (title, command, stand_in, str(asked))
    origin = _origin(frames, words, paper_numbers, watched, references)
    if folder.holds(origin):
        return index
    with processes(frames) as sharing:  # they load their libraries while this one counts
        rows = board_rows(frames) if rows is None else rows
        per_metric, sure = metric_rows(frames), evidence(frames)
        apart = reference_rows(references)
        folder.note(exports.write(frames, rows, per_metric, folder.path / "tables", apart))
        folder.put("tables/evidence.csv", csv_bytes(sure.entries))
        folder.put("tables/improvement.csv", csv_bytes(sure.pairs))
        leading_evidence = replace(sure, entries=of_leading(sure.entries, rows))
        shown = _shown(frames, rows, per_metric, evidence_tables(leading_evidence), folder, apart, sharing)
    compared = compare(frames, paper_numbers, per_metric)
    order = ordering(compared)
    folder.note(paper_tables.write(compared, order, folder.path / "tables"))
    names = FileNames()
    pages = [overview(frames, shown, across(sure), asked)]
    makers = (board_pages, ability_pages, cost_pages, stability_pages, evolution_pages)
    pages += chain.from_iterable(make(shown, names) for make in makers)
    pages += reproduction_pages(shown, compared, order, folder, names)
    pages += critic_pages(watched, folder, names)
    pages += variant_pages(frames, shown, names)
    _put([*pages, reading(frames)], folder, frames, title=title, command=command, stand_in=stand_in)
    folder.close(origin)
    return index


def _origin(
    frames: Frames,
    words: Iterable[str | None],
    paper_numbers: pd.DataFrame | None,
    watched: Sequence[Watched],
    references: pd.DataFrame | None,
) -> str:
    """Return the hash of everything that the report shows."""
    tables_of_critics = [getattr(one, name) for one in watched for name in TABLES]
    further = [*tables_of_critics] if references is None else [references, *tables_of_critics]
    return fingerprint(
        (frames.trials, frames.scores, frames.history, *further),
        *words,
        frames.equal,
        repr(frames.descriptions),
        "" if paper_numbers is None else paper_numbers.to_json(),
        *(json.dumps(one.words()) for one in watched),
    )


def _put(pages: Sequence[Page], folder: Folder, frames: Frames, **common: str | None) -> None:
    """Write all pages, the first one last: it is there when all are."""
    links = _links(frames, pages)
    for page in [*pages[1:], pages[0]]:
        folder.put(page.file, render(page, pages, links, **common).encode())


def _shown(
    frames: Frames,
    rows: pd.DataFrame,
    per_metric: pd.DataFrame,
    sure: dict[tuple, list[Table]],
    folder: Folder,
    apart: pd.DataFrame,
    sharing: Processes,
) -> list[Shown]:
    all_looks, keyed = looks(frames.variants), list(frames.boards())
    boards: list[plots.Board] = []
    taken: Counter[str] = Counter()
    for key, part in keyed:  # boards whose names are alike as file names get a number in front
        stem = FileNames()(plots.Board.stem(key))
        prefix = f"{taken[stem]}-" if taken[stem] else ""
        taken[stem] += 1
        boards.append(
            plots.Board(key, part, _of_board(rows, key), all_looks, FileNames(prefix), of_board(apart, key))
        )
    drawn = draw(boards, folder, sharing)
    shorts = _shorts([key for key, _ in keyed])
    shown = []
    for board, short, pictures in zip(boards, shorts, drawn, strict=True):
        board_sweep = sweep(board.frames)
        shown.append(
            Shown(
                board=board,
                short=short,
                pictures=pictures,
                leaderboard=tables.boards(board.rows, board.references)[0],
                evidence=_fitting(sure.get(tuple(board.key.values()), [])),
                metrics=_fitting(
                    tables.metrics(
                        _of_board(per_metric, board.key),
                        board.rows,
                        beyond=board.primary,
                        apart=board.references,
                    )
                ),
                by_class=_fitting(by_class(board, folder)),
                sliders=sliders(board, folder),
                stability=stability_table(board_sweep, board.title) if board_sweep else None,
                sheets=sheets(board, folder),
                reel=reel(board, folder),
            )
        )
    return shown


def _fitting(tables_of_board: Iterable[Table]) -> list[Table]:
    """Return tables that are no wider than a page on a screen of 1280 pixels: wider ones in parts."""
    return [part for table in tables_of_board for part in parts(table, WIDEST)]


def _of_board(rows: pd.DataFrame, key: dict) -> pd.DataFrame:
    return rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]


def _shorts(keys: Sequence[dict]) -> list[str]:
    """Return short titles of boards for menus: the data, and networks, budget and suite where they differ."""
    shorts = [dataset_label(key) for key in keys]
    for name in ("architecture", "kimg", "suite"):
        twice = Counter(shorts)
        if max(twice.values(), default=0) < 2:
            break
        details = [f"{key[name]:g} kimg" if name == "kimg" else clean(key[name]) for key in keys]
        shorts = [f"{s} · {d}" if len(set(details)) > 1 else s for s, d in zip(shorts, details, strict=True)]
    return shorts


def _links(frames: Frames, pages: Sequence[Page]) -> dict[tuple[str, str], str]:
    """Return the files that cells of tables link to: a variant's page, a board's page."""
    files = {(page.kind, page.title): page.file for page in pages}
    links = {
        ("Variant", name): files["variant", clean(variant)]
        for label, variant in frames.trials[["label", "variant"]].drop_duplicates().itertuples(index=False)
        for name in (label, clean(variant))
    }
    return links | {("Leaderboard", title): file for (kind, title), file in files.items() if kind == "board"}
