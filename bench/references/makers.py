"""Reference rows that come with the harness: noise, untrained networks, real data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_bench.bench.references.declarations import Ask, Start
from gan_bench.bench.references.registry import register

if TYPE_CHECKING:  # torch loads slowly, and planning needs no more than the list of rows
    import torch
    from torch import Tensor

    from gan_bench.bench.engine import Model
    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.datasets.sources import Source
    from gan_bench.variants.declarations import Ability

RANGE_SAMPLES = 10_000  # rows of training data that the range of noise is read from
PIXELS = 256

_SAMPLED: dict[str, Any] = {"without": ("mapping", "equilibrium")}
"""A known map is judged by other rows; a point mass is judged by the path to it."""


def untrained_model(start: Start) -> Model:
    """Return the model of a trial at initialisation; the draw is the seed of the weights."""
    from gan_bench.bench.engine import untrained
    from gan_bench.bench.planning.packs import Pack, job_of

    return untrained(job_of(Pack((start.trial,)), start.device), start.dataset, start.draw)


@register(
    "noise",
    title="noise",
    meaning="every coordinate is drawn uniformly from the range of the training data (pixels: 0 to 255); "
    "a score that is no better shows no learning",
    **_SAMPLED,
)
def noise(ask: Ask) -> Tensor:
    """Draw every pixel, or every coordinate over the range of the training data, independently."""
    import torch

    shape = (ask.count, *ask.dataset.shape)
    if ask.dataset.kind == "images":
        return torch.randint(PIXELS, shape, generator=ask.generator, dtype=torch.uint8)
    real = _rows(ask.dataset, RANGE_SAMPLES, ask.generator)
    low, high = real.amin(0), real.amax(0)
    return low + (high - low) * torch.rand(shape, generator=ask.generator)


@register(
    "untrained",
    title="untrained",
    meaning="the networks of a variant before training; "
    "the distance of a score from this one is what training achieved",
    of_networks=True,
    draws=3,
    without=("equilibrium",),
)
class Untrained:
    """The game of a trial at initialisation, with whatever it can do.

    A draw is a seed of the initial weights.
    """

    def __init__(self, start: Start) -> None:
        self.model = untrained_model(start)

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return the abilities of the game."""
        return self.model.abilities

    def __call__(self, ask: Ask) -> Restored:
        """Use the ability as after training."""
        return self.model.make(ask.ability, ask.count, ask.given, draws=ask.draws)


@register(
    "real",
    title="real data",
    meaning="training data in place of generated samples; "
    "about the best score that so many samples can reach",
    **_SAMPLED,
)
def real(ask: Ask) -> Tensor:
    """Draw rows of the training split, without repetition, or fresh samples where the data are a law."""
    return _rows(ask.dataset, ask.count, ask.generator)


def _rows(dataset: Dataset, count: int, generator: torch.Generator) -> Tensor:
    """Return rows of the training split: all different, so fewer than `count` where there are fewer."""
    import torch
    from torch import Tensor

    from gan_bench.datasets.sources import IndexedSource

    source: Source = dataset.stream("real", "train")
    if isinstance(source, IndexedSource):
        rows = source.gather(torch.randperm(len(source), generator=generator)[:count])
    else:
        rows = source.sample(count, generator)
    assert isinstance(rows, Tensor)
    return rows
