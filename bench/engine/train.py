"""The training loop of a pack: rounds in order, one player's steps after another's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch

from gan_bench.bench.engine.course import Course
from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.graphs import Captured, CudaGraph, obstacle
from gan_bench.bench.engine.history import History
from gan_bench.bench.engine.iteration import Iteration, State, Values
from gan_bench.bench.engine.job import Job, Outcome, Point, Progress
from gan_bench.bench.engine.model import Model
from gan_bench.bench.engine.replicas import Replicas, evaluation_modules
from gan_bench.bench.engine.settings import Settings
from gan_bench.variants.base import DataSpec
from gan_bench.variants.hyperparameters import completed, continuous
from gan_bench.variants.networks import builder, check
from gan_bench.variants.registry import info

Play = Callable[[float, Sequence, State], tuple[State, Values]]
"""Plays one iteration: an :class:`Iteration`, or a recording of one."""

PROGRESS_SECONDS = 0.25
PRECISIONS = {
    "float32": (torch.float32, None),
    "float64": (torch.float64, None),
    "bfloat16": (torch.float32, torch.bfloat16),
}
"""A job's dtype -> that of the weights, and that of matrix products and convolutions where it is another."""


def data_spec(dataset: Any) -> DataSpec:
    """Return what a game may know of a dataset."""
    shapes = {name: dataset.stream(name).shape for name in dataset.streams}
    return DataSpec(shapes, dataset.bounds, dataset.truth.classes, dataset.class_weights)


