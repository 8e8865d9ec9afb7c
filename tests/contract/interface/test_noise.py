"""Declared noise: a game's own and its networks'; what is not declared is refused."""

import pytest
import torch
from torch import nn

from gan_bench.bench.engine.stage import network_calls
from gan_bench.bench.engine.train import Trainer
from gan_bench.variants import Noise, Player, Round
from gan_bench.variants.networks import check
from gan_bench.variants.networks.layers import Dropout
from tests.contract.interface.playing import LR, Simultaneous, play
from tests.toys import ToyData, ToyGame, numbers, ones, value
from tests.training import both_ways, dataset, largest_difference, make_job, outputs, same, trained, weights

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


class Growing(ToyGame):
    """The loss calls its network once more every time."""

    calls = 0

    def networks(self, build):
        return {"x": nn.Sequential(nn.Linear(1, 1), Dropout(1, 0.5))}

    def players(self):
        return [Player("a", ("x",), self.growing, critic=True)]

    def growing(self, play):
        Growing.calls += 1
        return sum(play.x(play.batch["real"]).mean() for _ in range(Growing.calls))

    def rounds(self):
        return [Round(("a",), streams=("real",))]


def test_calling_a_network_with_noise_more_often_than_in_the_rehearsal_is_an_error(toy):
    Growing.calls = 0
    with pytest.raises(RuntimeError, match="called 2 times, but 1 times when the game was rehearsed"):
        play(toy(Growing), ones())


@pytest.mark.parametrize(
    ("updates", "expected"),
    [
        ("alternating", [{"generator": 1, "critic": 3}, {"generator": 1, "critic": 1}]),
        ("simultaneous", [{"generator": 1, "critic": 3}]),
    ],
)
def test_calls_are_counted_per_round_as_the_most_of_its_players(updates, expected):
    """The critic of WGAN-GP is called for real and fake samples and the penalty's points."""
    job = make_job("wgan-gp", architecture=DROPOUT, settings={"updates": updates})
    trainer = Trainer(job, dataset("ring"))
    stochastic = {name.split(".")[0] for name in trainer.replicas.noises}
    counts = network_calls(trainer.game, check(DROPOUT), trainer.hyperparameters, trainer.dataset)
    assert counts == [{r: n for r, n in round_.items() if r in stochastic} for round_ in expected]


class Deep(ToyGame):
    """A network whose dropout is three levels deep, and is applied twice in a loss."""

    starts = {}

    def networks(self, build):
        blocks = nn.Sequential(nn.Sequential(nn.Sequential(Dropout(3, 0.5)), nn.Tanh()))
        return {"x": nn.Sequential(nn.Linear(1, 3), blocks, nn.Linear(3, 1))}

    def players(self):
        def loss(play):
            real = play.batch["real"]
            return (play.x(real) - play.x(real)).square().mean()  # 0 where masks are not applied

        return [Player("a", ("x",), loss, critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]


def test_dropout_three_levels_deep_agrees_with_its_definition_solo_and_packed(toy):
    name = toy(Deep)
    packed = play(name, seeds=(3, 4), iterations=2)
    for replica, seed in enumerate((3, 4)):
        solo = play(name, seeds=(seed,), iterations=2)
        assert largest_difference(weights(solo), weights(packed, replica)) < 1e-12
        trainer = Trainer(solo.job, ones())
        first = {n: p.requires_grad_() for n, p in weights(trainer).items()}
        for batch, noise in (draws[0][0] for _, draws in zip(range(2), trainer.feeds, strict=False)):
            w, b, v, c = (first[f"x.{n}"] for n in ("0.weight", "0.bias", "2.weight", "2.bias"))
            hidden = [torch.tanh((batch["real"] @ w.T + b) * noise[f"x.1.0.0.0.{k}"] / 0.5) for k in (0, 1)]
            one, two = (h @ v.T + c for h in hidden)
            loss = (one - two).square().mean()
            assert loss > 0
            slopes = torch.autograd.grad(loss, list(first.values()), materialize_grads=True)
            first = {
                n: (p - LR * g).detach().requires_grad_()
                for (n, p), g in zip(first.items(), slopes, strict=True)
            }
        assert largest_difference(weights(solo), {n: p.detach() for n, p in first.items()}) < 1e-12


@pytest.mark.parametrize(
    ("layer", "ours"),
    [
        (nn.Dropout(0.2), "Dropout"),
        (nn.Dropout2d(0.2), "Dropout"),
        (nn.RReLU(), "Dropout"),
        (nn.BatchNorm1d(1), "BatchNorm"),
        (nn.InstanceNorm1d(1, track_running_stats=True), "BatchNorm"),
    ],
)
def test_layers_with_hidden_state_are_refused(toy, layer, ours):
    class Hidden(Simultaneous):
        def networks(self, build):
            return super().networks(build) | {"x": nn.Sequential(nn.Linear(1, 1), layer)}

    with pytest.raises(
        ValueError, match=rf"x\.1 is {type(layer).__name__}.*use gan_bench.variants.*\.{ours}"
    ):
        Trainer(make_job(toy(Hidden)), ones())


def test_weights_tied_inside_one_network_are_refused(toy):
    class Tied(Simultaneous):
        def networks(self, build):
            first, second = nn.Linear(1, 1), nn.Linear(1, 1)
            second.weight = first.weight
            return super().networks(build) | {"x": nn.Sequential(first, second)}

    with pytest.raises(
        ValueError, match=r"x uses one tensor under several names \(1\.weight\).*its own role"
    ):
        Trainer(make_job(toy(Tied)), ones())
