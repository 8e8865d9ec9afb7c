"""Snapshots of a training: all that its later iterations depend on, to continue it in another process.

A training that continues from a snapshot gives the bits of one that was never interrupted, on the same type
of device: weights, averages, moments of optimisers, the game's state (image pools, adaptive probabilities),
the positions of all random streams, and what was read back so far. Graphs and programs are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.history import History
from gan_bench.bench.engine.iteration_budget import IterationBudget
from gan_bench.bench.engine.replicas import Replicas

WEIGHTS, OPTIMISER, AVERAGES, GAME, FEEDS = "weights/", "optimiser/", "ema/", "game/", "feeds/"
HISTORY = "history/"
"""Beginnings of the names of a snapshot's tensors; who keeps it may add others. The last three are replaced
when a training continues, the first three are filled in place."""


@dataclass(frozen=True)
class Snapshot:
    """The state of a training after an iteration.

    Attributes:
        tensors: on the CPU, by name.
        facts: plain values: iteration, seconds, history and the like. Floats may be NaN.
    """

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]


class Training(Protocol):
    """A training under way, as :class:`bench.engine.train.Trainer`."""

    replicas: Replicas
    budget: IterationBudget
    iterations: int
    points: dict[int, int]
    iteration: Any
    feeds: Feeds
    history: History
    seconds: float
    compile_seconds: float
    not_deterministic: set[str]


class Snapshots(Protocol):
    """Keeps the last snapshot of a training."""

    def load(self) -> Snapshot | None:
        """Return the snapshot to continue from, None to begin at the beginning."""

    def continued(self, snapshot: Snapshot) -> None:
        """Take note that the training continues from a snapshot that :meth:`load` returned."""

    def due(self, seconds: float) -> bool:
        """Return whether to keep a snapshot now, after so many seconds of training."""

    def keep(self, take: Callable[[], Snapshot]) -> None:
        """Take a snapshot, and keep it in place of the last one."""

    def ended(self, seconds: float, take: Callable[[], Snapshot]) -> None:
        """Take note that the training is at its end after so many seconds, of which a snapshot can be taken.

        A longer training of the same pack may continue from it, where nothing in its game depends on the
        length and its evaluation points up to there, the last one included, are points of the shorter one.
        """


def taken(trainer: Training, iteration: int) -> Snapshot:
    """Return a snapshot after an iteration whose losses were read back (:meth:`History.flush`)."""
    start, position = trainer.feeds.state()
    tensors = _in_place(trainer)
    tensors |= {f"{GAME}{name}": tensor for name, tensor in trainer.replicas.state.items()}
    tensors |= {f"{FEEDS}{name}": tensor for name, tensor in start.items()}
    read, rows = trainer.history.state()
    tensors |= {f"{HISTORY}{name}": tensor for name, tensor in read.items()}
    facts = {
        "iteration": iteration,
        "iterations": trainer.iterations,
        "position": position,
        "device": trainer.replicas.device.type,
        "seconds": trainer.seconds,
        "compile_seconds": trainer.compile_seconds,
        "not_deterministic": sorted(trainer.not_deterministic),
        "history": rows,
    }
    copies = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    return Snapshot(copies, facts)


def fits(trainer: Training, snapshot: Snapshot) -> bool:
    """Return whether a snapshot is of a training like this one, on the same type of device."""
    now, there = taken(trainer, 0), snapshot.tensors
    own = (WEIGHTS, OPTIMISER, AVERAGES, GAME, FEEDS)
    return (
        snapshot.facts["device"] == now.facts["device"]
        and {name for name in there if name.startswith(own)} == now.tensors.keys()
        and all(
            tensor.dtype == there[name].dtype
            and (tensor.shape == there[name].shape or name.startswith(FEEDS))  # rests of epochs differ
            for name, tensor in now.tensors.items()
        )
    )


@torch.no_grad()
def put_back(trainer: Training, snapshot: Snapshot) -> int:
    """Continue a new trainer from a snapshot that fits it; return the iterations that are done."""
    for name, tensor in _in_place(trainer).items():
        tensor.copy_(snapshot.tensors[name])
    trainer.replicas.state = {
        name: snapshot.tensors[f"{GAME}{name}"].to(tensor.device)
        for name, tensor in trainer.replicas.state.items()
    }
    feeds, read = (_named(snapshot.tensors, start) for start in (FEEDS, HISTORY))
    facts = snapshot.facts
    trainer.feeds.load(feeds, facts["position"])
    if facts["iterations"] == trainer.iterations:
        trainer.history.load(read, facts["history"])
    else:
        _lengthen(trainer, read, facts)
    trainer.seconds, trainer.compile_seconds = facts["seconds"], facts["compile_seconds"]
    trainer.not_deterministic.update(facts["not_deterministic"])
    return facts["iteration"]


def _named(tensors: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    """Return the tensors whose names have a beginning, without it."""
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _lengthen(trainer: Training, read: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Give a trainer the rows that it would have by now, from the history of a shorter training."""
    done = facts["iteration"]
    rows = [i for i in range(1, done + 1) if i % trainer.history.window == 0 or i in trainer.points]

    def kimg(iteration: int) -> float:
        return trainer.budget.images_until(iteration) / 1000

    trainer.history.load_shorter(read, facts["history"], rows, kimg)


def _in_place(trainer: Training) -> dict[str, Tensor]:
    """Return the tensors that training changes in place: weights, moments and counts, averages."""
    tensors = {
        f"{WEIGHTS}{role}/{name}": tensor
        for role, params in trainer.replicas.params.items()
        for name, tensor in params.items()
    }
    for i, part in enumerate(trainer.iteration.parts):
        for player, optimiser in part.optimisers.items():
            tensors[f"{OPTIMISER}{i}/{player}/count"] = optimiser.count
            for buffer, values in optimiser.state.items():
                tensors |= {f"{OPTIMISER}{i}/{player}/{buffer}/{j}": value for j, value in enumerate(values)}
        for role, params in part.ema.items():
            tensors |= {f"{AVERAGES}{i}/{role}/{name}": tensor for name, tensor in params.items()}
    return tensors
