"""Layers that two roles share: one set of weights, trained by the players of one of them."""

import copy
import types

import pytest
import torch
from torch import nn

from gan_bench.bench.engine.model import Model
from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Player, Round, Tied, ability
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from tests.contract.interface.playing import LR, play
from tests.toys import ToyData, ToyGame
from tests.training import both_ways, make_job, weights

DATA = torch.linspace(-1.0, 1.0, 40).reshape(20, 2)


def network():
    return nn.Sequential(
        nn.Linear(2, 3), nn.Tanh(), nn.Sequential(nn.Linear(3, 3), nn.Tanh()), nn.Linear(3, 1)
    )


class Twins(ToyGame):
    """Two networks with a shared beginning; the last layer of each is its own."""

    starts = {}
    averaged = ("first", "second")
    layers = ("0", "2")
    trains = (("first", "second"),)

    def networks(self, build):
        return {"second": Tied(network(), "first", self.layers), "first": network()}

    @staticmethod
    def value(first, second, real):
        return (first(real) - 1.0).square().mean() + (first(real) * second(real)).mean()

    def players(self):
        def loss(play):
            return self.value(play.first, play.second, play.batch["real"])

        return [
            Player(name, roles, loss, critic=name == "a")
            for name, roles in zip("abc", self.trains, strict=False)
        ]

    def rounds(self):
        return [Round(tuple("abc"[: len(self.trains)]), streams=("real",))]

    @ability(inputs=("real",), makes="")
    def compare(self, play):
        return play.second(play.batch["real"]) - play.first(play.batch["real"])


def by_hand(trainer, steps, players):
    """Gradient descent on two modules that hold the same layers, from a trainer's first replica."""
    first, second = network().double(), network().double()
    first.load_state_dict(trainer.replicas.of(0)["first"])
    second.load_state_dict(trainer.replicas.of(0)["second"], strict=False)
    second[0], second[2] = first[0], first[2]
    own = {"first": list(first.parameters()), "second": list(second[3].parameters())}
    feeds = iter(trainer.feeds)
    for _ in range(steps):
        real = next(feeds)[0][0][0]["real"]
        loss = Twins.value(first, second, real if real.ndim == 2 else real[0])
        chosen = [[p for role in roles for p in own[role]] for roles in players]
        slopes = [torch.autograd.grad(loss, params, retain_graph=True) for params in chosen]
        with torch.no_grad():
            for params, grads in zip(chosen, slopes, strict=True):
                for p, g in zip(params, grads, strict=True):
                    p -= LR * g
    return first, second


@both_ways
@pytest.mark.parametrize("players", [(("first", "second"),), (("second",), ("first",)), (("second",),)])
def test_shared_layers_are_trained_once_by_the_players_of_their_role(toy, seeds, players):
    name = toy(type("Twins", (Twins,), {"trains": players}))
    job = make_job(name, seeds, iterations=3, settings={"lr": LR, "ema": 0.5}, dtype="float64")
    first, second = by_hand(Trainer(job, ToyData(real=DATA)), 3, players)
    trainer = play(name, ToyData(real=DATA), seeds, iterations=3, settings={"ema": 0.5})
    trained = weights(trainer)
    assert {n.split(".", 1)[0] for n in trained} == {"first", "second"}
    for role, module in (("first", first), ("second", second[3])):
        for n, p in module.named_parameters():
            ours = trained[f"{role}.{n}" if role == "first" else f"second.3.{n}"]
            assert torch.allclose(ours, p, rtol=1e-10, atol=1e-13), (role, n)


@both_ways
def test_they_are_stored_and_counted_once_and_found_by_abilities_averages_and_checkpoints(toy, seeds):
    trainer = play(toy(Twins), ToyData(real=DATA), seeds, iterations=3, settings={"ema": 0.5})
    own = (3 + 1, 2 * 3 + 3 + 3 * 3 + 3 + 3 + 1)
    assert trainer.replicas.sizes == {"second": own[0], "first": own[1]}
    assert trainer.outcome(0).parameters == {"second": own[0], "first": own[1]}
    assert set(trainer.iteration.ema["second"]) == {"3.weight", "3.bias"}
    model = trainer.models(1.0)[0]
    first, second = network().double(), network().double()
    x = DATA[:5].double()
    for kind, params in (("raw", model.params), ("ema", model.ema)):
        first.load_state_dict(params["first"])
        second.load_state_dict({**params["first"], **params["second"]})
        expected = second(x) - first(x)
        assert torch.allclose(model.apply("compare", 5, {"real": x}, weights=kind), expected)
    state = model.state()
    assert not [name for name in state if name.startswith("raw/second/0")]
    again = Model.load(trainer.game, builder(trainer.job.architecture), model.hp, trainer.dataset, state)
    made = [m.apply("compare", 5, {"real": x}) for m in (model, again)]
    assert torch.equal(*made)


def networks_of(**changes):
    from gan_bench.bench.engine.skeletons import networks_of

    game = type("Wrong", (Twins,), changes)(DataSpec.of(real=Space((2,))), types.SimpleNamespace())
    return networks_of(game, None, torch.device("cpu"), torch.float32)


def tied(*, to="first", layers=("0",), module=None):
    networks = {"second": Tied(module or network(), to, layers), "first": network()}
    return {"networks": lambda self, build: networks}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"to": "frist"}, r"second shares layers with 'frist', which is no trained network; .*'first'"),
        ({"to": "second"}, r"second shares layers with 'second', which is no trained network"),
        (
            {"layers": ("1",)},
            r"second has no layer '1' with weights; it has 0\.weight, 0\.bias, 2\.0\.",
        ),
        (
            {"module": nn.Sequential(nn.Linear(2, 4))},
            r"shares layers with 'first': 0\.weight has shape \(4, 2\) in second, \(3, 2\) in first",
        ),
        (
            {"module": nn.Sequential(*[nn.Linear(2, 2) for _ in range(5)]), "layers": ("4",)},
            r"4\.weight has shape \(2, 2\) in second, None in first",
        ),
    ],
)
def test_layers_that_do_not_fit_are_one_sentence_while_planning(declared, message):
    with pytest.raises(Misfit, match=message):
        networks_of(**tied(**declared))


def test_layers_of_layers_name_the_role_whose_they_are():
    def networks(self, build):
        return {
            "third": Tied(network(), "second", ("0",)),
            "second": Tied(network(), "first", ("0",)),
            "first": network(),
        }

    with pytest.raises(Misfit, match=r"third shares layers with 'second', where they .* of 'first'"):
        networks_of(networks=networks)
    skeletons, _ = networks_of()
    assert copy.deepcopy(skeletons["second"]).tied == {
        name: ("first", name) for name, _ in network().named_parameters() if not name.startswith("3")
    }


def test_one_module_in_two_roles_is_refused_as_each_would_train_a_copy():
    shared = nn.Linear(2, 1)

    def networks(self, build):
        return {"first": nn.Sequential(shared), "second": nn.Sequential(nn.Linear(2, 2), shared)}

    with pytest.raises(
        ValueError, match=r"second\.1\.weight and first\.0\.weight are one tensor: .* by Tied"
    ):
        networks_of(networks=networks)
