"""Tables of timings for the terminal: medians with quartiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gan_bench.bench.speed.columns import OTHERS
from gan_bench.bench.speed.interleave import quartiles
from gan_bench.names import counted
from gan_bench.reports.labels import number, quantity

Form = Callable[[float], str]


def _three(value: float) -> str:
    return number(value, 3)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if value == value else "–"


SINGLE: dict[str, tuple[str, Form, bool]] = {
    "milliseconds_per_critic_update": ("ms per critic update", _three, True),
    "milliseconds_per_generator_update": ("ms per generator update", _three, True),
    "iterations_per_second": ("iterations/s", _three, True),
    "images_per_second": ("images/s", quantity, False),
    "flop_per_iteration": ("FLOP per iteration", quantity, False),
    "fraction_of_matrix_product": ("% of matrix product", _percent, False),
    "fraction_of_memory_copy": ("% of memory copy", _percent, False),
    "peak_memory_mib": ("peak MiB", _three, False),
    "cost": ("cost", _three, True),
    "gain_of_capture": ("gain of graphs", _three, True),
    "ratio_to_bare": ("speed to bare", _three, True),
    "ratio_to_bare_captured": ("to bare, captured", _three, True),
    "ratio_to_classic": ("to classic script", _three, True),
}
"""Columns for single replicas: heading, format, and True if quartiles are shown."""


def tables(frame: pd.DataFrame) -> RenderableType:
    """Return the tables of every workload in a frame of timings: single replicas, and packs."""
    parts: list[RenderableType] = []
    for workload, rows in frame.groupby("workload", sort=False):
        reference = rows["reference"].iloc[0]
        rounds = counted(rows["round"].nunique(), "round")
        heading = f"{workload}; median (quartiles) of {rounds}; cost: to {reference}"
        parts += [Text(), Text(heading, "bold")]
        parts += [_singles(rows[rows["replicas"] == 1]), *_packs(rows)]
    notes = [
        "One iteration plays every round of the game once; one replica unless a column says otherwise.",
        "Cost: time of an iteration divided by that of the named variant. FLOP: matrix products and "
        "convolutions.",
        "Matrix product, memory copy: the rates of this machine, measured in the same rounds.",
        "Memory: bytes of inputs and outputs of every operation, some of which caches save.",
    ]
    return Group(*parts, *(Text(f"- {note}", "dim") for note in notes))


def _singles(rows: pd.DataFrame) -> Table:
    columns = {name: form for name, form in SINGLE.items() if rows[name].notna().any()}
    table = _table(["variant", *(heading for heading, *_ in columns.values())])
    for variant, group in rows.groupby("variant", sort=False):
        table.add_row(str(variant), *(cell(group[name], *form[1:]) for name, form in columns.items()))
    return table


def _packs(rows: pd.DataFrame) -> Iterator[RenderableType]:
    """Yield tables of iterations/s per pack size, relative to one replica and to the hand-written loop."""
    sizes = sorted(set(rows["replicas"]) - {1})
    titles = {"pack_gain": "a single replica", **{f"ratio_to_{name}": text for name, text in OTHERS.items()}}
    for column, title in titles.items():
        if sizes and rows[column].notna().any():
            yield Text(f"\nIterations/s of all replicas of a pack, divided by those of {title}")
            table = _table(["variant", *(f"K={size}" for size in sizes)])
            for variant, group in rows.groupby("variant", sort=False):
                of = [group[group["replicas"] == size][column] for size in sizes]
                table.add_row(str(variant), *(cell(values, _three, True) for values in of))
            yield table


def cell(values: pd.Series, form: Form, spread: bool) -> str:
    """Return the median of the rounds, with the quartiles if `spread` is true: `1.62 (1.58–1.82)`."""
    low, middle, high = quartiles(values.to_numpy(float))
    return f"{form(middle)} ({form(low)}–{form(high)})" if spread and middle == middle else form(middle)


def _table(headings: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=place == 0)
    return table
