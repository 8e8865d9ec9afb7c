"""Captured iterations: equal to ordinary ones, with a substitute for CUDA graphs and on CUDA."""

import dataclasses

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine.graphs import CapturedIteration, CudaGraph, reason_against_capture
from gan_bench.bench.engine.train import Trainer
from tests.bench.engine.test_data_and_devices import cuda
from tests.training import dataset, ground, largest_difference, make_job, same, weights


class Repeated:
    """Records work as CUDA's graphs do, without doing it, and repeats it in Python."""

    def capture(self, work):
        self.replay = work


def played(job, capture):
    trainer = Trainer(job, dataset(ground(job.variant)))
    feeds = iter(trainer.feeds)
    play = capture(trainer.iteration) if capture else trainer.iteration
    for iteration in range(1, trainer.iterations + 1):
        trainer.iterate(iteration, next(feeds), play)
    trainer.history.flush(trainer.iterations, 1.0, 0.0)
    return trainer


@pytest.mark.parametrize("variant", variants.names())
def test_repeating_a_captured_iteration_gives_the_bits_of_playing_each(variant):
    settings = {"ema": 0.9, "n_critic": 2} if "n_critic" in variants.get(variant).hyperparameters else {}
    job = make_job(variant, (0, 1), settings=settings, iterations=8)
    one = played(job, None)
    other = played(job, lambda iteration: CapturedIteration(iteration, Repeated()))
    for replica in range(2):
        assert same(weights(one, replica), weights(other, replica))
    assert one.history.columns == other.history.columns
    assert all(torch.equal(one.replicas.state[k], other.replicas.state[k]) for k in one.replicas.state)


def test_what_changes_between_iterations_is_a_reason_against_capture():
    falling = {"schedule": "linear", "start": 1e-3, "end": 0.0}
    scheduled = Trainer(make_job("nsgan", settings={"critic_lr": falling}), dataset("ring"))
    assert scheduled.iteration.changing_work() == "follows a schedule: critic_lr"
    plain = Trainer(make_job("nsgan"), dataset("ring"))
    assert plain.iteration.changing_work() is None
    plain.rounds[0] = dataclasses.replace(plain.rounds[0], active=(0.0, 0.5))
    assert "not every round" in plain.iteration.changing_work()
    assert "CUDA" in reason_against_capture(plain.iteration)


class TestCuda:
    pytestmark = cuda

    @pytest.mark.parametrize("variant", variants.names())
    def test_captured_iterations_agree_with_played_ones(self, variant):
        job = dataclasses.replace(make_job(variant, (0, 1), dtype="float64", iterations=10), device="cuda")
        one = played(job, None)
        other = played(job, lambda iteration: CapturedIteration(iteration, CudaGraph()))
        assert max(largest_difference(weights(one, i), weights(other, i)) for i in range(2)) < 1e-6

    @pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")
    def test_no_call_in_an_iteration_waits_for_the_device(self):
        trainer = Trainer(dataclasses.replace(make_job("wgan-gp", (0, 1)), device="cuda"), dataset("ring"))
        feeds = iter(trainer.feeds)
        trainer.iterate(1, next(feeds))
        torch.cuda.set_sync_debug_mode("error")
        try:
            trainer.iterate(2, next(feeds))
        finally:
            torch.cuda.set_sync_debug_mode("default")
