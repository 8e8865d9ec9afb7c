"""The request of one `evaluate`: its fields are the command's options."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation.latents import USUAL, Latents
from gan_bench.bench.planning.options import (
    DataDirs,
    Grey,
    Inception,
    Plugins,
    Size,
    Text,
    check_device,
    inception_source,
    nonempty,
)
from gan_bench.bench.planning.ranges import MOST_SEED, check_ranges
from gan_bench.bench.planning.suite import MOST_SAMPLES


class Shown(StrEnum):
    """The forms in which scores are shown."""

    table = "table"
    json = "json"
    csv = "csv"
    latex = "latex"


class Compared(StrEnum):
    """The parts of the data with which samples can be compared."""

    test = "test"
    validation = "validation"


SOURCE = "A folder of images, or a file .npz or .npy of images or points. Without it, --model."
DATASET = "A dataset by name; own data: images:FOLDER, FILE.npz, hf:NAME; or a folder to compare with."
MODEL = "A generator, of latents (n, ...) to samples (n, ...). Files that would run code are refused."
LATENT = "The model's latents: dimensions or shape, normal unless uniform: 100, 100x1x1, uniform:100."
DRAWN = 10_000
HALVES = "Random halves of the samples, from which standard errors are found; 0 for none."


@dataclass(frozen=True)
class Request:
    """Samples, the data to compare them with, and the form of the answer."""

    source: Annotated[Path | None, typer.Argument(help=SOURCE)] = None
    dataset: Annotated[str, typer.Option(help=DATASET)] = "mnist"
    size: Size = None
    grey: Grey = False
    split: Annotated[Compared, typer.Option(help="The part of the data to compare with.")] = Compared.test
    against: Annotated[
        Path | None, typer.Option(help="A second set of samples; differences are shown as well.")
    ] = None
    model: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(metavar="FILE.onnx|MODULE:FUNCTION", help=MODEL),
    ] = None
    latent: Annotated[Latents, Text(Latents.parse, "100"), typer.Option(metavar="N|SPEC", help=LATENT)] = (
        USUAL
    )
    count: Annotated[
        int, typer.Option("-n", min=2, max=MOST_SAMPLES, help="Samples to draw from --model.")
    ] = DRAWN
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Of latents and halves.")] = 0
    values: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(metavar="LOW,HIGH", help="The values of arrays that are black and white: 0,1 or -1,1."),
    ] = None
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Arrays of images are (n, height, width, channels).")
    ] = False
    halves: Annotated[int, typer.Option(min=0, max=10_000, help=HALVES)] = 20
    format: Annotated[Shown, typer.Option(help="The form of the scores.")] = Shown.table
    extractor: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(metavar="NAME", help="Of features, for a folder as data; see `list extractors`."),
    ] = None
    inception: Inception = None
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto"
    data_dirs: DataDirs = ()
    plugins: Plugins = ()

    def __post_init__(self) -> None:
        check_ranges(self)
        check_device(self.device)
        inception_source(self.inception)
        _ = self.scale
        if self.halves == 1:
            raise UsageError("--halves 1: expected 0 for no errors, or at least 2")
        if (self.source is None) == (self.model is None):
            raise UsageError(
                "give either a folder or file of samples, or --model FILE.onnx or MODULE:FUNCTION"
            )
        if self.model is None and (self.latent, self.count) != (USUAL, DRAWN):
            option = "-n" if self.latent == USUAL else "--latent"
            raise UsageError(f"{option} is an option of --model; {self.source} is read whole")

    @property
    def scale(self) -> tuple[float, float] | None:
        """Return the values that are black and white.

        Raises:
            UsageError: unless they are two finite numbers, the darkest below the brightest.
        """
        if self.values is None:
            return None
        try:
            low, high = map(float, self.values.split(","))
        except ValueError:
            raise UsageError(f"--values {self.values}: expected two numbers, as in 0,1 or -1,1") from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise UsageError(f"--values {self.values}: expected finite numbers, black below white")
        return low, high
