"""Samples of generators from elsewhere, from latents of a stated shape and law."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.evaluation.generators import Generator, generator
from gan_bench.bench.evaluation.latents import Latents
from gan_bench.bench.planning.ranges import check_memory
from gan_bench.datasets import Dataset
from gan_bench.datasets.finite import Restored

BATCH = 500
"""Latents of one call, of a model that takes any number."""
BEYOND = 10
"""Lengths of the scale of images beyond either end, from which values are on another scale."""


def draw(
    name: str,
    dataset: Dataset,
    count: int,
    latents: Latents,
    seed: int,
    *,
    scale: tuple[float, float] | None = None,
    channels_last: bool = False,
) -> Restored:
    """Return raw samples of a generator.

    Args:
        name: ``module:function``, where the module is looked for in the current folder too, or a file
            ``.onnx``. It takes latents, float32, and returns samples (n, *shape): points, or images from -1
            to 1.
        dataset: the data that they imitate.
        count: number of samples.
        latents: the law of the latents.
        seed: of the latents.
        scale: values of images that are black and white, in place of -1 and 1.
        channels_last: True for images (n, height, width, channels).

    Raises:
        UsageError: as `generators.generator`; for a model that does not take the latents, and for samples
            of another shape, or images on quite another scale.
    """
    check_memory("-n", count, dataset.shape)
    check_memory("-n", count, latents.shape, "latents")
    where = f"--model {name}"
    generate, most = generator(name)
    batches = _drawn(latents, count, seed).split(most or BATCH)
    with torch.no_grad():
        parts = [_filled(generate, rows, most, where) for rows in batches]
    if len(shapes := {tuple(part.shape[1:]) for part in parts}) > 1:
        raise UsageError(f"{where} makes samples of several shapes: {', '.join(map(str, sorted(shapes)))}")
    made = torch.cat(parts)
    if channels_last and made.ndim == 4:
        made = made.movedim(-1, 1)
    if tuple(made.shape) != (count, *dataset.shape):
        wanted = (count, *dataset.shape)
        raise UsageError(f"{where} makes samples of shape {tuple(made.shape)}, expected {wanted}")
    if dataset.kind == "images":
        low, high = scale or (-1.0, 1.0)
        _check_scale(made, low, high, where)
        made = made if scale is None else (made - low) * (2 / (high - low)) - 1
    return dataset.restore_finite(made)


def _drawn(latents: Latents, count: int, seed: int) -> Tensor:
    """Return latents (count, *shape), float32."""
    numbers = stream(seed, "evaluate", "latent")
    if latents.uniform:
        return torch.rand(count, *latents.shape, generator=numbers) * 2 - 1
    return torch.randn(count, *latents.shape, generator=numbers)


def _filled(generate: Generator, rows: Tensor, batch: int | None, where: str) -> Tensor:
    """Return samples of rows; a model of a fixed batch gets the first row in the place of missing ones."""
    missing = 0 if batch is None else batch - len(rows)
    given = torch.cat([rows, rows[:1].expand(missing, *rows.shape[1:])]) if missing else rows
    made = _tensor(generate(given), where)
    return made[: len(rows)] if missing else made


def _tensor(made: Any, where: str) -> Tensor:
    """Return samples as a dense float32 tensor on the CPU, of one row for each latent."""
    kind = type(made).__name__
    try:
        rows = torch.as_tensor(made).detach().cpu()
        numbers = rows if rows.layout == torch.strided else rows.to_dense()
        floats = numbers.float() if not numbers.is_complex() and numbers.dtype != torch.bool else None
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{where} gave {kind}, expected one tensor or array of samples: {reason}") from error
    if floats is None:
        raise UsageError(f"{where} gave numbers of type {numbers.dtype}, expected floats or whole numbers")
    if not floats.ndim:
        raise UsageError(f"{where} gave a single number, expected a tensor or array of samples")
    return floats


def _check_scale(made: Tensor, low: float, high: float, where: str) -> None:
    """Raise UsageError for images on quite another scale; values somewhat beyond it are clipped later."""
    finite = made[made.isfinite()]
    if not len(finite):
        return
    darkest, brightest = float(finite.min()), float(finite.max())
    if max(low - darkest, brightest - high) > BEYOND * (high - low):
        raise UsageError(
            f"{where} makes values from {darkest:g} to {brightest:g}, expected images from {low:g} (black) "
            f"to {high:g} (white); --values LOW,HIGH states another scale"
        )
