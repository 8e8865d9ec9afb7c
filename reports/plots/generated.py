"""Pictures of the samples of one trained model, as PNG: points, paths between latents, sums of latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from gan_bench.names import counted
from gan_bench.reports.colours import PALETTE
from gan_bench.reports.labels import clean
from gan_bench.reports.plots.figure import canvas, frame, legend, png, rc
from gan_bench.reports.plots.panels import Panel, Panels, histograms
from gan_bench.reports.plots.raster import REAL, common
from gan_bench.reports.style import INK, MUTED, PAPER

HEIGHT = 3.4  # inches
BINS = 41


class Term(Protocol):
    """A term of a sum: its sign, 1 or -1, and what it is called."""

    @property
    def sign(self) -> int:
        """Return 1 or -1."""

    @property
    def text(self) -> str:
        """Return which latent it is."""


def captions(terms: Sequence[Term]) -> list[str]:
    """Return `3`, `− 7`, `+ 12` and, for what they make, `= result`."""
    signs = ["" if term.sign > 0 else "− " for term in terms[:1]]
    signs += ["+ " if term.sign > 0 else "− " for term in terms[1:]]
    return [*(sign + term.text for sign, term in zip(signs, terms, strict=True)), "= result"]


def points(samples: np.ndarray, real: np.ndarray, title: str, context: str) -> bytes:
    """Return a scatter plot of 2-D samples ``[n, 2]``, or of 1-D ones ``[n, 1]`` the report's histogram."""
    heading, colour = f"{counted(len(samples), 'sample')} of {title}", PALETTE[0][0]
    with rc():
        if samples.shape[1] == 1:
            panel, box = Panel("", samples, ""), common(real, {title: samples})
            return png(histograms(Panels([[panel]], real, box, colour, clean(heading, 120), clean(context))))
        figure, axes = _plot(heading, context)
        _behind(axes, real)
        _before(axes, samples, colour)
        legend(figure, *axes.get_legend_handles_labels(), columns=3)
        return png(figure)


def paths(samples: np.ndarray, real: np.ndarray, title: str, context: str) -> bytes:
    """Return a plot of interpolations ``[pairs, steps, d]``: paths in the plane, or values by position."""
    with rc():
        pairs, steps, dimensions = samples.shape
        figure, axes = _plot(f"{pairs} interpolations of {title}", context)
        if dimensions > 1:
            _behind(axes, real)
        else:
            axes.set(xlabel="position between the two latents", ylabel="x (data units)")
        for place, row in enumerate(samples):
            colour = PALETTE[place % len(PALETTE)][0]
            where = (row[:, 0], row[:, 1]) if dimensions > 1 else (np.linspace(0, 1, steps), row[:, 0])
            axes.plot(*where, color=colour, linewidth=0.8, marker="o", markersize=2.2)
            for end, marker in ((0, "s"), (-1, "^")):
                label = {0: "start", -1: "end"}[end] if place == 0 else None
                axes.plot(where[0][end], where[1][end], color=colour, marker=marker, markersize=5,
                          linestyle="none", label=label)  # fmt: skip
        legend(figure, *axes.get_legend_handles_labels(), columns=3)
        return png(figure)


def sum_of_points(
    samples: np.ndarray, names: Sequence[str], drawn: np.ndarray, real: np.ndarray, title: str, context: str
) -> bytes:
    """Return a plot of terms and result ``[terms + 1, d]`` marked among the samples `drawn`."""
    with rc():
        figure, axes = _plot(f"{' '.join(names)}, {title}", context)
        _behind(axes, real)
        planar = real.shape[1] > 1
        _before(axes, drawn, PALETTE[5][0])
        for place, (sample, name) in enumerate(zip(samples, names, strict=True)):
            last = place == len(samples) - 1
            colour = PALETTE[1][0] if last else INK
            # A term that comes near another is still told by the height of its name.
            at = (sample[0], sample[1] if planar else 0.0)
            axes.plot(*at, marker="*" if last else "o", markersize=11 if last else 6, color=colour,
                      linestyle="none", clip_on=False, zorder=4)  # fmt: skip
            axes.annotate(name, at, (6, 6 + 9 * (0 if planar else place)), textcoords="offset points",
                          color=colour, weight="bold", zorder=5,
                          path_effects=[withStroke(linewidth=2.5, foreground=PAPER)])  # fmt: skip
        legend(figure, *axes.get_legend_handles_labels(), columns=3)
        return png(figure)


def sum_of_images(images: np.ndarray, names: Sequence[str], context: str) -> bytes:
    """Return terms and result, uint8 ``[terms + 1, channels, height, width]``, side by side."""
    with rc():
        side, gap = 1.1, 0.12
        width = max(4.2, 0.2 + len(images) * (side + gap))
        figure, (bottom, height) = frame(
            f"Latent {' '.join(names)}", clean(context), side + 0.25, below=0.1, width=width
        )
        for place, (image, name) in enumerate(zip(images, names, strict=True)):
            left = (0.1 + place * (side + gap)) / width
            share = side / (side + 0.25)
            axes = figure.add_axes((left, bottom, side / width, height * share))
            shown = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
            axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_title(name, size=8, loc="left", pad=3)
            axes.set_axis_off()
        return png(figure)


def _plot(title: str, context: str) -> tuple[Figure, Axes]:
    return canvas(clean(title, 120), clean(context), HEIGHT, width=5.2, legend_rows=1)


def _behind(axes: Axes, real: np.ndarray) -> None:
    """Real data, and what the axes are."""
    if real.shape[1] == 1:
        axes.hist(real[:, 0], BINS, density=True, histtype="step", color=MUTED, label="real")
        axes.set(xlabel="x (data units)", ylabel="density (per data unit)")
    else:
        _dots(axes, real, REAL, "real")
        axes.set(xlabel="x (data units)", ylabel="y (data units)")


def _before(axes: Axes, samples: np.ndarray, colour: str) -> None:
    if samples.shape[1] == 1:
        axes.hist(samples[:, 0], "sqrt", density=True, color=colour, alpha=0.5, label="generated")
    else:
        _dots(axes, samples, colour, "generated")


def _dots(axes: Axes, where: np.ndarray, colour: str, label: str) -> None:
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 2.6, "markeredgewidth": 0}
    axes.plot(where[:, 0], where[:, 1], color=colour, alpha=0.7, label=label, **style)
