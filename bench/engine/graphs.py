"""Whole iterations as one CUDA graph: every kernel of every round, launched at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from gan_bench.bench.engine.iteration import Iteration, State, Values

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


def obstacle(iteration: Iteration) -> str | None:
    """Return the reason why iterations cannot be captured on their device, or None."""
    if iteration.replicas.device.type != "cuda":
        return "CUDA graphs need a CUDA device"
    return iteration.changing_work()


class Captured:
    """Plays iterations by replaying the one that it recorded, after a few that are played as they come.

    The recording reads draws and state from fixed tensors and writes the new state and the losses to fixed
    tensors. A call copies its draws in and its losses out, so that losses of many calls can be read later.

    Args:
        iteration: without an :func:`obstacle`.
        graph: records and repeats.
    """

    def __init__(self, iteration: Iteration, graph: Graph) -> None:
        self.iteration, self.graph = iteration, graph
        self._played = 0
        self._draws: list[Tensor] = []
        self._state: State = {}
        self._names: list[str] = []
        self._losses = torch.empty(0)

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play one iteration, as :class:`Iteration` does."""
        self._played += 1
        if self._played <= WARM_UP:
            return self.iteration(progress, draws, state)
        leaves, structure = tree_flatten(draws)
        if not self._draws:
            self._draws = [leaf.clone() for leaf in leaves]
            self._state = {name: tensor.clone() for name, tensor in state.items()}
            fixed = tree_unflatten(self._draws, structure)
            self.graph.capture(lambda: self._work(progress, fixed))
        torch._foreach_copy_(self._draws, leaves)
        self.graph.replay()
        return self._state, list(zip(self._names, self._losses.clone(), strict=True))

    def _work(self, progress: float, draws: Sequence) -> None:
        """One iteration from fixed tensors to fixed tensors."""
        state, values = self.iteration(progress, draws, self._state)
        self._names = [name for name, _ in values]
        self._losses = torch.stack([value for _, value in values])
        for name, fixed in self._state.items():  # after the losses, of which one may be a state as it was
            fixed.copy_(state[name])
