"""How plots look: one colour, marker and line style per variant everywhere, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: Okabe and Ito's colour-blind-safe colours (2008), darkened where they were too pale for white paper, with
#: purple for black (real data are grey), and for each the tone that takes its place on dark paper.
PALETTE = [
    ("#0072b2", "#5fb0ea"),
    ("#d55e00", "#ff8f4d"),
    ("#00805e", "#3fcf9f"),
    ("#bb5a96", "#f0a6cf"),
    ("#a87400", "#f0c14b"),
    ("#2a93d1", "#a6dcff"),
    ("#6b5b00", "#cfc06a"),
    ("#6a2fa0", "#c7a0f5"),
]
# Their counts share no divisor with the palette's eight: 8 x 11 combinations before one comes back.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*"]
LineStyle = tuple[float, Sequence[float]] | Literal["-"]
LINES: list[LineStyle] = [
    "-",
    (0, (5, 1.5)),
    (0, (1.5, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
]

INK = "#1b1e22"
MUTED = "#5a616b"
GRID = "#dcdfe4"
PAPER = "#ffffff"
#: Light colour -> dark colour. Plots are drawn in the light ones; see `themed`.
THEME = {
    INK: "#e8eaed",
    MUTED: "#aab1bb",
    GRID: "#3a3f47",
    PAPER: "#1b1e23",
}
THEME |= dict(PALETTE)

RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "text.color": INK,
    "text.parse_math": False,  # a variant named `$x$` is a name
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 0.7,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: smaller, searchable, and quick to write
    "svg.hashsalt": "gan-bench",
    "path.simplify": True,
}


@dataclass(frozen=True)
class Look:
    """What tells a variant from the others: colour first, marker and line style second."""

    colour: str
    marker: str
    line: LineStyle


def looks(variants: Mapping[str, int]) -> dict[str, Look]:
    """Return a look for each variant by its place (`bench.results.colours`): the same in every report."""

    def look(place: int) -> Look:
        return Look(
            PALETTE[place % len(PALETTE)][0], MARKERS[place % len(MARKERS)], LINES[place % len(LINES)]
        )

    return {variant: look(place) for variant, place in variants.items()}


def themed(svg: str) -> str:
    """The same drawing with a dark coat, worn where the reader prefers dark; light without CSS.

    Colours stand in style attributes, which a rule for exactly these attributes overrides.
    """
    rules = [
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in THEME.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in svg
    ]
    head = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:head]}<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>{svg[head:]}"
