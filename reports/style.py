"""Style of plots: fonts, lines and the colours of light and of dark paper."""

from __future__ import annotations

from xml.sax.saxutils import escape

from gan_bench.reports.colours import PALETTE
from gan_bench.reports.labels import clean

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


INVERTED = "image{filter:invert(1) hue-rotate(180deg) brightness(1.2)}"
"""The same hues with the opposite lightness: dark dots become light ones."""


def themed(svg: str, description: str = "", points: bool = False) -> str:
    """Return the drawing with its description, and with CSS for dark paper where the reader prefers it.

    Colours stand in style attributes, which a rule for exactly these attributes overrides. With `points` the
    lightness of pixels is inverted as well.
    """
    rules = [
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in THEME.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in svg
    ]
    rules += [INVERTED] if points else []
    told = f"<desc>{escape(clean(description))}</desc>" if description else ""
    head = svg.index(">", svg.index("<svg")) + 1
    css = f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
    return f"{svg[:head]}{told}{css}{svg[head:]}"
