"""A trainer that looks at the critic's features before and after every player's updates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Job, Model, Outcome, Progress
from gan_bench.bench.engine.iteration import Iteration, State, Values
from gan_bench.bench.engine.train import IterationFunction, Trainer
from gan_bench.bench.explain.features import FeatureLayer

PROBE = 500
"""Real samples, and latents, whose features are followed: the same ones all along."""
SHOWN = 1_000
"""Samples of a scatter plot."""

Look = dict[str, np.ndarray]
"""Source (real, fake) -> features ``[PROBE, 2]``."""


@dataclass
class Update:
    """What the updates of one round, all of the same players, did to the features."""

    iteration: int
    players: str
    steps: int
    before: Look
    after: Look


class WatchedIteration(Iteration):
    """An iteration that calls ``look`` with the game's state before and after each round, where there is one.

    Attributes:
        look: returns the features at a state.
        on_round: called with the players of a round and the features before and after it.
    """

    look: Callable[[State], Look | None] | None = None
    on_round: Callable[[Sequence[str], Look, Look], None]

    def play_round(
        self, names: Sequence[str], batch: Mapping, noise: Mapping, hp: Any, state: State
    ) -> tuple[State, Values]:
        """Play the round; what is looked at changes nothing."""
        before = self.look(state) if self.look else None
        state, values = super().play_round(names, batch, noise, hp, state)
        after = self.look(state) if self.look and before else None
        if before and after:
            self.on_round(names, before, after)
        return state, values


class WatchingTrainer(Trainer):
    """A trainer of one replica that watches chosen iterations.

    Args:
        job: what to train; samples are kept at the points of its budget, and before the first update.
        dataset: of the plane.
        at: the iterations around whose updates features are looked at, the first among them.

    Attributes:
        seen: what updates did, in order.
        scatters: iteration -> generated samples on the raw scale ``[SHOWN, 2]``.

    Raises:
        UsageError: for a critic that cannot be watched.
    """

    iteration: WatchedIteration

    def __init__(self, job: Job, dataset: Any, at: Collection[int]) -> None:
        super().__init__(job, dataset, WatchedIteration)
        self.at = at
        self.seen: list[Update] = []
        self.scatters: dict[int, np.ndarray] = {}
        critic = next((player for player in self.players.values() if player.critic), None)
        if critic is None:
            raise UsageError(f"{job.variant}: no player of it is a critic")
        self.role = critic.trains[0]
        norm = getattr(self.hyperparameters.structure, "critic_norm", "none")
        skeleton = self.replicas.skeletons[self.role]
        self.layer = FeatureLayer(skeleton, dataset.shape, norm, job.variant)
        self.real = dataset.prepare(dataset.reference("test", PROBE), self.replicas.dtype)

    def iterate(self, iteration: int, draws: Sequence, play: IterationFunction | None = None) -> None:
        """Play one iteration, watched if it is one of those asked for."""
        if iteration in self.at:
            self.iteration.look = partial(self._look, iteration)
            self.iteration.on_round = partial(self._keep, iteration)
        super().iterate(iteration, draws, play)
        self.iteration.look = None

    def _keep(self, iteration: int, names: Sequence[str], before: Look, after: Look) -> None:
        """Keep the features around a round; rounds in a row of the same players count as one update."""
        players, last = " and ".join(names), self.seen[-1] if self.seen else None
        if last and (last.iteration, last.players) == (iteration, players):
            last.steps, last.after = last.steps + 1, after
        else:
            self.seen.append(Update(iteration, players, 1, before, after))

    def _look(self, iteration: int, state: State) -> Look | None:
        """Return the features at a state of the game, or None once the replica has diverged."""
        self.replicas.state = state
        model = self._now(iteration)
        if model is None:
            return None
        samples = {"real": self.real, "fake": model.sample(PROBE)}
        return {source: self.layer(model.params[self.role], x).numpy() for source, x in samples.items()}

    def _now(self, iteration: int) -> Model | None:
        return self.models(min(1.0, iteration / self.iterations))[0]

    def watch(self, on_progress: Callable[[Progress], None]) -> Outcome:
        """Train to the end of the budget; return the outcome of the replica."""
        self._scatter(0, self._now(0))
        return self.run(lambda point: self._scatter(point.iteration, point.models[0]), on_progress)[0]

    def _scatter(self, iteration: int, model: Model | None) -> None:
        if model is not None:
            self.scatters[iteration] = model.restored(SHOWN).rows.numpy()
