"""The training loop: budgets, averages, evaluation points, progress and outcomes."""

import dataclasses
import gc
import math
import time

import pytest
import torch

from gan_bench.bench.engine import Budget, EvaluationPoint, Job, Model, Progress, restore, train
from gan_bench.bench.engine.optimisers import Optimiser
from gan_bench.bench.engine.replicas import Replicas
from gan_bench.bench.engine.train import Trainer
from gan_bench.variants import Player, Round
from tests.bench.engine.toys import Falling, job_of
from tests.toys import numbers, ones
from tests.training import MLP, both_ways, dataset, make_job, outputs, same, trained, weights

# Moving averages


@pytest.mark.parametrize("decays", [(0.9,), (0.9, 0.5, 0.0)], ids=["solo", "packed"])
def test_the_average_follows_its_formula_per_replica(toy, decays):
    settings = [{"ema": decay} for decay in decays]
    trainer = trained(job_of(toy(Falling), range(len(decays)), settings=settings, dtype="float64"), ones())
    for replica, decay in enumerate(decays):
        weight = average = 1.0
        for _ in range(10):
            weight -= 0.1
            average = decay * average + (1 - decay) * weight
        kept = trainer.iteration.ema["generator"]["value"].reshape(-1)[replica].item()
        assert kept == pytest.approx(average, abs=1e-12)
        assert numbers(trainer, replica)["generator"] == pytest.approx(weight)
    assert trainer.iteration.ema.keys() == {"generator"}


def test_the_average_moves_with_each_generator_update_and_no_other(toy):
    class Uneven(Falling):
        rounds_of_an_iteration = (Round(("a",)), Round(("b",), repeat=3))

    trainer = trained(job_of(toy(Uneven), iterations=2, settings={"ema": 0.5}, dtype="float64"), ones())
    average = 1.0
    for step in range(1, 7):
        average = 0.5 * average + 0.5 * (1.0 - 0.1 * step)
    assert trainer.iteration.ema["generator"]["value"].item() == pytest.approx(average, abs=1e-12)


# Budgets


@pytest.mark.parametrize("n_critic", [1, 5])
def test_images_are_those_that_enter_critic_rounds(n_critic):
    job = make_job("wgan", settings={"n_critic": n_critic, "n_generator": 2}, iterations=6)
    trainer = Trainer(job, dataset("ring"))
    assert trainer.budget.images_at(0.0) == 16 * n_critic
    (outcome,) = trainer.run()
    assert (outcome.iterations, outcome.critic_updates, outcome.generator_updates) == (6, 6 * n_critic, 12)
    assert outcome.images == 6 * 16 * n_critic
    assert outcome.status == "finished"
    assert outcome.diverged_at is None


def test_relativistic_generators_real_batches_do_not_count():
    assert Trainer(make_job("ragan"), dataset("ring")).budget.images_at(0.0) == 16


def test_a_game_without_a_critic_counts_what_it_draws(toy):
    class NoCritic(Falling):
        rounds_of_an_iteration = (
            Round(("a",), repeat=2, streams=("real",)),
            Round(("b",), streams=("real",), shares=("real",)),
            Round(("b",)),
        )

        def players(self):
            return [Player(p.name, p.trains, p.loss) for p in super().players()]

    assert Trainer(job_of(toy(NoCritic)), ones()).budget.images_at(0.0) == 32


@pytest.mark.parametrize("batch_size", [1, 7, 10, 16, 60, 64])
def test_a_whole_number_of_batches_is_that_many_iterations(batch_size):
    for iterations in (1, 3, 7, 29, 1001):
        job = make_job("nsgan", settings={"batch_size": batch_size}, iterations=iterations)
        assert Trainer(job, dataset("ring")).iterations == iterations


def test_a_budget_that_is_no_multiple_is_spent_in_full():
    budget = Budget(0.1, (0.1,))
    job = make_job("nsgan")
    job = Job(job.variant, MLP, job.hyperparameters, (0,), budget)
    (outcome,) = train(job, dataset("ring"))
    assert outcome.iterations == math.ceil(100 / 16)
    assert outcome.images == 7 * 16


