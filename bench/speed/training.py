"""Training of a pack as timed work: iterations, updates of critic or generator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gan_bench.bench.engine import Budget, Job
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.packs import calculated
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.interleave import TimedWork

ENDLESS = Budget(1e6, (1e6,))
"""A budget too large to reach the end while timing; schedules stay at their start."""


def job_of(
    trial: Trial, replicas: int, device: str = "cpu", way: Way = "batched", capture: bool = True
) -> Job:
    """Return a job of `replicas` seeds of a trial's variant, networks and hyperparameters.

    On CUDA its iterations are recorded as graphs, unless `capture` is False.
    """
    seeds, settings = tuple(range(replicas)), (trial.hyperparameters,) * replicas
    job = Job(trial.variant, trial.network, settings, seeds, ENDLESS, trial.dtype, device, capture=capture)
    return replace(job, **calculated(way))


class Training:
    """A pack that trains as many iterations as the caller runs.

    Args:
        job: the pack to train.
        data: the dataset, loaded.
    """

    def __init__(self, job: Job, data: Any) -> None:
        self.trainer = Trainer(job, data)
        self._feeds = iter(self.trainer.feeds)
        self._iteration = 0

    @property
    def images(self) -> int:
        """Samples of the first iteration of one replica, counted as in budgets."""
        return self.trainer.budget.images_at(0.0)

    def iterations(self) -> TimedWork:
        """Return whole iterations of the training loop: draws, updates, and losses read once per window."""

        def run(count: int) -> None:
            with self.trainer.training():
                for _ in range(count):
                    self._iterate(next(self._feeds))

        return TimedWork(run, self.trainer.feeds.chunk)

    def updates(self, critic: bool) -> tuple[TimedWork, int] | None:
        """Return the rounds that update a critic, or all other rounds, on draws made beforehand.

        Nothing else may run on the same object: a recorded graph holds these rounds only.

        Args:
            critic: True for the rounds that update a critic.

        Returns:
            The work, whose unit is these rounds of one iteration, and the number of updates in a unit; None
            if no such round is active at the start of training.
        """
        players, rounds = self.trainer.players, self.trainer.rounds
        chosen = [
            r.active_at(0.0) and critic == any(players[name].critic for name in r.players) for r in rounds
        ]
        count = sum(r.repeat for r, played in zip(rounds, chosen, strict=True) if played)
        if not count:
            return None
        chunk = [next(self._feeds) for _ in range(self.trainer.feeds.chunk)]
        draws = [
            [repeats if played else [] for repeats, played in zip(draw, chosen, strict=True)]
            for draw in chunk
        ]

        def run(times: int) -> None:
            with self.trainer.training():
                for i in range(times):
                    self._iterate(draws[i % len(draws)])

        return TimedWork(run), count

    def _iterate(self, draws: list) -> None:
        self._iteration += 1
        self.trainer.iterate(self._iteration, draws)
        if self._iteration % self.trainer.history.window == 0:
            self.trainer.history.flush(self._iteration, 0.0, 0.0)
