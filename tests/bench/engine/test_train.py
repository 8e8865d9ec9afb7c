"""The training loop: budgets, averages, divergence, points, progress, and where data may lie."""

import math
import time

import numpy as np
import pytest
import torch

from bench.engine import Budget, Job, Model, Point, Progress, train
from bench.engine.train import Trainer, data_spec
from datasets.sources import StreamingSource
from tests.toys import ToyData, ToyGame, numbers, ones, value
from tests.training import MLP, dataset, largest_difference, make_job, outputs, same, trained, weights
from variants import Loss, Player, Round

both_ways = pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])


class Falling(ToyGame):
    """The generator's number falls by the rate in every update, y likewise."""

    starts = {"generator": 1.0, "y": 1.0}
    rounds_of_an_iteration = (Round(("a",)), Round(("b",)))

    def players(self):
        return [
            Player("a", ("y",), lambda play: value(play.y), critic=True),
            Player("b", ("generator",), lambda play: play.hp.weight * value(play.generator)),
        ]

    def rounds(self):
        return list(self.rounds_of_an_iteration)


def job_of(name, seeds=(0,), points=None, *, iterations=10, settings=(), **options):
    """A toy job at rate 0.1, with points at given iterations."""
    own = settings if isinstance(settings, list) else [settings or {}] * len(seeds)
    job = make_job(name, seeds, iterations=iterations, settings=[{"lr": 0.1, **s} for s in own], **options)
    kimgs = tuple(16 * i / 1000 for i in points or (iterations,))
    fields = {"budget": Budget(kimgs[-1], kimgs), "hyperparameters": job.hyperparameters, "seeds": job.seeds}
    return Job(job.variant, job.architecture, dtype=job.dtype, solo=job.solo, **fields)


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
        kept = trainer.ema["generator"]["value"].reshape(-1)[replica].item()
        assert kept == pytest.approx(average, abs=1e-12)
        assert numbers(trainer, replica)["generator"] == pytest.approx(weight)
    assert trainer.ema.keys() == {"generator"}


def test_the_average_moves_with_each_generator_update_and_no_other(toy):
    class Uneven(Falling):
        rounds_of_an_iteration = (Round(("a",)), Round(("b",), repeat=3))

    trainer = trained(job_of(toy(Uneven), iterations=2, settings={"ema": 0.5}, dtype="float64"), ones())
    average = 1.0
    for step in range(1, 7):
        average = 0.5 * average + 0.5 * (1.0 - 0.1 * step)
    assert trainer.ema["generator"]["value"].item() == pytest.approx(average, abs=1e-12)


# Budgets


@pytest.mark.parametrize("n_critic", [1, 5])
def test_images_are_those_that_enter_critic_rounds(n_critic):
    job = make_job("wgan", settings={"n_critic": n_critic, "n_generator": 2}, iterations=6)
    trainer = Trainer(job, dataset("ring"))
    assert trainer.images_per_iteration == 16 * n_critic
    (outcome,) = trainer.run()
    assert (outcome.iterations, outcome.critic_updates, outcome.generator_updates) == (6, 6 * n_critic, 12)
    assert outcome.images == 6 * 16 * n_critic
    assert outcome.status == "finished"
    assert outcome.diverged_at is None


def test_relativistic_generators_real_batches_do_not_count():
    assert Trainer(make_job("ragan"), dataset("ring")).images_per_iteration == 16


def test_a_game_without_a_critic_counts_what_it_draws(toy):
    class NoCritic(Falling):
        rounds_of_an_iteration = (
            Round(("a",), repeat=2, streams=("real",)),
            Round(("b",), streams=("real",), shares=("real",)),
            Round(("b",)),
        )

        def players(self):
            return [Player(p.name, p.trains, p.loss) for p in super().players()]

    assert Trainer(job_of(toy(NoCritic)), ones()).images_per_iteration == 32


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


# Points


@both_ways
def test_points_come_when_they_are_due(toy, seeds):
    seen = []

    def on_point(point):
        assert isinstance(point, Point)
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