# Points and progress


@both_ways
def test_points_come_when_they_are_due(toy, seeds):
    seen = []

    def on_point(point):
        assert isinstance(point, EvaluationPoint)
        assert all(isinstance(model, Model) for model in point.models)
        weight = [model.params["generator"]["value"].item() for model in point.models]
        seen.append(
            (point.index, point.iteration, point.critic_updates, point.generator_updates, point.final)
        )
        assert point.kimg == pytest.approx(point.iteration * 16 / 1000)
        assert weight == pytest.approx([1.0 - 0.1 * point.iteration] * len(seeds), abs=1e-5)

    train(job_of(toy(Falling), seeds, (2, 5, 9)), ones(), on_point=on_point)
    assert seen == [(0, 2, 2, 2, False), (1, 5, 5, 5, False), (2, 9, 9, 9, True)]


def test_the_last_point_is_reached_whatever_the_rounding():
    points = []
    job = make_job("nsgan", settings={"batch_size": 1})
    job = Job(job.variant, MLP, job.hyperparameters, (0,), Budget(0.3, (0.1, 0.1 + 0.2)))
    train(job, dataset("ring"), on_point=lambda point: points.append((point.iteration, point.final)))
    assert points == [(100, False), (300, True)]


def test_evaluation_leaves_no_trace_in_training():
    job = make_job("nsgan", (1, 2), settings={"ema": 0.9, "critic_norm": "batch"}, iterations=6)
    many = Job(
        job.variant, job.architecture, job.hyperparameters, job.seeds, Budget(0.096, (0.032, 0.064, 0.096))
    )
    watched, alone = Trainer(many, dataset("ring")), trained(job)
    watched.run(on_point=lambda point: [model.sample(50, "ema") for model in point.models])
    for replica in range(2):
        assert same(weights(watched, replica), weights(alone, replica))


def test_evaluation_time_is_not_training_time(toy, clock):
    seconds = []

    def on_point(point):
        seconds.append(point.seconds)
        clock.now += 1000.0

    (outcome,) = train(job_of(toy(Falling), points=(2, 5, 9)), ones(), on_point=on_point)
    assert 0 < seconds[0] < seconds[1] < seconds[2] < 100
    assert outcome.seconds == seconds[2]
    assert outcome.history["seconds"] == sorted(outcome.history["seconds"])
    assert outcome.history["seconds"][-1] < 100


def test_progress_is_reported_over_time(toy, clock):
    told = []
    train(job_of(toy(Falling), (0, 1)), ones(), on_progress=told.append)
    assert all(isinstance(progress, Progress) for progress in told)
    assert [progress.iteration for progress in told] == list(range(1, 11))
    assert {(progress.iterations, progress.replicas) for progress in told} == {(10, 2)}
    assert [progress.kimg for progress in told] == pytest.approx([0.016 * i for i in range(1, 11)])
    assert [p.seconds for p in told] == sorted({p.seconds for p in told})


def test_progress_is_reported_a_few_times_per_second(toy, monkeypatch):
    told = []
    monkeypatch.setattr(time, "perf_counter", lambda: 5.0)
    train(job_of(toy(Falling)), ones(), on_progress=told.append)
    assert told == []


# Jobs and outcomes


def test_solo_is_a_choice_of_the_job():
    assert Trainer(make_job("nsgan", (0,)), dataset("ring")).replicas.solo
    assert not Trainer(make_job("nsgan", (0, 1)), dataset("ring")).replicas.solo
    assert not Trainer(make_job("nsgan", (0,), solo=False), dataset("ring")).replicas.solo


def test_players_may_have_optimisers_of_different_kinds():
    job = make_job("nsgan", settings={"critic_optimiser": "sgd", "generator_optimiser": "rmsprop"})
    optimisers = Trainer(job, dataset("ring")).iteration.optimisers
    kinds = {name: type(rule).__name__ for name, rule in optimisers.items()}
    assert kinds == {"critic": "SGD", "generator": "RMSProp"}


