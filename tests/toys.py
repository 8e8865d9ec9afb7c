"""Games and data small enough to follow by hand: networks of one number, sources of a few rows."""

from __future__ import annotations

import weakref
from typing import ClassVar

import torch
from torch import nn

from gan_bench.datasets.base import Dataset, Truth
from gan_bench.datasets.sources import ResidentSource, SampledSource
from gan_bench.spaces import Space
from gan_bench.variants import Game, Hyperparameter
from gan_bench.variants.hyperparameters import optimiser_hyperparameters


class ToyData(Dataset):
    """Named streams over given sources, the same in every split; the main one is ``real``.

    Fields have the shapes of their sources, or the spaces given as ``spaces``; ``label`` has labels.
    """

    name = "toy-data"
    kind = "planar"
    truth = Truth()
    content_hash = "toy"

    def __init__(self, spaces=None, **streams):
        self.sources = {
            name: ResidentSource(source) if isinstance(source, torch.Tensor) else source
            for name, source in streams.items()
        }
        self.spaces, self.streams = {}, {}
        for stream, source in self.sources.items():
            fields = getattr(source, "fields", {stream: source})
            self.streams[stream] = tuple(fields)
            self.spaces |= {field: space_of(field, of_field) for field, of_field in fields.items()}
        self.spaces |= spaces or {}

    def stream(self, name="real", split="train"):
        return self.sources[name]

    def reference(self, split="test", count=None, field="real"):
        source = self.sources[self.home(field)]
        if isinstance(source, SampledSource):
            rows = source.sample(100 if count is None else count, torch.Generator().manual_seed(0))
        else:
            rows = source.gather(torch.arange(len(source))[:count])
        return rows[field] if isinstance(rows, dict) else rows


def space_of(field, source):
    """The space of a field without bounds; of ``label``, as many classes as its rows have."""
    return Space(classes=int(source.data.max()) + 1) if field == "label" else Space(source.shape)


class Ones(SampledSource):
    """Every sample is 1, shape (1,)."""

    shape = (1,)

    def sample(self, count, generator, dtype=torch.float32):
        return torch.ones(count, 1, dtype=dtype)


def ones():
    """A dataset of nothing but ones."""
    return ToyData(real=Ones())


class Number(nn.Module):
    """The map x -> value * x of one number, which starts at a given value whatever the seed."""

    def __init__(self, start=1.0):
        super().__init__()
        self.start = start
        self.value = nn.Parameter(torch.empty(()))

    def reset(self, generator):
        self.value.fill_(self.start)

    def forward(self, x):
        return self.value * x


def value(network):
    """The number behind a :class:`Number`, inside a loss."""
    return network.params["value"]


class ToyGame(Game):
    """Base of toy games: gradient descent at rate 0.1 on numbers, unless a test says otherwise."""

    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("a", "b", "c"),
        "optimiser": Hyperparameter("sgd", "structural", choices=("adam", "rmsprop", "sgd")),
        "weight": Hyperparameter(1.0),
    }
    starts: ClassVar[dict[str, float]] = {"x": 1.0, "y": 2.0}

    def networks(self, build):
        return {role: Number(start) for role, start in self.starts.items()}


def numbers(trainer, replica=0):
    """Role -> its number after training."""
    return {role: params["value"].item() for role, params in trainer.replicas.of(replica).items()}


class Garbage:
    """An object that only a collection of garbage frees."""

    def __init__(self):
        self.itself = self


def garbage():
    """Make garbage; return a function that gives it, or None once it is freed."""
    return weakref.ref(Garbage())
