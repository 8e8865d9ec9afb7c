"""Tables by class: how often what an entry makes of test samples has their class."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from gan_bench.reports.folder import Folder
from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import clean, number
from gan_bench.reports.plots.abilities.stored import of_every_seed
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.samples import WEIGHTS
from gan_bench.reports.spreadsheets import csv_bytes
from gan_bench.reports.table import Column, Table

KIND = "by_class"
SHARES = {
    "counts": ("Class kept", "share of the outputs for inputs of a class that have this class"),
    "pixels": ("Pixels right", "share of the pixels of a label that have it"),
}
IOU = ("IoU", "pixels that have a label and should, as a share of those that have it or should")
DIGITS = 3


def by_class(board: Board, folder: Folder) -> list[Table]:
    """Return a table for each ability and share, a row per entry; write the numbers of all seeds beside.

    Shares are means over the seeds that have the class. Abilities whose shares are all equal, as where a
    variant samples by translating, have one table.
    """
    rows = _rows(board)
    if rows.empty:
        return []
    folder.put(f"tables/{board.name('by-class')}.csv", csv_bytes(rows))
    return [_table(board, abilities, share, part) for abilities, share, part in _distinct(rows)]


def _distinct(rows: pd.DataFrame) -> list[tuple[list[str], str, pd.DataFrame]]:
    """Return the abilities that have the same rows, their share and these rows, by the first ability."""
    found: list[tuple[list[str], str, pd.DataFrame]] = []
    for (ability, share), part in rows.groupby(["ability", "share"], sort=False):
        numbers = part.drop(columns="ability").reset_index(drop=True)
        alike = next((names for names, of, known in found if of == share and known.equals(numbers)), None)
        if alike is None:
            found.append(([str(ability)], str(share), numbers))
        else:
            alike.append(str(ability))
    return found


def _rows(board: Board) -> pd.DataFrame:
    """Return a row per trial, weights, ability, share and class."""
    rows = []
    for trial, weights, arrays in of_every_seed(board, KIND):
        about = {name: trial[name] for name in ("trial", "label", "seed", *ENTRY)} | {"weights": weights}
        for name, counts in arrays.items():
            ability, _, what = name.rpartition(".")
            for share, values in _shares(what, counts.astype(float)).items():
                for place, value in enumerate(values):
                    rows.append({**about, "ability": ability, "share": share, "class": place, "value": value})
    return pd.DataFrame(rows)


def _shares(what: str, counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return shares by name, each (classes,), of counts (classes, classes found); NaN for absent classes."""
    right, there, made = np.diagonal(counts), counts.sum(1), counts.sum(0)
    with np.errstate(invalid="ignore"):
        found = {SHARES[what][0]: right / there}
        if what == "pixels":
            found[IOU[0]] = right / (there + made - right)
    return found


def _table(board: Board, abilities: list[str], share: str, rows: pd.DataFrame) -> Table:
    means = rows.groupby(["label", "weights", "class"], sort=False)["value"].mean().unstack("class")
    seeds = rows.groupby("label")["seed"].nunique()
    averaged = rows["weights"].nunique() > 1
    columns = [Column("Variant", right=False)] + [Column("Weights", right=False)] * averaged
    columns += [Column(str(place)) for place in means.columns] + [Column("Mean"), Column("Least")]
    cells, keys = [], []
    for (label, weights), values in means.iterrows():
        about = [label] + [WEIGHTS[weights]] * averaged
        shown = [*values, values.mean(), values.min()]
        cells.append([*about, *(number(value, DIGITS) for value in shown)])
        keys.append([*about, *(float(value) if pd.notna(value) else math.nan for value in shown)])
    meanings = dict([*SHARES.values(), IOU])
    most = int(seeds.max())
    remark = f"{share}: {meanings[share]}" + (f"; mean over {most} seeds" if most > 1 else "")
    heading = f"{share} by class, {' and '.join(clean(a, 30).replace('_', ' ') for a in abilities)}"
    return Table(f"{heading}: {board.title}", columns, cells, keys, [f"{remark}."], caption=heading)