def test_nothing_touches_the_global_generator():
    before = torch.get_rng_state()
    outputs(trained(make_job("wgan-gp", (0, 1), iterations=3)))
    assert torch.equal(before, torch.get_rng_state())


def test_the_outcome_has_parameters_and_history():
    (outcome,) = train(make_job("wgan-gp", iterations=4), dataset("ring"))
    assert outcome.parameters == {
        "generator": (4 * 16 + 16) + (16 * 16 + 16) + (16 * 2 + 2),
        "critic": (2 * 16 + 16) + (16 * 16 + 16) + 17,
    }
    expected = {"iteration", "kimg", "seconds", "critic_loss", "critic_penalty", "generator_loss"}
    assert outcome.history.keys() == expected
    assert {len(column) for column in outcome.history.values()} == {4}
    assert outcome.history["kimg"] == pytest.approx([0.016, 0.032, 0.048, 0.064])


# Hyperparameters that a job leaves out


def test_a_job_without_an_implied_hyperparameter_trains_as_with_its_default():
    whole = make_job("nsgan", (3,), iterations=3)
    settings = {n: v for n, v in whole.hyperparameters[0].items() if n != "latent_scale"}
    runs = [
        trained(dataclasses.replace(whole, hyperparameters=(h,))) for h in (settings, *whole.hyperparameters)
    ]
    assert same(weights(runs[0]), weights(runs[1]))
    scaled = make_job("nsgan", (3,), iterations=3, settings={"latent_scale": 2.0})
    assert not same(weights(runs[0]), weights(trained(scaled)))


@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_momentum_follows_a_schedule(toy, solo):
    """Heavy-ball descent on a slope of 1 by hand: v <- m v + 1, w <- w - lr v."""
    rising = {"schedule": "linear", "start": 0.5, "end": 0.7}
    settings = {"optimiser": "sgd", "lr": 0.1, "momentum": rising}
    trainer = trained(job_of(toy(Falling), (0,), settings=[settings], solo=solo, dtype="float64"), ones())
    velocity, weight = 0.0, 1.0
    for done in range(trainer.iterations):
        momentum = 0.5 + 0.2 * done / trainer.iterations
        velocity = momentum * velocity + 1.0
        weight -= 0.1 * velocity
    assert numbers(trainer)["generator"] == pytest.approx(weight)


def test_the_replica_whose_flop_are_counted_takes_no_memory_while_the_pack_trains(monkeypatch):
    """Without a collection of garbage: the memory of a GPU would wait for one that nothing brings about."""

    def held():
        kinds = (Trainer, Replicas, Optimiser)
        return sum(issubclass(type(each), kinds) for each in gc.get_objects())

    counts = []
    gc.collect()
    before = held()
    monkeypatch.setattr(Trainer, "_run", lambda *_: counts.append(held() - before))
    gc.disable()
    try:
        train(make_job("nsgan", (0, 1)), dataset("ring"))
    finally:
        gc.enable()
    assert counts == [4]  # of the pack: its trainer, its networks, two optimisers


@both_ways
def test_a_model_has_the_hyperparameters_of_its_point_and_a_restored_one_those_of_the_end(seeds):
    settings = [{"lr": {"schedule": "linear", "start": 1e-3 * (1 + seed), "end": 0.0}} for seed in seeds]
    job = make_job("nsgan", seeds, settings=settings, iterations=4)
    kimg = job.budget.kimg
    job = dataclasses.replace(job, budget=Budget(kimg, (kimg / 4, kimg / 2, kimg)))
    rates, states = [], []

    def look(point):
        rates.append([model.hp.lr for model in point.models])
        states[:] = [model.state() for model in point.models]

    train(job, dataset("ring"), on_point=look)
    parts = [(1 - progress) * 1e-3 for progress in (0.25, 0.5, 1.0)]
    for row, part in zip(rates, parts, strict=True):
        assert row == pytest.approx([part * (1 + seed) for seed in seeds])
    assert restore(job.only(0), dataset("ring"), states[0]).hp.lr == pytest.approx(0.0)
