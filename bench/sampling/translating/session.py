"""Translate or classify the images of a request, one after another."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.files import make_folder, unwritable, write
from gan_bench.bench.sampling.translating.application import HOLE, Application
from gan_bench.bench.sampling.translating.files import inputs_of, outputs_of, read, read_mask, save
from gan_bench.bench.sampling.translating.reach import Maps, Reach, reach_of
from gan_bench.bench.sampling.translating.request import Request
from gan_bench.bench.sampling.translating.tiles import WHOLE, TooLarge, core_of, translated
from gan_bench.datasets.base import Dataset
from gan_bench.names import counted


def translate(request: Request, application: Application) -> Iterator[str]:
    """Write the outputs of a request, and yield a sentence for each input.

    Every input is read before the first output is written, so that a damaged one leaves no half of a result.

    Raises:
        UsageError: for inputs that the network does not take, or outputs that exist.
        DatasetError: for damaged images.
    """
    classifies = not application.ability.makes
    files = inputs_of(request.inputs)
    outputs = outputs_of(files, request.out, classes=classifies, overwrite=request.overwrite)
    mask = _mask(request, application)
    images = Images(application, mask, request.tile)
    for file in files:
        images.check(file)
    make_folder(request.out, "-o")
    if classifies:
        yield _classified(files, outputs[files[0]], images)
        return
    for file, out in outputs.items():
        made, says = images.translated(file)
        save(made, out)
        yield f"{out}: {says}"


class Images:
    """Images through one ability; the network is measured when a size asks for it, once.

    Args:
        application: the ability.
        mask: holes (1, h, w), where it fills them.
        tile: side of tiles, where the user wants them.
    """

    def __init__(self, application: Application, mask: np.ndarray | None, tile: int | None) -> None:
        self.application, self.mask, self.tile = application, mask, tile
        self.dataset: Dataset = application.dataset
        self.channels, *self.size = self.dataset.spaces[application.field].shape
        self._reach: Reach | None = None
        self._measured = False

    @property
    def reach(self) -> Reach | None:
        """Return the sizes that the network takes; None for that of its training alone."""
        if not self._measured:
            self._reach = reach_of(self.application, self.application.probe)
            self._measured = True
        return self._reach

    def check(self, file: Path) -> None:
        """Read a file; raise UsageError if the network does not take it."""
        self._core(file, self._read(file).shape)

    def translated(self, file: Path) -> tuple[np.ndarray, str]:
        """Return the output for a file, uint8 (channels, h, w), with a sentence about its making."""
        image = self._read(file)
        core = self._core(file, image.shape)
        maps, (height, width) = self._maps(image), image.shape[1:]
        if self._native(image.shape) and core is None:
            made = self._raw(self._apply(file, maps)[0])
        else:
            assert self.reach is not None
            sides = (int(height * self.reach.scale), int(width * self.reach.scale))
            space = self.dataset.spaces[self.application.ability.makes]
            made = np.zeros((space.shape[0], *sides), np.uint8)
            for part in translated(lambda cut: self._apply(file, cut), maps, self.reach, core):
                raw = self._raw(part.values)
                made[:, part.top : part.top + raw.shape[1], part.left : part.left + raw.shape[2]] = raw
        how = "whole"
        if core is not None and self.reach is not None:
            how = f"in tiles of {core} pixels that overlap by {self.reach.margin}"
        return made, f"{width}x{height} to {made.shape[2]}x{made.shape[1]} pixels, {how}"

    def logits(self, file: Path) -> Tensor:
        """Return the logits of a file's image, ``[classes]``."""
        return self._apply(file, self._maps(self._read(file)))[0]

    def _read(self, file: Path) -> np.ndarray:
        image = read(file, self.channels)
        if self.mask is not None and self.mask.shape[1:] != image.shape[1:]:
            sizes = [f"{i.shape[2]}x{i.shape[1]}" for i in (self.mask, image)]
            raise UsageError(f"--mask has {sizes[0]} pixels and {file} {sizes[1]}; equal sizes are expected")
        return image

    def _native(self, shape: tuple[int, ...]) -> bool:
        return [*shape[1:]] == self.size

    def _core(self, file: Path, shape: tuple[int, ...]) -> int | None:
        """Return the side of tiles, None for an image that is calculated whole."""
        if self._native(shape) and self.tile is None:
            return None
        pixels = f"{file} has {shape[2]}x{shape[1]} pixels"
        if not self.application.ability.makes or self.reach is None:
            if self._native(shape):
                return None
            raise UsageError(f"{pixels}; this network takes {self.size[1]}x{self.size[0]} only")
        if self.tile is not None and self.reach.margin is None:
            raise UsageError(f"--tile {self.tile}: {WHOLE_IMAGE}, so tiles would show; leave it out")
        try:
            return core_of(self.reach, shape[1], shape[2], self.tile)
        except TooLarge as error:
            side = math.isqrt(error.pixels)
            raise UsageError(
                f"{pixels}, and {WHOLE_IMAGE}: {error.pixels:,} pixels ({side}x{side}) are the most that fit "
                f"into {WHOLE // 2**20} MiB"
            ) from None

    def _maps(self, image: np.ndarray) -> dict[str, Tensor]:
        field, model = self.application.field, self.application.model
        maps = model.prepare({field: torch.tensor(image)[None]})
        if self.mask is not None:
            maps[HOLE] = torch.tensor(self.mask)[None].to(model.dtype)
        return maps

    def _apply(self, file: Path, maps: Maps) -> Tensor:
        try:
            return self.application(maps)
        except RuntimeError as error:
            height, width = next(iter(maps.values())).shape[-2:]
            raise UsageError(
                f"{file}: the network does not take {width}x{height} pixels ({one_line(error)})"
            ) from error

    def _raw(self, made: Tensor) -> np.ndarray:
        restored = self.dataset.restore_finite(made[None], self.application.ability.makes)
        if restored.broken:
            raise UsageError("some outputs of this model are not finite; they are no image")
        return restored.rows[0].double().round().clamp(0, 255).byte().cpu().numpy()


WHOLE_IMAGE = "every output of this network depends on the whole image"


def _mask(request: Request, application: Application) -> np.ndarray | None:
    if application.masked and request.mask is None:
        raise UsageError("in-painting needs --mask FILE, an image that is white where holes are")
    if request.mask is None:
        return None
    if not application.masked:
        raise UsageError(f"--mask {request.mask}: {application.name} fills no holes; leave it out")
    return read_mask(request.mask)


def _classified(files: list[Path], out: Path, images: Images) -> str:
    """Write the most probable class of each file with its probability."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("file", "class", "probability"))
    for file in files:
        chances = images.logits(file).double().softmax(0)
        rows.writerow((file, int(chances.argmax()), f"{float(chances.max()):.4f}"))
    with unwritable(str(out)):
        write(out, table.getvalue())
    return f"{out}: the classes of {counted(len(files), 'image')}"
