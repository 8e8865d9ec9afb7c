"""What the interface of games holds without special cases: one toy game per bullet, with numbers by hand."""

import hashlib

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bench.engine.streams import stream
from bench.engine.train import Trainer
from datasets.sources import AlignedSource, ResidentSource
from tests.toys import Number, ToyData, ToyGame, numbers, ones, value
from tests.training import dataset, largest_difference, make_job, outputs, same, trained, weights
from variants import Frozen, Game, Loss, Noise, Play, Player, Round, TwoPlayer, ability
from variants.hyperparameters import optimiser_hyperparameters
from variants.network import parameter_gradient
from variants.networks.layers import BatchNorm, Stack
from variants.penalties import GradientPenalty

LR = 0.1
both_ways = pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])


def play(name, data=None, seeds=(0,), *, iterations=5, settings=(), dtype="float64", **options):
    """Train a registered toy at rate 0.1 and return the trainer."""
    own = settings if isinstance(settings, list) else [settings or {}] * len(seeds)
    layers = [{"lr": LR, **layer} for layer in own]
    job = make_job(name, seeds, iterations=iterations, settings=layers, dtype=dtype, **options)
    return trained(job, data or ones())


# Rounds


class Bilinear(ToyGame):
    """f(x, y) = x y: player a descends, player b ascends."""

    def players(self):
        return [
            Player("a", ("x",), lambda play: value(play.x) * value(play.y), critic=True),
            Player("b", ("y",), lambda play: -value(play.x) * value(play.y)),
        ]


class Simultaneous(Bilinear):
    def rounds(self):
        return [Round(("a", "b"))]


class Alternating(Bilinear):
    def rounds(self):
        return [Round(("a",)), Round(("b",))]


@both_ways
def test_players_of_one_round_see_the_same_parameters(toy, seeds):
    trainer = play(toy(Simultaneous), seeds=seeds)
    x, y = 1.0, 2.0
    for _ in range(5):
        x, y = x - LR * y, y + LR * x
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


@both_ways
def test_a_later_round_sees_the_updates_of_the_earlier(toy, seeds):
    trainer = play(toy(Alternating), seeds=seeds)
    x, y = 1.0, 2.0
    for _ in range(5):
        x = x - LR * y
        y = y + LR * x
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class Repeating(ToyGame):
    """Each player adds up the mean of the noise and data it sees; b takes both over from a's last repeat."""

    def noise(self):
        return {"z": Noise((3,))}

    def players(self):
        def pull(role):
            def loss(play):
                return value(play.networks[role]) * (play.noise["z"].mean() + 100 * play.batch["real"].mean())

            return loss

        return [Player("a", ("x",), pull("x"), critic=True), Player("b", ("y",), pull("y"))]

    def rounds(self):
        draws = {"streams": ("real",), "noise": ("z",)}
        return [Round(("a",), repeat=3, **draws), Round(("b",), **draws, shares=("real", "z"))]


