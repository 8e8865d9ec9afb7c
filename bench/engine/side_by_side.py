"""Iterations of a pack whose replicas train one by one, on a GPU side by side on streams of the device.

Convolutions of a pack are grouped ones under ``vmap``, which libraries calculate slower than the ordinary
ones of single replicas. Captured in one graph, the replicas' kernels share the device without launches.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.iteration import Iteration, State, Values
from gan_bench.bench.engine.job import Job
from gan_bench.bench.engine.replicas import Replicas
from gan_bench.variants.base import Game


class SideBySide:
    """Play one iteration of every replica, each by an :class:`Iteration` of its own; see there.

    Args:
        job, game, replicas, hyperparameters: of the pack, as for :class:`Iteration`.
        kind: class of the replicas' iterations.
    """

    def __init__(
        self, job: Job, game: Game, replicas: Replicas, hyperparameters: PackHyperparameters,
        kind: type[Iteration] = Iteration,
    ) -> None:  # fmt: skip
        self.parts = [
            kind(job.only(i), game, replicas.alone(i), hyperparameters.only(i)) for i in range(replicas.count)
        ]
        first = self.parts[0]
        self.players, self.rounds, self.active = first.players, first.rounds, first.active
        on_gpu = replicas.device.type == "cuda"
        self._streams = [torch.cuda.Stream(replicas.device) for _ in self.parts] if on_gpu else []

    @property
    def ema(self) -> dict[str, dict[str, list[Tensor]]]:
        """Averaged weights, role -> parameter -> a tensor per replica; empty without ``ema``."""
        return {
            role: {name: [part.ema[role][name] for part in self.parts] for name in params}
            for role, params in self.parts[0].ema.items()
        }

    def __call__(self, progress: float, draws: Sequence, state: State) -> tuple[State, Values]:
        """Play every round that is active at ``progress`` in [0, 1)."""
        return self.play(self.settings(progress), self.active(progress), draws, state)

    def settings(self, progress: float) -> list[Any]:
        """Return the hyperparameters of every replica at ``progress``."""
        return [part.settings(progress) for part in self.parts]

    def play(
        self, settings: Sequence[Any], active: Sequence[bool], draws: Sequence, state: State
    ) -> tuple[State, Values]:
        """Play the active rounds of every replica; draws and state are ``[K, ...]``, as in packs."""
        played: list[tuple[State, Values]] = []
        for i, part in enumerate(self.parts):
            with self._on_stream(i):
                own = tree_map(lambda tensor, i=i: tensor[i], draws)
                played.append(
                    part.play(settings[i], active, own, {name: values[i] for name, values in state.items()})
                )
        self._join()
        states, values = [one for one, _ in played], [each for _, each in played]
        together = {name: torch.stack([one[name] for one in states]) for name in state}
        columns = zip(*values, strict=True)
        return together, [(column[0][0], torch.stack([value for _, value in column])) for column in columns]

    @contextlib.contextmanager
    def _on_stream(self, replica: int) -> Iterator[None]:
        """Within, work is queued on the replica's stream, behind what was queued before."""
        if not self._streams:
            yield
            return
        stream = self._streams[replica]
        stream.wait_stream(torch.cuda.current_stream(stream.device))
        with torch.cuda.stream(stream):
            yield

    def _join(self) -> None:
        """Let the current stream wait for all replicas."""
        for stream in self._streams:
            torch.cuda.current_stream(stream.device).wait_stream(stream)
