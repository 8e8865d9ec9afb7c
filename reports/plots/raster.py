"""Samples of one and two dimensions as pixels: quick to draw, small, and light on any page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

# Of pictures of points, light on any page: their dots are pixels, which no style sheet recolours.
PAPER = "#fdfdfd"
REAL = "#8b929c"
INK = "#222529"  # of text on that paper
BINS = 50
HEADROOM = 1.5  # height of a histogram's axis, in highest bars of the real data
FAR = 10.0

Box = list[tuple[float, float]]


def limits(real: np.ndarray, generated: np.ndarray | None = None) -> Box:
    """Return the real data [count, dimensions] with a margin; one scale for all axes where spans are alike.

    Real data that are a single point have no extent of their own: that of `generated` takes its place.
    """
    low, high = real.min(0), real.max(0)
    if is_point(real) and generated is not None and len(generated):
        both = np.concatenate([real, generated[np.isfinite(generated).all(1)]])
        low, high = both.min(0), both.max(0)
    span = np.maximum(high - low, 1e-9)
    if span.max() < 3 * span.min():
        span[:] = span.max()
    middle = (low + high) / 2
    return [(float(m - 0.68 * s), float(m + 0.68 * s)) for m, s in zip(middle, span, strict=True)]


def is_point(real: np.ndarray) -> bool:
    """Return whether the real data [count, dimensions] are a single point, which has no extent."""
    return bool((real == real[0]).all())


def common(real: np.ndarray, generated: Mapping[str, np.ndarray]) -> Box:
    """Return the one frame of all pictures of a board: `limits` of the real data, or of all entries.

    `generated` holds every entry's samples, [count, dimensions]; it is read only where the real data are a
    single point.
    """
    if not is_point(real):
        return limits(real)
    finite = {name: drawn[np.isfinite(drawn).all(1)] for name, drawn in generated.items()}
    both = {name: np.concatenate([real[:1], drawn]) for name, drawn in finite.items()}
    if not both:
        return limits(real)
    ends = [
        together({name: (drawn[:, i].min(), drawn[:, i].max()) for name, drawn in both.items()})
        for i in range(real.shape[1])
    ]
    return limits(real, np.array(ends).T)


def together(ranges: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return one range for several entries: all ranges but those FAR times as wide as the median range.

    One entry that left for infinity would make a point of all others.
    """
    widths = {name: high - low for name, (low, high) in ranges.items()}
    usual = float(np.median(list(widths.values())))
    near = [ranges[name] for name, width in widths.items() if width <= FAR * usual] or list(ranges.values())
    return min(low for low, _ in near), max(high for _, high in near)


def scatter(
    real: np.ndarray, samples: np.ndarray | None, box: Box, colour: str, side: int, dot: int = 2
) -> np.ndarray:
    """Return a picture [side, side, 3] of the plane: real points grey, generated in `colour`, `dot` wide.

    What lies outside of `box`, or is not finite, is not in it.
    """
    page = _page(side, side)
    (left, right), (bottom, top) = box[:2]
    for dots, tone in ((real, REAL), (samples, colour)):
        if dots is None:
            continue
        across = (dots[:, 0] - left) / (right - left) * side
        down = (top - dots[:, 1]) / (top - bottom) * side
        inside = np.isfinite(across) & np.isfinite(down)
        inside &= (across >= 0) & (across <= side - dot) & (down >= 0) & (down <= side - dot)
        x, y = across[inside].astype(int), down[inside].astype(int)
        for step in np.ndindex(dot, dot):
            page[y + step[0], x + step[1]] = _rgb(tone)
    return page


def on_no_ground(picture: np.ndarray) -> np.ndarray:
    """Return a picture [height, width, 4] of points without its paper, for pages of any colour."""
    inked = (picture != _rgb(PAPER)).any(axis=2)
    return np.dstack([picture, np.where(inked, 255, 0).astype(np.uint8)])


def bars(real: np.ndarray, samples: np.ndarray, box: Box, colour: str, side: int) -> np.ndarray:
    """Return a picture [3/5 side, side, 3] of two histograms: generated in `colour`, real as a grey line."""
    height, wide = 3 * side // 5, side // BINS
    page = _page(height, wide * BINS)
    shares = [density(values, box)[0] for values in (real, samples)]
    most = ceiling(real, box)
    before = height - 1
    for place, (true, drawn) in enumerate(zip(*shares, strict=True)):
        left, right = place * wide, (place + 1) * wide
        page[height - round(min(1.0, drawn / most) * height) : height, left:right] = _rgb(colour)
        line = height - 1 - round(min(1.0, true / most) * (height - 2))
        page[max(0, line - 1) : line + 1, left:right] = _rgb(REAL)
        low, high = sorted((before, line))
        page[max(0, low - 1) : high + 1, left : left + 2] = _rgb(REAL)  # the step from the bar before
        before = line
    return page


def density(samples: np.ndarray, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Return heights (per data unit) and edges of a histogram of [count, 1] in BINS bins of the box.

    Divided by all samples, so that what lies outside the box lowers the bars inside it.
    """
    edges = np.linspace(*box[0], BINS + 1)
    return np.histogram(samples[:, 0], edges)[0] / len(samples) / (edges[1] - edges[0]), edges


def ceiling(real: np.ndarray, box: Box) -> float:
    """Return top of a density axis: room above the real data's highest bar, whatever is generated."""
    return HEADROOM * float(density(real, box)[0].max())


def outside(samples: np.ndarray, box: Box) -> int:
    """Return the number of samples [count, dimensions] outside the box or not finite."""
    axes = enumerate(box[: samples.shape[1]])
    inside = [(samples[:, i] >= low) & (samples[:, i] <= high) for i, (low, high) in axes]
    return int((~np.all(inside, axis=0)).sum())


def _page(height: int, width: int) -> np.ndarray:
    return np.broadcast_to(_rgb(PAPER), (height, width, 3)).copy()


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