@both_ways
def test_repeats_draw_anew_and_shares_take_over_the_last_draw(toy, seeds):
    job = make_job(toy(Repeating), seeds, iterations=3, settings={"lr": LR}, dtype="float64")
    rows = torch.arange(7.0).reshape(7, 1)
    trainer = Trainer(job, ToyData(real=rows))
    trainer.iterate(1, next(iter(trainer.feeds)))
    for replica, seed in enumerate(seeds):
        uses = 3 * trainer.feeds.chunk
        z = Noise((3,)).draw(uses, 16, stream(seed, "noise", "z")).double().mean((1, 2)).numpy()
        order = stream(seed, "data", "real")
        epochs = [torch.randperm(7, generator=order) for _ in range(1 + 3 * 16 // 7)]
        real = torch.cat(epochs)[: 3 * 16].reshape(3, 16).double().mean(1).numpy()
        pulls = z[:3] + 100 * real
        found = numbers(trainer, replica)
        assert found["x"] == pytest.approx(1.0 - LR * pulls.sum(), abs=1e-9)
        assert found["y"] == pytest.approx(2.0 - LR * pulls[2], abs=1e-9)


def test_only_what_is_shared_is_taken_over(toy):
    class SharesNoiseOnly(Repeating):
        def rounds(self):
            first, second = super().rounds()
            return [first, Round(second.players, streams=("real",), noise=("z",), shares=("z",))]

    trainer = Trainer(make_job(toy(SharesNoiseOnly)), ToyData(real=torch.rand(1000, 1)))
    (_, _, (batch, noise)), ((later_batch, later_noise),) = next(iter(trainer.feeds))
    assert torch.equal(noise["z"], later_noise["z"])
    assert not torch.equal(batch["real"], later_batch["real"])


# Phases and schedules


class Phased(ToyGame):
    """Both players move by exactly the rate, each in its own half of the training; b in three repeats."""

    def players(self):
        return [
            Player("a", ("x",), lambda play: value(play.x), critic=True),
            Player("b", ("y",), lambda play: value(play.y)),
        ]

    def rounds(self):
        return [Round(("a",), active=(0.0, 0.4)), Round(("b",), repeat=3, active=(0.4, 1.0))]


@both_ways
def test_a_round_is_played_in_its_phase_only(toy, seeds):
    trainer = play(toy(Phased), seeds=seeds, iterations=10)
    assert trainer.iterations == 10
    assert numbers(trainer)["x"] == pytest.approx(1.0 - 4 * LR)
    assert numbers(trainer)["y"] == pytest.approx(2.0 - 18 * LR)
    history = trainer.history.columns[0]
    assert np.isfinite(history["a_loss"]).tolist() == [True] * 4 + [False] * 6
    assert np.isfinite(history["b_loss"]).tolist() == [False] * 4 + [True] * 6


def test_updates_are_counted_where_they_are_played(toy):
    outcome = play(toy(Phased), iterations=10).outcome(0)
    assert (outcome.critic_updates, outcome.generator_updates) == (4, 18)


class Scheduled(ToyGame):
    def players(self):
        return [Player("a", ("x",), lambda play: play.hp.weight * value(play.x), critic=True)]

    def rounds(self):
        return [Round(("a",))]


def test_a_scheduled_hyperparameter_follows_progress(toy):
    decay = {"schedule": "linear", "start": 3.0, "end": 1.0}
    trainer = play(toy(Scheduled), iterations=10, settings={"weight": decay})
    total = sum(3.0 - 2.0 * i / 10 for i in range(10))
    assert numbers(trainer)["x"] == pytest.approx(1.0 - LR * total)


def test_replicas_have_schedules_and_values_of_their_own(toy):
    decay = {"schedule": "linear", "start": 3.0, "end": 1.0}
    settings = [{"weight": decay}, {"weight": 5.0}, {"weight": 1.0, "a_lr": decay}]
    trainer = play(toy(Scheduled), seeds=(0, 1, 2), iterations=10, settings=settings)
    total = sum(3.0 - 2.0 * i / 10 for i in range(10))
    expected = [1.0 - LR * total, 1.0 - LR * 50, 1.0 - total]
    assert [numbers(trainer, k)["x"] for k in range(3)] == pytest.approx(expected)


def test_a_learning_rate_may_decay_to_zero(toy):
    decay = {"schedule": "linear", "start": 1e-2, "end": 0.0}
    trainer = play(toy(Scheduled), iterations=4, settings={"lr": decay})
    assert numbers(trainer)["x"] == pytest.approx(1.0 - 1e-2 * (1 + 0.75 + 0.5 + 0.25))


# State


class Counting(ToyGame):
    """a and b move by the state that their round began with, c by what a made of it."""

    starts = {"x": 0.0, "y": 0.0, "w": 0.0}

    def state(self):
        return {"s": torch.zeros(()), "calls": torch.zeros((), dtype=torch.int64)}

    def players(self):
        def counts(play):
            new = {"s": play.state["s"] + play.hp.weight, "calls": play.state["calls"] + 1}
            return Loss(value(play.x) * play.state["s"], logs={"s": play.state["s"]}, state=new)

        return [
            Player("a", ("x",), counts, critic=True),
            Player("b", ("y",), lambda play: value(play.y) * play.state["s"]),
            Player("c", ("w",), lambda play: value(play.w) * play.state["s"]),
        ]

    def rounds(self):
        return [Round(("a", "b")), Round(("c",))]


@pytest.mark.parametrize("steps", [(2.0,), (2.0, 3.0)], ids=["solo", "packed"])
def test_state_is_seen_by_later_rounds_and_kept_per_replica(toy, steps):
    settings = [{"weight": step} for step in steps]
    trainer = play(toy(Counting), seeds=range(len(steps)), iterations=4, settings=settings)
    for replica, step in enumerate(steps):
        found = numbers(trainer, replica)
        assert found["x"] == found["y"] == pytest.approx(-LR * step * (0 + 1 + 2 + 3))
        assert found["w"] == pytest.approx(-LR * step * (1 + 2 + 3 + 4))
        state = trainer.replicas.state_of(replica)
        assert state["s"] == 4 * step
        assert state["calls"] == 4
        assert state["calls"].dtype == torch.int64
        assert trainer.history.columns[replica]["a_s"] == [0, step, 2 * step, 3 * step]


# Penalties


class Quadratic(nn.Module):
    """D(x) = value |x|^2 / 2, with the gradient value x."""

    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.empty(()))

    def reset(self, generator):
        self.value.fill_(0.5)

    def forward(self, x):
        return self.value * x.square().flatten(1).sum(1) / 2


class Penalised(ToyGame):
    """The player minimises only a penalty: value^2 E|x|^2, or E(value |x| - 1)^2."""

    target = 0.0

    def networks(self, build):
        return {"x": Quadratic()}

    def players(self):
        penalty = GradientPenalty(points="real", target=self.target)

        def loss(play):
            return penalty(play.x, play.batch["real"], play.batch["real"], play.noise)

        return [Player("a", ("x",), loss, critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]


class PenalisedToOne(Penalised):
    target = 1.0


@both_ways
def test_a_penalty_is_differentiated_to_second_order(toy, seeds):
    data = ToyData(real=torch.tensor([[3.0, 4.0]]))
    free, slope = 0.5, 0.5
    for _ in range(3):
        free -= 1e-3 * 2 * free * 25
        slope -= 1e-3 * 2 * (slope * 5 - 1) * 5
    settings = {"lr": 1e-3}
    to_zero = play(toy(Penalised), data, seeds, iterations=3, settings=settings)
    to_one = play(toy(PenalisedToOne), data, seeds, iterations=3, settings=settings)
    assert numbers(to_zero, len(seeds) - 1)["x"] == pytest.approx(free, abs=1e-12)
    assert numbers(to_one, len(seeds) - 1)["x"] == pytest.approx(slope, abs=1e-9)


# Constraints


class Clipped(ToyGame):
    """Both numbers grow by the rate, x only up to the bound."""

    def players(self):
        def clip(params, hp):
            return {name: p.clamp(max=hp.weight) for name, p in params.items()}

        return [
            Player("a", ("x",), lambda play: -value(play.x), critic=True, constraint=clip),
            Player("b", ("y",), lambda play: -value(play.y)),
        ]

    def rounds(self):
        return [Round(("a",)), Round(("b",))]


@pytest.mark.parametrize("bounds", [(1.25,), (1.25, 1.35)], ids=["solo", "packed"])
def test_a_constraint_projects_its_own_player_after_the_update(toy, bounds):
    settings = [{"weight": bound} for bound in bounds]
    trainer = play(toy(Clipped), seeds=range(len(bounds)), iterations=5, settings=settings)
    for replica, bound in enumerate(bounds):
        assert numbers(trainer, replica) == pytest.approx({"x": bound, "y": 2.5})


# Players that share networks


class Sharing(ToyGame):
    """a and b both train the trunk, with constant gradients 1 and -1/2; b alone trains y."""

    starts = {"trunk": 1.0, "y": 0.0}

    def players(self):
        return [
            Player("a", ("trunk",), lambda play: value(play.trunk), critic=True),
            Player("b", ("trunk", "y"), lambda play: value(play.y) - 0.5 * value(play.trunk)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_players_share_a_network_with_optimisers_of_their_own(toy, seeds):
    settings = {"optimiser": "adam", "a_lr": 0.1, "b_lr": 0.03}
    trainer = play(toy(Sharing), seeds=seeds, iterations=6, settings=settings)
    # Adam under a constant gradient moves by exactly the rate against its sign.
    expected = {"trunk": 1.0 - 6 * 0.1 + 6 * 0.03, "y": -6 * 0.03}
    assert numbers(trainer, len(seeds) - 1) == pytest.approx(expected, abs=1e-6)
    momentum = {"momentum": 0.5, "a_lr": 0.1, "b_lr": 0.03}
    trainer = play(toy(Sharing), seeds=seeds, iterations=3, settings=momentum)
    travelled = 1 + 1.5 + 1.75
    assert numbers(trainer)["trunk"] == pytest.approx(1.0 - 0.1 * travelled + 0.03 * 0.5 * travelled)


# Parameters as values


class Concave(ToyGame):
    """f(x, y) = x y - y^2 / 2; a descends what is left of f after two steps of y, b ascends f."""

    step = 0.3

    def value_of(self, play):
        y = value(play.y)
        return value(play.x) * y - y.square() / 2

    def unrolled(self, play):
        y = play.y
        for _ in range(2):
            ascent = parameter_gradient(
                lambda params: self.value_of(play.replace(y=play.y.at(params))),
                y.params,
                functional=y.functional,
            )
            y = y.at({name: p + self.step * ascent[name] for name, p in y.params.items()})
        return self.value_of(play.replace(y=y))

    def players(self):
        return [
            Player("a", ("x",), self.unrolled, critic=True),
            Player("b", ("y",), lambda play: -self.value_of(play)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_a_loss_may_look_ahead_through_another_players_steps(toy, seeds):
    trainer = play(toy(Concave), seeds=seeds, iterations=3)
    x, y, eta = 1.0, 2.0, Concave.step
    for _ in range(3):
        keep = (1 - eta) ** 2
        ahead, ahead_by_x = keep * y + (1 - keep) * x, 1 - keep
        slope = ahead + (x - ahead) * ahead_by_x
        x, y = x - LR * slope, y + LR * (x - y)
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class Consensus(Bilinear):
    """Both losses of f = x y, plus gamma/2 |v|^2 with v the vector of both players' gradients."""

    gamma = 0.5

    def regularised(self, sign):
        def loss(play):
            product = lambda play: value(play.x) * value(play.y)  # noqa: E731
            by_x = parameter_gradient(
                lambda p: product(play.replace(x=play.x.at(p))), play.x.params, functional=play.x.functional
            )
            by_y = parameter_gradient(
                lambda p: product(play.replace(y=play.y.at(p))), play.y.params, functional=play.y.functional
            )
            squared = by_x["value"].square() + by_y["value"].square()
            return sign * product(play) + self.gamma / 2 * squared

        return loss

    def players(self):
        return [
            Player("a", ("x",), self.regularised(1.0), critic=True),
            Player("b", ("y",), self.regularised(-1.0)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_a_loss_may_hold_a_gradient_of_a_gradient(toy, seeds):
    trainer = play(toy(Consensus), seeds=seeds, iterations=5)
    x, y = 1.0, 2.0
    for _ in range(5):
        x, y = x - LR * (y + 0.5 * x), y - LR * (-x + 0.5 * y)
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class UnrolledGAN(TwoPlayer):
    """Non-saturating game whose generator looks three critic steps ahead, and whose critic wants peace."""

    steps, rate = 3, 0.1

    def critic_objective(self, real, fake, hp):
        return nn.functional.softplus(-real).mean() + nn.functional.softplus(fake).mean()

    def critic_loss(self, play: Play):
        def at(params):
            return super(UnrolledGAN, self).critic_loss(play.replace(critic=play.critic.at(params)))

        slopes = parameter_gradient(at, play.critic.params, functional=play.critic.functional)
        return at(play.critic.params) + 0.1 * sum(s.square().sum() for s in slopes.values())

    def generator_loss(self, play: Play):
        fake = play.generator(play.noise["latent"])
        critic = play.critic
        for _ in range(self.steps):
            slopes = parameter_gradient(
                lambda p: self.critic_objective(play.batch["real"].sum(1), play.critic.at(p)(fake), play.hp),
                critic.params,
                functional=critic.functional,
            )
            critic = critic.at({name: p - self.rate * slopes[name] for name, p in critic.params.items()})
        return nn.functional.softplus(-critic(fake)).mean()

    generator_sees_real = True


def test_unrolled_and_consensus_training_agree_solo_and_packed(toy):
    name = toy(UnrolledGAN)
    architecture = {"family": "mlp", "hidden": [8, 8], "activation": "tanh", "critic_activation": "tanh"}
    options = {"architecture": architecture, "dtype": "float64"}
    packed = trained(make_job(name, (3, 4), **options))
    for replica, seed in enumerate((3, 4)):
        solo = trained(make_job(name, (seed,), **options))
        assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
    plain = trained(make_job("nsgan", (3,), **options))
    assert largest_difference(weights(plain), weights(packed, 0)) > 1e-4


# Declared noise

LAWS = {
    "normal": Noise((2, 3)),
    "uniform": Noise((), "uniform", low=-2.0, high=5.0),
    "sphere": Noise((4,), "sphere"),
    "integers": Noise((2,), "integers", low=3, high=9),
    "bernoulli": Noise((5,), "bernoulli", p=0.25),
    "permutation": Noise((), "permutation"),
}


class Noisy(ToyGame):
    """Every law arrives; the loss uses one, so that draws leave their mark on the weights."""

    starts = {"x": 0.0}

    def noise(self):
        return LAWS

    def players(self):
        def loss(play):
            for name, noise in LAWS.items():
                assert play.noise[name].shape == (16, *noise.shape)
            batch = play.batch["real"][play.noise["permutation"]]
            return value(play.x) * (batch[0] * play.noise["normal"].mean()).sum()

        return [Player("a", ("x",), loss, critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",), noise=tuple(LAWS))]


@both_ways
def test_every_law_of_noise_arrives_per_replica_and_replayably(toy, seeds):
    data = ToyData(real=torch.rand(100, 1))
    name = toy(Noisy)
    first, second = play(name, data, seeds), play(name, data, seeds)
    assert numbers(first) == numbers(second)
    assert numbers(first)["x"] != 0.0
    _, noise = next(iter(Trainer(first.job, data).feeds))[0][0]
    floats = {"normal", "uniform", "sphere", "bernoulli"}
    for law, tensor in noise.items():
        assert tensor.dtype == (torch.float64 if law in floats else torch.int64)
        if len(seeds) == 2:
            assert not torch.equal(tensor[0], tensor[1])
    if len(seeds) == 2:
        assert numbers(first, 0) != numbers(first, 1)


DROPOUT = {"family": "mlp", "hidden": [16, 16], "dropout": 0.5}


@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "ragan"])
def test_dropout_is_noise_of_the_network_and_agrees_solo_and_packed(variant):
    packed = trained(make_job(variant, (3, 4), architecture=DROPOUT, dtype="float64"))
    for replica, seed in enumerate((3, 4)):
        solo = trained(make_job(variant, (seed,), architecture=DROPOUT, dtype="float64"))
        assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
        assert same(
            weights(solo), weights(trained(make_job(variant, (seed,), architecture=DROPOUT, dtype="float64")))
        )
    without = trained(make_job(variant, (3,), dtype="float64"))
    assert (outputs(without) - outputs(packed, 0)).abs().max() > 1e-4


def test_every_call_of_a_network_with_noise_has_a_mask_of_its_own():
    trainer = Trainer(make_job("wgan-gp", architecture=DROPOUT), dataset("ring"))
    (_, noise), *_ = next(iter(trainer.feeds))[0]
    masks = {name: tensor for name, tensor in noise.items() if name.startswith("critic.")}
    layers = {name.rsplit(".", 1)[0] for name in masks}
    assert len(layers) == 2
    assert len(masks) == 2 * 3  # real, fake and the penalty's points
    assert all(m.unique().tolist() == [0.0, 1.0] for m in masks.values())
    for layer in layers:
        assert not torch.equal(masks[f"{layer}.0"], masks[f"{layer}.1"])


def test_calling_a_network_with_noise_too_often_is_an_error(toy):
    class Undeclared(TwoPlayer):
        def critic_objective(self, real, fake, hp):
            return fake.mean() - real.mean()

        generator_objective = critic_objective

        def rounds(self):
            return [Round(("critic",), streams=("real",), noise=("latent",))]

    with pytest.raises(RuntimeError, match=r"called 2 times.*declares 1 calls \(Round.calls\)"):
        trained(make_job(toy(Undeclared), architecture=DROPOUT))


@pytest.mark.parametrize(
    ("layer", "ours"),
    [(nn.Dropout(0.2), "Dropout"), (nn.Dropout2d(0.2), "Dropout"), (nn.BatchNorm1d(1), "BatchNorm")],
)
def test_layers_with_hidden_state_are_refused(toy, layer, ours):
    class Hidden(Simultaneous):
        def networks(self, build):
            return super().networks(build) | {"x": nn.Sequential(nn.Linear(1, 1), layer)}

    with pytest.raises(ValueError, match=rf"x\.1 is {type(layer).__name__}.*use variants.*\.{ours}"):
        Trainer(make_job(toy(Hidden)), ones())


# Streams


class TwoStreams(ToyGame):
    """x adds up what it sees of one domain, y of the other, w checks that fields stay aligned."""

    starts = {"x": 0.0, "y": 0.0, "w": 0.0}

    def players(self):
        def labelled(play):
            fields = play.batch["labelled"]
            assert fields["label"].dtype == torch.int64
            mismatch = (fields["real"][:, 0] - 10.0 * fields["label"]).abs().max()
            return Loss(value(play.w) * fields["label"].double().mean(), logs={"mismatch": mismatch})

        return [
            Player("a", ("x",), lambda play: value(play.x) * play.batch["real"].mean(), critic=True),
            Player("b", ("y",), lambda play: value(play.y) * play.batch["domain_b"].mean()),
            Player("c", ("w",), labelled),
        ]

    def rounds(self):
        return [Round(("a", "b"), streams=("real", "domain_b")), Round(("c",), streams=("labelled",))]


@both_ways
def test_streams_have_their_own_order_and_fields_stay_aligned(toy, seeds):
    labels = torch.arange(16)
    fields = {"real": ResidentSource(10.0 * labels[:, None]), "label": ResidentSource(labels)}
    data = ToyData(
        real=torch.arange(32.0)[:, None],
        domain_b=100 + torch.arange(48.0)[:, None],
        labelled=AlignedSource(fields),
    )
    trainer = play(toy(TwoStreams), data, seeds, iterations=6)
    for replica in range(len(seeds)):
        found = numbers(trainer, replica)
        # Batches of 16: six iterations are three epochs of 32, two of 48 and six of 16, whatever the order.
        assert found["x"] == pytest.approx(-LR * 6 * 15.5)
        assert found["y"] == pytest.approx(-LR * 6 * 123.5)
        assert found["w"] == pytest.approx(-LR * 6 * 7.5)
        assert trainer.history.columns[replica]["c_mismatch"] == [0.0] * 6
    game = trainer.game.data
    assert game.streams == {"real": (1,), "domain_b": (1,), "labelled": (1,)}
    first = next(iter(Trainer(trainer.job, data).feeds))[0][0][0]
    assert not torch.equal(first["real"], first["domain_b"] - 100)


# Frozen networks


def frozen_game(module, file, sha256):
    class WithFrozen(ToyGame):
        """x is pulled along what a fixed network says of the data."""

        starts = {"x": 0.0}

        def networks(self, build):
            return super().networks(build) | {"features": Frozen(module(build), file, sha256)}

        def players(self):
            def loss(play):
                return value(play.x) * play.features(play.batch["real"]).mean()

            return [Player("a", ("x",), loss, critic=True)]

        def rounds(self):
            return [Round(("a",), streams=("real",))]

        @ability(inputs=("real",))
        def describe(self, play):
            return play.features(play.batch["real"])

    return WithFrozen


@pytest.fixture
def frozen_file(tmp_path):
    file = tmp_path / "features.safetensors"
    save_file({"weight": torch.tensor([[2.0]]), "bias": torch.tensor([0.5])}, file)
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


@both_ways
def test_a_frozen_network_is_loaded_shared_and_not_trained(toy, seeds, frozen_file):
    game = frozen_game(lambda build: nn.Linear(1, 1), *frozen_file)
    trainer = play(toy(game), seeds=seeds, iterations=4)
    assert numbers(trainer, len(seeds) - 1)["x"] == pytest.approx(-LR * 4 * 2.5)
    assert trainer.outcome(0).parameters == {"x": 1}
    features = trainer.replicas.frozen["features"]
    assert features.weight.shape == (1, 1)
    assert features.weight.item() == 2.0
    described = trainer.models(1.0)[-1].apply("describe", 3, {"real": torch.full((3, 1), 4.0).double()})
    assert described.flatten().tolist() == [8.5] * 3


def test_a_frozen_network_may_come_from_the_architecture(toy, tmp_path):
    def module(build):
        return build("critic", (1,), (1,))

    file = tmp_path / "critic.safetensors"
    state = {"0.weight": torch.tensor([[3.0]]), "0.bias": torch.tensor([1.0])}
    save_file(state, file)
    game = frozen_game(module, file, hashlib.sha256(file.read_bytes()).hexdigest())
    trainer = play(toy(game), iterations=1, architecture={"family": "mlp", "hidden": []})
    assert numbers(trainer)["x"] == pytest.approx(-LR * 4.0)


def test_a_frozen_networks_statistics_stay_what_they_are(toy, tmp_path):
    """A classifier with BatchNorm, evaluated beside a generator whose own BatchNorm is being calibrated."""
    classifier = nn.Sequential(nn.BatchNorm1d(1), nn.Dropout(0.5))
    classifier[0].running_mean.fill_(7.0)
    file = tmp_path / "classifier.safetensors"
    save_file(classifier.state_dict(), file)
    base = frozen_game(lambda build: classifier, file, hashlib.sha256(file.read_bytes()).hexdigest())

    class Calibrated(base):
        def networks(self, build):
            return super().networks(build) | {"y": Stack(BatchNorm(1))}

        @ability(inputs=("real",))
        def describe(self, play):
            return play.features(play.y(play.batch["real"]))

    trainer = play(toy(Calibrated), iterations=1)
    model = trainer.models(1.0)[0]
    points = torch.randn(50, 1, dtype=torch.float64)
    first, second = (model.apply("describe", 50, {"real": points}) for _ in range(2))
    assert trainer.replicas.frozen["features"][0].running_mean.item() == 7.0
    assert torch.equal(first, second)
    normalised = (points - points.mean()) / (points.var() + 1e-5).sqrt()
    assert torch.allclose(first, (normalised - 7.0) / (1 + 1e-5) ** 0.5)


def test_a_frozen_network_with_the_wrong_hash_is_refused(toy, frozen_file):
    file, sha256 = frozen_file
    game = frozen_game(lambda build: nn.Linear(1, 1), file, "0" * 64)
    with pytest.raises(ValueError, match=rf"features.*{file.name} has SHA-256 {sha256}, expected 0000"):
        Trainer(make_job(toy(game)), ones())


# BatchNorm

BATCH_NORM = {"family": "mlp", "hidden": [8, 8], "norm": "batch"}


@both_ways
def test_batchnorm_keeps_no_buffers_in_training_and_is_calibrated_for_evaluation(seeds):
    job = make_job("nsgan", seeds, architecture=BATCH_NORM, settings={"critic_norm": "batch", "ema": 0.9})
    trainer = trained(job)
    for replicas in (trainer.replicas.skeletons, getattr(trainer.replicas, "_trained", {})):
        for module in replicas.values():
            for layer in module.modules():
                if isinstance(layer, BatchNorm):
                    assert layer.mean.is_meta or (layer.mean == 0).all()
    model = trainer.models(1.0)[-1]
    samples = {kind: model.sample(64, kind) for kind in ("raw", "ema")}
    for kind, tree in (("raw", model.params), ("ema", model.ema)):
        # By hand: statistics of the calibration pass, layer by layer.
        params = tree["generator"]
        x = Noise((4,)).draw(1, 1024, stream("ring", "calibration", "latent"))[0]
        z = Noise((4,)).draw(1, 64, stream("ring", "evaluation", "latent"))[0]
        for linear, norm in (("0", "1"), ("3", "4")):
            x, z = (t @ params[f"{linear}.weight"].T + params[f"{linear}.bias"] for t in (x, z))
            mean, variance = x.mean(0), x.var(0)
            batch_variance = x.var(0, correction=0)
            scale, shift = params[f"{norm}.weight"], params[f"{norm}.bias"]
            z = torch.relu((z - mean) / (variance + 1e-5).sqrt() * scale + shift)
            x = torch.relu((x - mean) / (batch_variance + 1e-5).sqrt() * scale + shift)
        z = z @ params["6.weight"].T + params["6.bias"]
        assert torch.allclose(z, samples[kind], atol=1e-5)
    assert not torch.allclose(samples["raw"], samples["ema"], atol=1e-4)


def test_a_batchnorm_generator_samples_each_point_by_itself():
    trainer = trained(make_job("nsgan", architecture=BATCH_NORM))
    model = trainer.models(1.0)[0]
    assert torch.allclose(model.sample(1500)[:2], trainer.models(1.0)[0].sample(1500)[:2])
    assert outputs(trainer, count=1).isfinite().all()


# Abilities


class Encoding(Game):
    """A game with an encoder: it can sample and encode."""

    hyperparameters = Game.hyperparameters | optimiser_hyperparameters("a")

    def networks(self, build):
        return {"encoder": build("critic", self.data.shape, (3,)), "generator": Number(2.0)}

    def noise(self):
        return {"z": Noise((1,))}

    def players(self):
        return [Player("a", ("encoder",), lambda p: p.encoder(p.batch["real"]).square().mean(), critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]

    @ability(noise=("z",))
    def sample(self, play):
        return play.generator(play.noise["z"])

    @ability(inputs=("real",))
    def encode(self, play):
        return play.encoder(play.batch["real"])


@both_ways
def test_abilities_are_asked_for_by_name(toy, seeds):
    trainer = play(
        toy(Encoding), dataset("ring"), seeds, architecture={"family": "mlp", "hidden": []}, dtype="float32"
    )
    model = trainer.models(1.0)[-1]
    assert model.abilities == {"sample", "encode"}
    points = torch.randn(2500, 2)
    encoder = model.params["encoder"]
    by_hand = points @ encoder["0.weight"].T + encoder["0.bias"]
    assert torch.allclose(model.apply("encode", 2500, {"real": points}), by_hand, atol=1e-6)
    assert torch.equal(model.sample(5), 2.0 * Noise((1,)).draw(1, 5, stream("ring", "evaluation", "z"))[0])
    with pytest.raises(LookupError, match="no ability 'translate'; this game can encode, sample"):
        model.apply("translate", 5)
