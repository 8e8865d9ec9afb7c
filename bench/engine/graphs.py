"""CUDA graphs of whole iterations: one launch runs the kernels of all rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from gan_bench.bench.engine.iteration import Iteration, State, Values

WARM_UP = 3
"""Iterations without a graph, in which libraries and compiled programs initialise themselves."""


class Graph(Protocol):
    """Work on a device that is recorded once and then repeated on the same tensors."""

    def capture(self, work: Callable[[], None]) -> None:
        """Record the kernels that ``work`` launches, without running them."""

    def replay(self) -> None:
        """Run the recorded kernels."""


class CudaGraph:
    """PyTorch's CUDA graph."""

    def __init__(self) -> None:
        self._graph = torch.cuda.CUDAGraph()

    def capture(self, work: Callable[[], None]) -> None:
        """Record on a separate CUDA stream."""
        with torch.cuda.graph(self._graph):
            work()

    def replay(self) -> None:
        """Launch the recorded kernels."""
        self._graph.replay()


def reason_against_capture(iteration: Iteration) -> str | None:
    """Return the reason why an iteration cannot be captured as a graph, or None if it can."""
    if iteration.replicas.device.type != "cuda":
        return "CUDA graphs need a CUDA device"
    return iteration.changing_work()


class CapturedIteration:
    """Record one iteration after :data:`WARM_UP` ordinary ones, and replay it from then on.

    The recording reads draws and state from fixed tensors and writes the new state and the losses to fixed
    tensors. A call copies its draws in and its losses out, so losses of many calls can be read later.

    Args:
        iteration: one without a :func:`reason_against_capture`.
        graph: records and replays.
    """

    def __init__(self, iteration: Iteration, graph: Graph) -> None:
        self.iteration, self.graph = iteration, graph
        self._calls = 0
        self._draws: list[Tensor] = []
        self._state: State = {}
        self._names: list[str] = []
        self._losses = torch.empty(0)

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play one iteration, as :class:`Iteration` does."""
        self._calls += 1
        if self._calls <= WARM_UP:
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
        """Play one iteration from fixed tensors to fixed tensors."""
        state, values = self.iteration(progress, draws, self._state)
        self._names = [name for name, _ in values]
        self._losses = torch.stack([value for _, value in values])
        for name, fixed in self._state.items():  # after the losses: one of them may be the old state
            fixed.copy_(state[name])
