"""Training loop of a pack, with its evaluation points, and the rebuilding of models from checkpoints."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import torch

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.graphs import CapturedIteration, CudaGraph, Graph
from gan_bench.bench.engine.history import History
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.iteration import Iteration, State, Values
from gan_bench.bench.engine.iteration_budget import IterationBudget
from gan_bench.bench.engine.job import EvaluationPoint, Job, Outcome, Progress
from gan_bench.bench.engine.model import Model
from gan_bench.bench.engine.numerics import deterministic, tensor_float32
from gan_bench.bench.engine.replicas import Replicas, contiguous, evaluation_modules
from gan_bench.bench.engine.side_by_side import SideBySide
from gan_bench.bench.engine.sizes import critic_roles
from gan_bench.bench.engine.snapshots import Snapshots, fits, put_back, taken
from gan_bench.bench.engine.stage import network_calls
from gan_bench.variants.networks import builder, check
from gan_bench.variants.registry import info

IterationFunction = Callable[[float, Sequence, State], tuple[State, Values]]
"""A function that plays one iteration: an :class:`Iteration`, or a captured one."""

PROGRESS_SECONDS = 0.25
PRECISIONS = {
    "float32": (torch.float32, None),
    "float64": (torch.float64, None),
    "tf32": (torch.float32, None),
    "bfloat16": (torch.float32, torch.bfloat16),
}
"""Dtype of a job -> dtype of the weights; dtype of matrix products and convolutions, None if the same."""


class Trainer:
    """Train the replicas of one job.

    Args:
        job: the pack to train.
        dataset: source of the real batches.
        iteration: class that plays an iteration.
        new_graph: returns an empty graph, to record iterations; by default CUDA's, where the job says so.

    Attributes:
        budget: the job's budget in iterations of one replica.
        iterations: those of the budget.
        points: iteration -> number of the evaluation point behind it.
        seconds: of training so far, without evaluation and compilation.
        flop_of_rounds: FLOP of one repeat of every round of one replica, where they are counted.
        not_deterministic: operations that were called and have no deterministic algorithm.
    """

    def __init__(
        self,
        job: Job,
        dataset: Any,
        iteration: type[Iteration] = Iteration,
        new_graph: Callable[[], Graph] | None = None,
    ) -> None:
        torch_device, (dtype, precision) = torch.device(job.device), PRECISIONS[job.dtype]
        on_gpu = torch_device.type == "cuda"
        self.job, self.dataset = job, dataset
        game_class = info(job.variant).game
        solo, count = job.alone, len(job.seeds)
        shape = None if not on_gpu and new_graph is None else () if solo else (count,)
        self.hyperparameters = PackHyperparameters.of(game_class, job.hyperparameters, torch_device, shape)
        self.game = game_class(data_spec(dataset), self.hyperparameters.structure)
        architecture = check(job.architecture)
        self.replicas = Replicas(
            self.game, builder(architecture), job.seeds,
            init=architecture["init"], device=torch_device, dtype=dtype, solo=solo, precision=precision,
            products=job.narrow if job.way == "products" and not solo else 0,
        )  # fmt: skip
        self.batch_size = self.hyperparameters.structure.batch_size
        self.feeds = Feeds(
            self.game, dataset, job.seeds, self.batch_size,
            device=torch_device, dtype=dtype, solo=solo, network_noise=self.replicas.noises,
            network_calls=network_calls(self.game, architecture, self.hyperparameters, dataset)
            if self.replicas.noises else None,
        )  # fmt: skip
        self.budget = IterationBudget.of(self.game, self.batch_size, job.budget.kimg)
        self.iterations = self.budget.iterations
        self.points = {self.budget.iterations_until(kimg): i for i, kimg in enumerate(job.budget.points)}
        parts = (job, self.game, self.replicas, self.hyperparameters)
        side_by_side = job.way == "streams" and not solo
        self.iteration: Any = SideBySide(*parts, iteration) if side_by_side else iteration(*parts)
        new_graph = new_graph or (CudaGraph if on_gpu and job.capture else None)
        self.captured = CapturedIteration(self.iteration, new_graph) if new_graph else None
        self.players, self.rounds = self.iteration.players, self.iteration.rounds
        self.history = History(len(job.seeds), self.iterations)
        self.seconds = self.compile_seconds = 0.0
        self.not_deterministic: set[str] = set()
        self.flop_of_rounds: Sequence[int] = [0] * len(self.rounds)
        self._modules = (
            evaluation_modules(self.replicas.skeletons, torch_device, dtype) | self.replicas.frozen
        )

    def iterate(self, iteration: int, draws: Sequence) -> None:
        """Play one iteration (counted from 1) and add its losses to the history."""
        play: IterationFunction = self.captured or self.iteration
        progress = (iteration - 1) / self.iterations
        self.replicas.state, values = play(progress, draws, self.replicas.state)
        for name, value in values:
            self.history.note(iteration, name, value)

    def elapsed(self) -> float:
        """Return the wall clock in seconds, after the device has finished its queue."""
        if self.replicas.device.type == "cuda":
            torch.cuda.synchronize(self.replicas.device)
        return time.perf_counter()

    def models(self, progress: float) -> list[Model | None]:
        """Return the current models at ``progress`` in [0, 1], ``None`` for diverged replicas."""
        hp = self.hyperparameters.at(progress)
        alive = [dead is None for dead in self.history.diverged_at]
        return [self._model(replica, hp) if ok else None for replica, ok in enumerate(alive)]

    def _model(self, replica: int, hp: Any) -> Model:
        one = SimpleNamespace(
            **{k: _of_replica(v, replica) if isinstance(v, torch.Tensor) else v for k, v in vars(hp).items()}
        )
        ema = {
            role: {n: p if self.replicas.solo else p[replica] for n, p in params.items()}
            for role, params in self.iteration.ema.items()
        }
        # In the usual order, as they are loaded again, so that outputs of both are equal.
        params, averages = contiguous(self.replicas.of(replica)), contiguous(ema)
        return Model(
            self.game, self._modules, params, averages or None, one,
            self.replicas.state_of(replica), self.dataset,
        )  # fmt: skip

    def outcome(self, replica: int) -> Outcome:
        """Return the result of one replica."""
        diverged_at = self.history.diverged_at[replica]
        done = self.iterations if diverged_at is None else diverged_at
        return Outcome(
            status="finished" if diverged_at is None else "diverged",
            diverged_at=diverged_at,
            iterations=done,
            critic_updates=self.budget.updates(critic=True, iterations=done),
            generator_updates=self.budget.updates(critic=False, iterations=done),
            images=self.budget.images_until(done),
            pretraining_images=self.budget.pretraining_images(done),
            flop=self.budget.total(self.flop_of_rounds, done),
            seconds=self.seconds,
            compile_seconds=self.compile_seconds,
            parameters=self.replicas.sizes,
            frozen_parameters=self.replicas.frozen_sizes,
            critics=critic_roles(self.players.values()),
            history=self.history.columns[replica],
            captured=self.captured is not None and not self.captured.trouble,
            not_captured=self.captured.trouble if self.captured else "",
            not_deterministic=sorted(self.not_deterministic),
        )

    def run(
        self,
        on_point: Callable[[EvaluationPoint], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        snapshots: Snapshots | None = None,
    ) -> list[Outcome]:
        """Train to the end of the budget, or until every replica has diverged; return an outcome of each."""
        with self.training():
            self._run(on_point or (lambda _: None), on_progress or (lambda _: None), snapshots)
        return [self.outcome(replica) for replica in range(len(self.job.seeds))]

    @contextlib.contextmanager
    def training(self) -> Iterator[None]:
        """Within, torch calculates as the job says: deterministic, with TF32 only if that is its dtype."""
        device, tf32 = self.replicas.device, self.job.dtype == "tf32"
        with deterministic(device) as self.not_deterministic, tensor_float32(tf32):
            yield

    def _run(
        self,
        on_point: Callable[[EvaluationPoint], None],
        on_progress: Callable[[Progress], None],
        snapshots: Snapshots | None,
    ) -> None:
        first = 1 + (self._continue(snapshots) if snapshots else 0)
        feeds, last_report = iter(self.feeds), 0.0
        started = self.elapsed()
        for iteration in range(first, self.iterations + 1):
            self.iterate(iteration, next(feeds))
            if iteration == first and self.job.compile:  # the compiler takes nearly all of its time
                self.compile_seconds += self.elapsed() - started
                started = self.elapsed()
            at_point = iteration in self.points
            if read := at_point or iteration % self.history.window == 0:
                now = self.seconds + self.elapsed() - started
                kimg = self.budget.images_until(iteration) / 1000
                self.history.flush(iteration, kimg, now, self.replicas.traced())
                if now - last_report > PROGRESS_SECONDS:
                    last_report = now
                    on_progress(Progress(iteration, self.iterations, kimg, now, len(self.job.seeds)))
            if at_point:
                self.seconds += self.elapsed() - started
                self._evaluate(self.points[iteration], iteration, kimg, on_point)
                started = self.elapsed()
            if self.history.all_diverged:
                self.seconds += self.elapsed() - started
                break
            if snapshots and read and iteration < self.iterations and snapshots.due(now):
                self.seconds += self.elapsed() - started
                snapshots.keep(partial(taken, self, iteration))
                started = self.elapsed()
        if snapshots and not self.history.all_diverged:
            snapshots.ended(self.seconds, partial(taken, self, self.iterations))

    def _continue(self, snapshots: Snapshots) -> int:
        """Continue from the last snapshot, where there is one that fits; return the iterations done."""
        snapshot = snapshots.load()
        if snapshot is None or not fits(self, snapshot):
            return 0
        snapshots.continued(snapshot)
        return put_back(self, snapshot)

    def _evaluate(
        self, index: int, iteration: int, kimg: float, on_point: Callable[[EvaluationPoint], None]
    ) -> None:
        for replica, finite in enumerate(self.replicas.all_finite().tolist()):
            if not finite:
                self.history.mark(replica, iteration)
        final = index == len(self.job.budget.points) - 1
        critic, generator = self.budget.updates(True, iteration), self.budget.updates(False, iteration)
        models = self.models(iteration / self.iterations)
        flop = self.budget.total(self.flop_of_rounds, iteration)
        with tensor_float32(False):
            on_point(
                EvaluationPoint(index, kimg, iteration, critic, generator, self.seconds, final, models, flop)
            )


def train(
    job: Job,
    dataset: Any,
    *,
    on_point: Callable[[EvaluationPoint], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    snapshots: Snapshots | None = None,
) -> list[Outcome]:
    """Train a pack and return one outcome per replica.

    Args:
        job: the pack to train.
        dataset: source of the real batches.
        on_point: called at every evaluation point with the current models; its time is not training time.
        on_progress: called a few times per second.
        snapshots: keeps snapshots while training, and may have one of an earlier process to continue from.
    """
    flop = _flop_of_rounds(job, dataset)
    trainer = Trainer(job, dataset)
    trainer.flop_of_rounds = flop
    return trainer.run(on_point, on_progress, snapshots)


def _flop_of_rounds(job: Job, dataset: Any) -> list[int]:
    """Return the FLOP of one repeat of every round of one replica, whose memory is free again after it."""
    from gan_bench.bench.engine.flop import flop_of_rounds  # loads torch's table; planning does without it

    one = Trainer(job.only(0), dataset)
    return flop_of_rounds(one.feeds, one.iteration, one.replicas.state)


def _of_replica(value: torch.Tensor, replica: int) -> float:
    """Return a replica's value of a hyperparameter that is a tensor ``[K]``, or a scalar solo."""
    return (value[replica] if value.ndim else value).item()


def untrained(job: Job, dataset: Any, seed: int) -> Model:
    """Return the untrained model of the job's first replica, initialised with `seed`."""
    model = Trainer(replace(job.only(0), seeds=(seed,)), dataset).models(0.0)[0]
    assert model is not None
    return model


def restore(job: Job, dataset: Any, state: dict[str, torch.Tensor]) -> Model:
    """Return the final model of a one-replica job, rebuilt from its checkpoint, for another evaluation.

    Raises:
        ValueError: if the checkpoint does not fit the job's networks.
    """
    game_class = info(job.variant).game
    hyperparameters = PackHyperparameters.of(game_class, job.hyperparameters, torch.device("cpu"))
    game = game_class(data_spec(dataset), hyperparameters.structure)
    return Model.load(game, builder(job.architecture), hyperparameters.at(1.0), dataset, state)
