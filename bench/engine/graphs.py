"""CUDA graphs of whole iterations: one launch runs the kernels of all rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from gan_bench.bench.engine.iteration import State, Values

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


class Playable(Protocol):
    """An iteration in two parts: what depends on the progress, and work on tensors; as :class:`Iteration`."""

    def settings(self, progress: float) -> Any:
        """Return the hyperparameters; tensors among them are the same ones at every call."""

    def active(self, progress: float) -> tuple[bool, ...]:
        """Return for every round whether it is played."""

    def play(
        self, settings: Any, active: Sequence[bool], draws: Sequence, state: State
    ) -> tuple[State, Values]:
        """Play the active rounds."""


class CapturedIteration:
    """Play iterations as graphs, one for each set of active rounds (a phase of training).

    The first :data:`WARM_UP` iterations of a phase are ordinary ones; the next is recorded, and replayed from
    then on. An iteration that cannot be recorded is played as before, and so are all later ones.

    Args:
        iteration: the iteration.
        new_graph: returns an empty graph.

    Attributes:
        trouble: the reason why an iteration could not be recorded, or an empty text.
    """

    def __init__(self, iteration: Playable, new_graph: Callable[[], Graph]) -> None:
        self.iteration, self._new_graph = iteration, new_graph
        self._phases: dict[tuple[bool, ...], Phase] = {}
        self._warm_ups: dict[tuple[bool, ...], int] = {}
        self.trouble = ""

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play one iteration, as :class:`Iteration` does."""
        settings, played = self.iteration.settings(progress), self.iteration.active(progress)
        active = tuple(on and bool(repeats) for on, repeats in zip(played, draws, strict=True))
        done = self._warm_ups.get(active, 0)
        if done < WARM_UP or self.trouble or not any(active):
            self._warm_ups[active] = done + 1
            return self.iteration.play(settings, active, draws, state)
        drawn = [repeats if on else [] for repeats, on in zip(draws, active, strict=True)]
        if active not in self._phases:
            phase = Phase(self.iteration, self._new_graph(), active, drawn, state)
            try:
                phase.record(settings)
            except Exception as error:  # any: a library may refuse in many ways; the caller reports it
                self.trouble = _reason(error)
                # Tensors that were made of the settings while recording were never filled: make them anew.
                return self.iteration.play(self.iteration.settings(progress), active, draws, state)
            self._phases[active] = phase
        return self._phases[active].replay(drawn, state)


def _reason(error: BaseException) -> str:
    """Return the first line of the error that came first: ending a broken recording raises another one."""
    while error.__context__ is not None:
        error = error.__context__
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


class Phase:
    """One graph, which reads draws and state from fixed tensors, and writes state and losses to fixed ones.

    A replay copies draws and state in and losses out, so losses of many replays can be read later.

    Args:
        iteration: the iteration.
        graph: records and replays.
        active: for every round whether it is played.
        draws, state: of one iteration, for their shapes.
    """

    def __init__(
        self, iteration: Playable, graph: Graph, active: tuple[bool, ...], draws: Sequence, state: State
    ) -> None:
        self._iteration, self._graph, self._active = iteration, graph, active
        leaves, self._structure = tree_flatten(draws)
        self._draws = [leaf.clone() for leaf in leaves]
        self._state = {name: tensor.clone() for name, tensor in state.items()}
        self._names: list[str] = []
        self._losses = torch.empty(0)

    def record(self, settings: Any) -> None:
        """Record an iteration; tensors among its hyperparameters may be filled anew before a replay."""
        draws = tree_unflatten(self._draws, self._structure)
        self._graph.capture(lambda: self._work(settings, draws))

    def replay(self, draws: Sequence, state: State) -> tuple[State, Values]:
        """Return the new state, and losses and logs, of an iteration with these draws and state."""
        torch._foreach_copy_(self._draws, tree_flatten(draws)[0])
        for name, fixed in self._state.items():
            if state[name] is not fixed:
                fixed.copy_(state[name])
        self._graph.replay()
        return self._state, list(zip(self._names, self._losses.clone(), strict=True))

    def _work(self, settings: Any, draws: Sequence) -> None:
        """Play one iteration from fixed tensors to fixed tensors."""
        state, values = self._iteration.play(settings, self._active, draws, self._state)
        self._names = [name for name, _ in values]
        self._losses = torch.stack([value for _, value in values])
        for name, fixed in self._state.items():  # after the losses: one of them may be the old state
            fixed.copy_(state[name])