class Clock:
    """A clock that ticks once whenever it is read."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, "perf_counter", clock)
    return clock


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


def test_progress_is_told_as_time_goes_by(toy, clock):
    told = []
    train(job_of(toy(Falling), (0, 1)), ones(), on_progress=told.append)
    assert all(isinstance(progress, Progress) for progress in told)
    assert [progress.iteration for progress in told] == list(range(1, 11))
    assert {(progress.iterations, progress.replicas) for progress in told} == {(10, 2)}
    assert [progress.kimg for progress in told] == pytest.approx([0.016 * i for i in range(1, 11)])
    assert [p.seconds for p in told] == sorted({p.seconds for p in told})


def test_progress_is_not_told_more_often_than_needed(toy, monkeypatch):
    told = []
    monkeypatch.setattr(time, "perf_counter", lambda: 5.0)
    train(job_of(toy(Falling)), ones(), on_progress=told.append)
    assert told == []


# Divergence


class Breaking(Falling):
    """The loss is not a number from the call on that hyperparameter ``weight`` names; 0: never."""

    def state(self):
        return {"calls": torch.zeros(())}

    def players(self):
        def breaking(play):
            calls, last = play.state["calls"] + 1, torch.as_tensor(play.hp.weight)
            broken = (last > 0) & (calls >= last)
            loss = value(play.y) * torch.where(broken, torch.nan, 1.0)
            return Loss(loss, state={"calls": calls})

        generator = Player("b", ("generator",), lambda play: value(play.generator))
        return [Player("a", ("y",), breaking, critic=True), generator]


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
    trainer.iterate = lambda iteration, draws: (progress.append(iteration), original(iteration, draws))
    assert [outcome.diverged_at for outcome in trainer.run()] == [2, 4]
    assert progress == [1, 2, 3, 4]


@both_ways
def test_a_huge_learning_rate_diverges(seeds):
    settings = [{"optimiser": "sgd", "lr": 1e-3}] * (len(seeds) - 1) + [{"optimiser": "sgd", "lr": 1e12}]
    outcomes = train(make_job("lsgan", seeds, settings=settings, iterations=40), dataset("ring"))
    assert outcomes[-1].status == "diverged"
    assert 1 <= outcomes[-1].diverged_at < 40
    assert all(outcome.status == "finished" for outcome in outcomes[:-1])


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


# Data and types


class Streamed:
    """A dataset whose rows are read when they are asked for."""

    def __init__(self, resident):
        self.resident = resident

    def __getattr__(self, name):
        return getattr(self.resident, name)

    def stream(self, name="real", split="train"):
        source = self.resident.stream(name, split)
        rows = source.gather(torch.arange(len(source))).numpy()
        return StreamingSource(rows.__getitem__, len(rows), rows.shape[1:])


@both_ways
def test_a_streaming_source_trains_the_same_bits_as_a_resident_one(seeds):
    images = dataset("digits")
    data = ToyData(real=images.stream("real").gather(torch.arange(100)))
    data.prepare, data.bounds = images.prepare, images.bounds
    job = make_job("nsgan", seeds, iterations=20)
    resident, streamed = trained(job, data), trained(job, Streamed(data))
    for replica in range(len(seeds)):
        assert same(weights(resident, replica), weights(streamed, replica))


@both_ways
def test_training_in_single_and_double_precision(seeds):
    single = trained(make_job("nsgan", seeds, iterations=3, settings={"optimiser": "sgd"}))
    double = trained(make_job("nsgan", seeds, iterations=3, settings={"optimiser": "sgd"}, dtype="float64"))
    for trainer, dtype in ((single, torch.float32), (double, torch.float64)):
        assert {p.dtype for p in weights(trainer).values()} == {dtype}
        assert outputs(trainer).dtype == dtype
        batch, noise = next(iter(trainer.feeds))[0][0]
        assert batch["real"].dtype == noise["latent"].dtype == dtype
    rounded = {name: p.float() for name, p in weights(double).items()}
    assert 0 < largest_difference(weights(single), rounded) < 1e-5


def test_a_game_knows_its_data_by_shapes_and_bounds_only():
    spec = data_spec(dataset("digits"))
    assert (spec.shape, spec.bounds, spec.classes) == ((1, 28, 28), (-1.0, 1.0), 10)
    assert spec.streams["real"] == (1, 28, 28)


def test_solo_is_a_choice_of_the_job():
    assert Trainer(make_job("nsgan", (0,)), dataset("ring")).replicas.solo
    assert not Trainer(make_job("nsgan", (0, 1)), dataset("ring")).replicas.solo
    assert not Trainer(make_job("nsgan", (0,), solo=False), dataset("ring")).replicas.solo


def test_players_may_have_optimisers_of_different_kinds():
    job = make_job("nsgan", settings={"critic_optimiser": "sgd", "generator_optimiser": "rmsprop"})
    kinds = {name: type(rule).__name__ for name, rule in Trainer(job, dataset("ring")).optimisers.items()}
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


# CUDA

cuda = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def on_device(job, device):
    return Job(job.variant, job.architecture, job.hyperparameters, job.seeds, job.budget, job.dtype, device)


class TestCuda:
    pytestmark = cuda

    @pytest.mark.parametrize("variant", ["nsgan", "wgan", "wgan-gp", "began", "ragan"])
    def test_packed_and_solo_training_agree(self, variant):
        job = make_job(variant, (3, 4), dtype="float64")
        packed = trained(on_device(job, "cuda"))
        for replica, seed in enumerate((3, 4)):
            solo = trained(on_device(make_job(variant, (seed,), dtype="float64"), "cuda"))
            assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
            assert outputs(packed, replica).device.type == "cuda"

    @both_ways
    def test_initial_weights_are_those_of_the_cpu(self, seeds):
        job = make_job("nsgan", seeds)
        device, cpu = Trainer(on_device(job, "cuda"), dataset("ring")), Trainer(job, dataset("ring"))
        for replica in range(len(seeds)):
            assert same({k: p.cpu() for k, p in weights(device, replica).items()}, weights(cpu, replica))

    @both_ways
    def test_images_averages_and_checkpoints(self, seeds):
        options = {"architecture": {"family": "dcgan", "width": 4}, "settings": {"ema": 0.9}, "iterations": 3}
        trainer = trained(on_device(make_job("nsgan", seeds, **options), "cuda"), "digits")
        model = trainer.models(1.0)[-1]
        assert model.sample(20, "ema").isfinite().all()
        assert {tensor.device.type for tensor in model.state().values()} == {"cpu"}

    def test_divergence_is_noted(self, toy):
        settings = [{"weight": 0.0}, {"weight": 7.0}]
        job = on_device(job_of(toy(Breaking), (0, 1), settings=settings), "cuda")
        assert [outcome.diverged_at for outcome in train(job, ones())] == [None, 7]