class Trainer:
    """Trains the replicas of one job.

    Args:
        job: what to train.
        dataset: where real batches come from.
        iteration: what plays an iteration.

    Attributes:
        course: the budget in iterations of one replica; its ``iterations`` and ``images_per_iteration``.
    """

    def __init__(self, job: Job, dataset: Any, iteration: type[Iteration] = Iteration) -> None:
        torch_device, (dtype, precision) = torch.device(job.device), PRECISIONS[job.dtype]
        self.job, self.dataset = job, dataset
        game_class = info(job.variant).game
        free = continuous(game_class.hyperparameters)
        self.settings = Settings(_hyperparameters(job), free, torch_device)
        self.game = game_class(data_spec(dataset), self.settings.structure)
        solo = job.alone
        architecture = check(job.architecture)
        self.replicas = Replicas(
            self.game, builder(architecture), job.seeds,
            init=architecture["init"], device=torch_device, dtype=dtype, solo=solo, precision=precision,
        )  # fmt: skip
        self.batch_size = self.settings.structure.batch_size
        self.feeds = Feeds(
            self.game, dataset, job.seeds, self.batch_size,
            device=torch_device, dtype=dtype, solo=solo, network_noise=self.replicas.noises,
        )  # fmt: skip
        self.course = Course.of(self.game, self.batch_size, job.budget.kimg)
        self.iterations, self.images_per_iteration = self.course.iterations, self.course.images_per_iteration
        self.iteration = iteration(job, self.game, self.replicas, self.settings, free)
        self.players, self.rounds = self.iteration.players, self.iteration.rounds
        self.history = History(len(job.seeds), self.iterations)
        self.seconds = self.compile_seconds = 0.0
        self._modules = (
            evaluation_modules(self.replicas.skeletons, torch_device, dtype) | self.replicas.frozen
        )

    def iterate(self, iteration: int, draws: Sequence, play: Play | None = None) -> None:
        """Play one iteration (counted from 1), and note its losses."""
        progress = (iteration - 1) / self.iterations
        self.replicas.state, values = (play or self.iteration)(progress, draws, self.replicas.state)
        for name, value in values:
            self.history.note(iteration, name, value)

    def elapsed(self) -> float:
        """Wall clock in seconds, after everything queued on the device is done."""
        if self.replicas.device.type == "cuda":
            torch.cuda.synchronize(self.replicas.device)
        return time.perf_counter()

    def models(self, progress: float) -> list[Model | None]:
        """Return the replicas as they are now, ``None`` for those that diverged."""
        hp = self.settings.at(progress)
        alive = [dead is None for dead in self.history.diverged_at]
        return [self._model(replica, hp) if ok else None for replica, ok in enumerate(alive)]

    def _model(self, replica: int, hp: Any) -> Model:
        one = SimpleNamespace(
            **{k: v[replica].item() if isinstance(v, torch.Tensor) else v for k, v in vars(hp).items()}
        )
        ema = {
            role: {n: p if self.replicas.solo else p[replica] for n, p in params.items()}
            for role, params in self.iteration.ema.items()
        }
        return Model(
            self.game, self._modules, self.replicas.of(replica), ema or None, one,
            self.replicas.state_of(replica), self.dataset,
        )  # fmt: skip

    def outcome(self, replica: int) -> Outcome:
        """Return what became of one replica."""
        diverged_at = self.history.diverged_at[replica]
        done = self.iterations if diverged_at is None else diverged_at
        return Outcome(
            status="finished" if diverged_at is None else "diverged",
            diverged_at=diverged_at,
            iterations=done,
            critic_updates=self.course.updates(critic=True, iterations=done),
            generator_updates=self.course.updates(critic=False, iterations=done),
            images=done * self.images_per_iteration,
            seconds=self.seconds,
            compile_seconds=self.compile_seconds,
            parameters=self.replicas.sizes,
            history=self.history.columns[replica],
        )

    def run(
        self,
        on_point: Callable[[Point], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> list[Outcome]:
        """Train to the end of the budget, or until every replica has diverged."""
        points = {
            self.course.iterations_until(kimg): index for index, kimg in enumerate(self.job.budget.points)
        }
        feeds, told = iter(self.feeds), 0.0
        captured = self.job.compile and obstacle(self.iteration) is None
        play = Captured(self.iteration, CudaGraph()) if captured else self.iteration
        started = self.elapsed()
        for iteration in range(1, self.iterations + 1):
            self.iterate(iteration, next(feeds), play)
            if iteration == 1 and self.job.compile:  # nearly all of it is the compiler's
                self.compile_seconds = self.elapsed() - started
                started = self.elapsed()
            kimg = iteration * self.images_per_iteration / 1000
            at_point = iteration in points
            if at_point or iteration % self.history.window == 0:
                now = self.seconds + self.elapsed() - started
                self.history.flush(iteration, kimg, now, self.replicas.traced())
                if on_progress is not None and now - told > PROGRESS_SECONDS:
                    told = now
                    on_progress(Progress(iteration, self.iterations, kimg, now, len(self.job.seeds)))
            if at_point:
                self.seconds += self.elapsed() - started
                self._evaluate(points[iteration], iteration, kimg, on_point)
                started = self.elapsed()
            if self.history.all_diverged:
                self.seconds += self.elapsed() - started
                break
        return [self.outcome(replica) for replica in range(len(self.job.seeds))]

    def _evaluate(
        self, index: int, iteration: int, kimg: float, on_point: Callable[[Point], None] | None
    ) -> None:
        for replica, finite in enumerate(self.replicas.all_finite().tolist()):
            if not finite:
                self.history.mark(replica, iteration)
        if on_point is not None:
            final = index == len(self.job.budget.points) - 1
            critic, generator = self.course.updates(True, iteration), self.course.updates(False, iteration)
            models = self.models(iteration / self.iterations)
            on_point(Point(index, kimg, iteration, critic, generator, self.seconds, final, models))


def train(
    job: Job,
    dataset: Any,
    *,
    on_point: Callable[[Point], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> list[Outcome]:
    """Train a pack and return one outcome per replica.

    Args:
        job: what to train.
        dataset: where real batches come from.
        on_point: called at every scheduled point with the models as they are; its time is not training time.
        on_progress: called a few times per second.
    """
    return Trainer(job, dataset).run(on_point, on_progress)


def _hyperparameters(job: Job) -> list[dict[str, Any]]:
    """Return every hyperparameter of each replica; a trial leaves out implied ones at their default."""
    declared = info(job.variant).game.hyperparameters
    return [completed(declared, settings) for settings in job.hyperparameters]


def untrained(job: Job, dataset: Any, seed: int) -> Model:
    """Return a model of the job's first replica as it is initialised with `seed`."""
    alone = replace(job, seeds=(seed,), hyperparameters=job.hyperparameters[:1], compile=False)
    model = Trainer(alone, dataset).models(0.0)[0]
    assert model is not None
    return model


def restore(job: Job, dataset: Any, state: dict[str, torch.Tensor]) -> Model:
    """Rebuild the final model of a one-replica job from its checkpoint, for re-evaluation.

    Raises:
        ValueError: if the checkpoint does not fit the job's networks.
    """
    game_class = info(job.variant).game
    settings = Settings(_hyperparameters(job), continuous(game_class.hyperparameters), torch.device("cpu"))
    game = game_class(data_spec(dataset), settings.structure)
    return Model.load(game, builder(job.architecture), settings.at(1.0), dataset, state)
