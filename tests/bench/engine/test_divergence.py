"""Divergence: recorded at its iteration, and without effect on other replicas."""

import numpy as np
import pytest

from gan_bench.bench.engine import train
from gan_bench.bench.engine.train import Trainer
from gan_bench.variants import Player
from tests.bench.engine.toys import Breaking, Falling, job_of
from tests.toys import ones, value
from tests.training import both_ways, dataset, make_job, same, trained, weights


@pytest.mark.parametrize("iterations", [10, 2000], ids=["each-iteration", "windows-of-10"])
def test_divergence_is_noted_at_its_iteration_and_ends_a_solo_job(toy, iterations):
    points = []
    job = job_of(
        toy(Breaking), points=(iterations // 2, iterations), iterations=iterations, settings={"weight": 7.0}
    )
    (outcome,) = train(job, ones(), on_point=points.append)
    assert (outcome.status, outcome.diverged_at, outcome.iterations) == ("diverged", 7, 7)
    assert (outcome.critic_updates, outcome.generator_updates, outcome.images) == (7, 7, 7 * 16)
    assert [point.iteration for point in points] == ([5] if iterations == 10 else [])
    assert outcome.history["iteration"] == ([1, 2, 3, 4, 5, 6] if iterations == 10 else [])
    assert all(np.isfinite(column).all() for column in outcome.history.values())


def test_a_diverged_jobs_time_is_kept(toy, clock):
    (outcome,) = train(job_of(toy(Breaking), settings={"weight": 7.0}), ones())
    assert 7 <= outcome.seconds < 20


def test_neighbours_of_a_diverged_replica_go_on_unchanged(toy):
    name = toy(Breaking)
    models = []

    def on_point(point):
        models.append([model is not None for model in point.models])

    settings = [{"weight": 0.0}, {"weight": 7.0}, {"weight": 3.0}]
    broken = Trainer(job_of(name, (0, 1, 2), (5, 10), settings=settings), ones())
    outcomes = broken.run(on_point)
    assert [outcome.diverged_at for outcome in outcomes] == [None, 7, 3]
    assert [outcome.iterations for outcome in outcomes] == [10, 7, 3]
    assert models == [[True, True, False], [True, False, False]]
    assert [len(outcome.history["iteration"]) for outcome in outcomes] == [10, 6, 2]
    clean = trained(
        job_of(name, (0, 1, 2), settings=[{"weight": 0.0}, {"weight": 20.0}, {"weight": 30.0}]), ones()
    )
    assert same(weights(clean), weights(broken))


def test_a_pack_stops_when_all_have_diverged(toy):
    progress = []
    trainer = Trainer(job_of(toy(Breaking), (0, 1), settings=[{"weight": 2.0}, {"weight": 4.0}]), ones())
    original = trainer.iterate
    trainer.iterate = lambda iteration, draws: (
        progress.append(iteration),
        original(iteration, draws),
    )
    assert [outcome.diverged_at for outcome in trainer.run()] == [2, 4]
    assert progress == [1, 2, 3, 4]


@both_ways
def test_a_huge_learning_rate_diverges(seeds):
    settings = [{"optimiser": "sgd", "lr": 1e-3}] * (len(seeds) - 1) + [{"optimiser": "sgd", "lr": 1e12}]
    outcomes = train(make_job("lsgan", seeds, settings=settings, iterations=40), dataset("ring"))
    assert outcomes[-1].status == "diverged"
    assert 1 <= outcomes[-1].diverged_at < 40
    assert all(outcome.status == "finished" for outcome in outcomes[:-1])


def test_the_end_of_a_training_in_which_all_diverged_is_not_kept(toy):
    class Kept:
        ends = 0

        def load(self):
            return None

        def due(self, seconds):
            return False

        def ended(self, seconds, take):
            self.ends += 1

    kept = Kept()
    settings = {"optimiser": "sgd", "lr": 1e12}
    for seeds in ((0,), (0, 1)):
        train(make_job("lsgan", seeds, settings=settings, iterations=40), dataset("ring"), snapshots=kept)
        assert kept.ends == 0
    train(make_job("lsgan", iterations=2), dataset("ring"), snapshots=kept)
    assert kept.ends == 1


@both_ways
def test_weights_that_are_not_finite_count_also_after_the_last_loss(toy, seeds):
    class BadGradient(Falling):
        starts = {"generator": 0.0, "y": 1.0}

        def players(self):
            # |g| written as a root: finite at 0, its derivative not.
            return [
                super().players()[0],
                Player("b", ("generator",), lambda p: value(p.generator).square().sqrt()),
            ]

    models = []
    outcomes = train(
        job_of(toy(BadGradient), seeds, iterations=1),
        ones(),
        on_point=lambda point: models.extend(point.models),
    )
    assert [outcome.diverged_at for outcome in outcomes] == [1] * len(seeds)
    assert models == [None] * len(seeds)
    assert outcomes[0].history["b_loss"] == [0.0]
