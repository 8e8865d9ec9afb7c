"""Whole iterations as one CUDA graph: every kernel of every round, launched at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from gan_bench.bench.engine.history import History

if TYPE_CHECKING:
    from gan_bench.bench.engine.train import Trainer

WARM_UP = 3
"""Iterations played as they come, in which libraries and compiled programs set themselves up."""


class Graph(Protocol):
    """Something that records work on a device once and then repeats it on the same tensors."""

    def capture(self, work: Callable[[], None]) -> None:
        """Record what ``work`` launches; none of it is done yet."""

    def replay(self) -> None:
        """Do it."""


class CudaGraph:
    """The CUDA graph of PyTorch."""

    def __init__(self) -> None:
        self._graph = torch.cuda.CUDAGraph()

    def capture(self, work: Callable[[], None]) -> None:
        """Record on a stream of its own."""
        with torch.cuda.graph(self._graph):
            work()

    def replay(self) -> None:
        """Launch all of it."""
        self._graph.replay()


def obstacle(trainer: Trainer) -> str | None:
    """Why the iterations of a trainer are not all the same work on a CUDA device, or None."""
    if trainer.replicas.device.type != "cuda":
        return "CUDA graphs need a CUDA device"
    return changing_work(trainer)


def changing_work(trainer: Trainer) -> str | None:
    """What differs from one iteration to the next, or None."""
    if trainer.settings.scheduled:
        return f"follows a schedule: {', '.join(sorted(trainer.settings.scheduled))}"
    if any(game_round.active != (0.0, 1.0) for game_round in trainer.rounds):
        return "not every round is played in every iteration"
    return None


class Captured:
    """Plays a trainer's iterations by replaying the first one that it recorded.

    Draws are copied into fixed tensors, the game's state is written back into its own, and losses are
    copied out, so that they can be read back together later.

    Args:
        trainer: without an :func:`obstacle`.
        graph: records and repeats.
    """

    def __init__(self, trainer: Trainer, graph: Graph) -> None:
        self.trainer, self.graph = trainer, graph
        self._inputs: list[Tensor] = []
        self._names: list[str] = []
        self._losses = torch.empty(0)

    def __call__(self, iteration: int, draws: list) -> None:
        """Play one iteration (counted from 1)."""
        if iteration <= WARM_UP:
            self.trainer.iterate(iteration, draws)
            return
        leaves, structure = tree_flatten(draws)
        if not self._inputs:
            self._inputs = [leaf.clone() for leaf in leaves]
            fixed = tree_unflatten(self._inputs, structure)
            # The history may still hold the present tensors, which must not change behind its back.
            state = self.trainer.replicas.state
            self.trainer.replicas.state = {name: tensor.clone() for name, tensor in state.items()}
            self.graph.capture(lambda: self._work(iteration, fixed))
        torch._foreach_copy_(self._inputs, leaves)
        self.graph.replay()
        for name, loss in zip(self._names, self._losses.clone(), strict=True):
            self.trainer.history.note(iteration, name, loss)

    def _work(self, iteration: int, draws: Any) -> None:
        """One iteration from fixed tensors to fixed tensors."""
        trainer = self.trainer
        history, state = trainer.history, trainer.replicas.state
        trainer.history = History(0, trainer.iterations)
        trainer.iterate(iteration, draws)
        noted = trainer.history.take()
        self._names = [name for name, losses in noted.items() for _ in losses]
        self._losses = torch.stack([loss for losses in noted.values() for loss in losses])
        for name, fixed in state.items():  # after the losses, of which one may be a state as it was
            fixed.copy_(trainer.replicas.state[name])
        trainer.history, trainer.replicas.state = history, state
