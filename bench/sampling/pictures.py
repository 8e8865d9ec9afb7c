"""Generated samples as a PNG or an NPZ file."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_file
from gan_bench.bench.metrics.limits import pictured
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.sampling.generate import Generated
from gan_bench.reports.plots import generated as plots
from gan_bench.reports.plots.stage import label_font
from gan_bench.reports.style import INK, PAPER

SUFFIXES = (".png", ".npz")
DRAWN = ("scalar", "planar", "images")
READABLE, GAP, LETTERS = 80, 6, 12  # pixels: side of an image, space between two, height of a name
REAL = 2_000  # rows of real data in the background of a scatter plot or a histogram


def check_out(out: Path) -> None:
    """Raise UsageError for a file name that cannot be written: another suffix, or a missing folder."""
    if out.suffix.lower() not in SUFFIXES:
        raise UsageError(f"-o {out}: expected a file that ends in {' or '.join(SUFFIXES)}")
    check_file(out, f"-o {out}")


def encode(generated: Generated, what: str, trial: Trial, dataset: Any, context: str, suffix: str) -> bytes:
    """Return the content of the file in the format of its suffix.

    Args:
        generated: the samples.
        what: grid, interpolation or arithmetic.
        trial: the trial of the model.
        dataset: of the trial; scatter plots and histograms show its real data in grey.
        context: the line below a plot's title.
        suffix: one of `SUFFIXES`.

    Raises:
        UsageError: for a picture of data that cannot be drawn.
    """
    if suffix == ".npz":
        return npz(generated.arrays())
    if dataset.kind not in DRAWN:
        raise UsageError(f"{dataset.kind} data cannot be drawn; write an .npz file")
    if dataset.kind == "images" and not pictured(dataset):
        raise UsageError(f"there is no picture of images of {dataset.shape[0]} channels; write an .npz file")
    samples = generated.samples
    if dataset.kind == "images":
        if what == "arithmetic":
            return plots.sum_of_images(samples, plots.captions(generated.terms), context)
        count, *shape = samples.shape
        columns = shape[0] if what == "interpolation" else math.ceil(math.sqrt(count))
        images = samples.reshape(-1, *shape[-3:])
        ends = [(2 * place, 2 * place + 1) for place in range(count)]  # latents at the ends of each path
        paths = [str(latent) if latent is not None else "" for row in ends for latent in _along(row, columns)]
        return numbered(images, columns, paths if what == "interpolation" else [*map(str, range(count))])
    real = dataset.reference("test", REAL).numpy()
    title = f"{trial.variant} on {trial.data_name}"
    if what == "interpolation":
        return plots.paths(samples, real, title, context)
    if what == "arithmetic":
        captions = plots.captions(generated.terms)
        return plots.sum_of_points(samples, captions, generated.drawn, real, title, context)
    return plots.points(samples, real, title, context)


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays by name as a compressed .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _along(ends: tuple[int, int], steps: int) -> list[int | None]:
    return [ends[0], *[None] * (steps - 2), ends[1]]


def numbered(images: np.ndarray, columns: int, names: Sequence[str]) -> bytes:
    """Return a PNG of uint8 images ``[n, channels, height, width]``, row by row, with a name above each.

    Images smaller than `READABLE` pixels are enlarged by a whole factor, so that every pixel stays a square.
    """
    _, channels, height, width = images.shape
    factor = max(1, math.ceil(READABLE / max(height, width)))
    wide, tall = width * factor + GAP, height * factor + GAP + LETTERS + 4
    page = Image.new("RGB", (columns * wide + GAP, math.ceil(len(images) / columns) * tall + GAP), PAPER)
    write, font = ImageDraw.Draw(page), label_font(LETTERS)
    for place, (image, name) in enumerate(zip(images, names, strict=True)):
        left, top = place % columns * wide + GAP, place // columns * tall + GAP
        write.text((left, top - 2), name, fill=INK, font=font)
        large = image.repeat(factor, 1).repeat(factor, 2).transpose(1, 2, 0)
        page.paste(Image.fromarray(large[:, :, 0] if channels == 1 else large), (left, top + LETTERS + 4))
    buffer = io.BytesIO()
    page.save(buffer, "png")
    return buffer.getvalue()
