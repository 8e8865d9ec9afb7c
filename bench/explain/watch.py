"""A trainer that records the critic's features before and after updates in chosen iterations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine import Job, Model, Outcome, Progress
from gan_bench.bench.engine.iteration import Iteration, State, Values
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.explain.features import FeatureLayer

PROBE = 500
"""Number of real and of generated samples whose features are recorded, from the same rows and latents."""
SHOWN = 1_000
"""Number of samples in a scatter plot."""

Features = dict[str, np.ndarray]
"""Source (real, fake) -> features ``[PROBE, 2]``."""


@dataclass
class Update:
    """Features before and after `steps` successive updates of the same players."""

    iteration: int
    players: str
    steps: int
    before: Features
    after: Features


class WatchedIteration(Iteration):
    """An iteration that reads the critic's features before and after each round, if ``read_features`` is set.

    Attributes:
        read_features: returns the features at a state of the game, or None for a diverged replica.
        on_round: called with the players of a round and the features before and after it.
    """

    read_features: Callable[[State], Features | None] | None = None
    on_round: Callable[[Sequence[str], Features, Features], None]

    def play_round(
        self, names: Sequence[str], batch: Mapping, noise: Mapping, hp: Any, state: State
    ) -> tuple[State, Values]:
        """Play the round; reading features has no effect on it."""
        before = self.read_features(state) if self.read_features else None
        state, values = super().play_round(names, batch, noise, hp, state)
        after = self.read_features(state) if self.read_features and before else None
        if before and after:
            self.on_round(names, before, after)
        return state, values


class WatchingTrainer(Trainer):
    """A trainer of one replica that records features around the updates of chosen iterations.

    Args:
        job: of one replica; samples are recorded at the points of its budget and before the first update.
        dataset: planar data.
        at: the iterations (from 1) to record, with the first one.

    Attributes:
        updates: features before and after the recorded updates, in order.
        scatters: iteration -> generated samples on the raw scale ``[SHOWN, 2]``.

    Raises:
        UsageError: for a game without a critic, or a critic that `FeatureLayer` does not support.
    """

    iteration: WatchedIteration

    def __init__(self, job: Job, dataset: Any, at: Collection[int]) -> None:
        super().__init__(job, dataset, WatchedIteration)
        self.at = at
        self.updates: list[Update] = []
        self.scatters: dict[int, np.ndarray] = {}
        critic = next((player for player in self.players.values() if player.critic), None)
        if critic is None:
            raise UsageError(f"{job.variant} has no critic; expected a variant with one")
        self.role = critic.trains[0]
        norm = getattr(self.hyperparameters.structure, "critic_norm", "none")
        skeleton = self.replicas.skeletons[self.role]
        self.layer = FeatureLayer(skeleton, dataset.shape, norm, job.variant)
        self.real = dataset.prepare(dataset.reference("test", PROBE), dtype=self.replicas.dtype)

    def iterate(self, iteration: int, draws: Sequence) -> None:
        """Play one iteration, and record it if it is one of the chosen ones."""
        if iteration in self.at:
            self.iteration.read_features = partial(self._features, iteration)
            self.iteration.on_round = partial(self._store, iteration)
        super().iterate(iteration, draws)
        self.iteration.read_features = None

    def _store(self, iteration: int, names: Sequence[str], before: Features, after: Features) -> None:
        """Store the features around a round; successive rounds of the same players are one update."""
        players, last = " and ".join(names), self.updates[-1] if self.updates else None
        if last and (last.iteration, last.players) == (iteration, players):
            last.steps, last.after = last.steps + 1, after
        else:
            self.updates.append(Update(iteration, players, 1, before, after))

    def _features(self, iteration: int, state: State) -> Features | None:
        """Return the features at a state of the game, or None if the replica has diverged."""
        self.replicas.state = state
        model = self._model_at(iteration)
        if model is None:
            return None
        samples = {"real": self.real, "fake": model.sample(PROBE)}
        return {source: self.layer(model.params[self.role], x).numpy() for source, x in samples.items()}

    def _model_at(self, iteration: int) -> Model | None:
        return self.models(min(1.0, iteration / self.iterations))[0]

    def watch(self, on_progress: Callable[[Progress], None]) -> Outcome:
        """Train to the end of the budget, and return the outcome of the replica."""
        self._scatter(0, self._model_at(0))
        return self.run(lambda point: self._scatter(point.iteration, point.models[0]), on_progress)[0]

    def _scatter(self, iteration: int, model: Model | None) -> None:
        if model is not None:
            self.scatters[iteration] = model.make("sample", SHOWN).rows.numpy()
