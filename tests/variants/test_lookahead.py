"""Unrolled GAN and consensus optimisation: their vector field on Dirac-GAN, and without weight."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_bench import variants
from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Network, Play
from gan_bench.variants.hyperparameters import resolve
from tests.training import dataset, largest_difference, make_job, same, trained, weights
from tests.variants.scenes import Scene

functional = pytest.mark.parametrize("functional", [False, True], ids=["autograd", "func"])


class Point(nn.Module):
    """The Dirac generator (constant) or its critic (linear): Mescheder et al. 2018, section 2."""

    def __init__(self, value, linear):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value, dtype=torch.float64))
        self.linear = linear

    def forward(self, x):
        return self.value * x[:, 0] if self.linear else self.value + 0 * x


def vector_field(variant, theta, psi, functional=False, **hp):
    """Descent directions of generator and critic of a Dirac-GAN at (theta, psi), data at 0."""
    declared = variants.get(variant).hyperparameters
    settings = resolve(declared, {"latent_dim": 1})
    structure = {n: settings[n] for n, h in declared.items() if h.kind == "structural"}
    game = variants.get(variant)(DataSpec.of(real=Space((1,))), SimpleNamespace(**structure))
    modules = {"generator": Point(theta, False), "critic": Point(psi, True)}
    noise = {"latent": torch.zeros(4, 1).double()}
    continuous = {n: v for n, v in settings.items() if n not in structure} | hp
    play = Play({}, {"real": torch.zeros(4, 1).double()}, noise, SimpleNamespace(**continuous), game.state())
    field = []
    for player in game.players():
        (role,) = player.trains
        params = {r: dict(m.named_parameters()) for r, m in modules.items()}

        def loss(own, role=role, player=player, params=params):
            at = {**params, role: own}
            networks = {r: Network(m, at[r], functional=functional) for r, m in modules.items()}
            value = player.loss(play.replace(**networks))
            return value.value if isinstance(value, variants.Loss) else value

        if functional:
            slope = torch.func.grad(loss)({n: p.detach() for n, p in params[role].items()})["value"]
        else:
            slope = torch.autograd.grad(loss(params[role]), params[role]["value"])[0]
        field.append(-slope.item())
    critic, generator = field
    return generator, critic


def jacobian(variant, functional=False, **hp):
    """Of the vector field at the equilibrium, by central differences; columns by theta and psi."""
    h = 1e-4
    columns = [
        [
            (a - b) / (2 * h)
            for a, b in zip(
                vector_field(variant, h * x, h * y, functional, **hp),
                vector_field(variant, -h * x, -h * y, functional, **hp),
                strict=True,
            )
        ]
        for x, y in ((1, 0), (0, 1))
    ]
    return torch.linalg.eigvals(torch.tensor(columns, dtype=torch.float64).T)


@functional
@pytest.mark.parametrize(
    ("variant", "hp", "expected"),
    [
        ("gan", {}, 0.5j),
        ("nsgan", {}, 0.5j),
        ("wgan", {}, 1j),
        ("r1gan", {"r1_gamma": 0.3}, -0.15 + 0.4769696j),
        ("r2gan", {"r2_gamma": 0.3}, -0.15 + 0.4769696j),
        ("consensus", {"consensus_weight": 1.0}, -0.25 + 0.5j),
        ("unrolled", {"unroll_lr": 0.0}, 0.5j),
    ],
)
def test_eigenvalues_of_the_dirac_gan(variant, hp, expected, functional):
    found = jacobian(variant, functional, **hp)
    upper = found[found.imag > 0][0].item()
    assert upper == pytest.approx(expected, abs=1e-5)


def test_unrolling_foresees_the_critics_steps():
    """K steps psi + K eta d/dpsi (-L) at theta != 0: f(theta psi_K) with psi_K = psi - K eta theta / 2."""
    eta, theta, psi, steps = 0.2, 1e-3, 2e-3, 5
    generator, _ = vector_field("unrolled", theta, psi, unroll_lr=eta)
    later = psi - steps * eta * theta / 2
    total = 0.5 * (later + theta * (-steps * eta / 2))  # d/dtheta of theta psi_K(theta) / 2
    assert generator == pytest.approx(total, rel=1e-3)


def test_all_foreseen_steps_see_one_calculation_of_the_samples():
    scene = Scene("unrolled")
    calls = []
    scene.modules["generator"].register_forward_hook(lambda *_: calls.append(1))
    scene.game.generator_loss(scene.play())
    assert len(calls) == 1


def test_the_minimax_game_unrolled():
    """Five steps psi - eta theta sigmoid(theta psi), and their derivatives; log(1 - D) at theta psi_5."""
    eta, theta, psi = 0.4, 1.5, -0.8
    generator, critic = vector_field("gan+unrolled", theta, psi, unroll_lr=eta)
    later, slope = psi, 0.0
    for _ in range(5):
        s = 1 / (1 + math.exp(-theta * later))
        later, slope = (
            later - eta * theta * s,
            slope - eta * (s + theta * s * (1 - s) * (later + theta * slope)),
        )
    assert generator == pytest.approx((later + theta * slope) / (1 + math.exp(-theta * later)), rel=1e-9)
    assert critic == pytest.approx(-theta / (1 + math.exp(-theta * psi)), rel=1e-9)


@functional
def test_unrolled_with_no_steps_is_the_objective_bit_by_bit(functional):
    seeds = (3, 4) if functional else (3,)
    plain = trained(make_job("gan", seeds, solo=not functional))
    unrolled = trained(make_job("unrolled", seeds, settings={"unroll_steps": 0}, solo=not functional))
    one = trained(make_job("unrolled", seeds, settings={"unroll_steps": 1}, solo=not functional))
    for replica in range(len(seeds)):
        assert same(weights(plain, replica), weights(unrolled, replica))
        assert not same(weights(plain, replica), weights(one, replica))


def test_consensus_without_weight_is_the_simultaneous_base_bit_by_bit():
    alone, agreed = (
        trained(make_job(variant, settings=settings, iterations=4))
        for variant, settings in (("nsgan+simultaneous", {}), ("consensus", {"consensus_weight": 0.0}))
    )
    assert same(weights(alone), weights(agreed))
    weighted = trained(make_job("consensus", settings={"consensus_weight": 1.0}, iterations=4))
    assert not same(weights(alone), weights(weighted))


def test_both_players_of_consensus_pay_for_the_same_energy():
    results = Scene("consensus").results()
    assert results["critic"].logs["consensus"].item() == results["generator"].logs["consensus"].item() > 0


@pytest.mark.parametrize("rule", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("variant", ["unrolled", "wgan+unrolled"])
@functional
def test_the_foreseen_critic_is_the_one_that_its_optimiser_then_makes(variant, rule, functional):
    """Five foreseen steps end where five updates of the critic on the same draws do, clipped ones too."""
    settings = {"optimiser": rule, "lr": 1e-2, "critic_lr": 3e-2, "unroll_by": "optimiser"}
    seeds = (3, 4) if functional else (3,)
    job = make_job(variant, seeds, settings=settings, solo=not functional)
    trainer = Trainer(job, dataset("ring"))
    feeds = iter(trainer.feeds)
    for iteration in range(1, 4):
        trainer.iterate(iteration, next(feeds))
    draws = next(feeds)
    ((batch, noise),) = draws[1]  # the generator's
    hp = trainer.hyperparameters.at(0.0)
    results = trainer.iteration.steppers["generator"](batch, noise, hp, trainer.replicas.state).loss
    for _ in range(5):
        state, _ = trainer.iteration.play_round(("critic",), batch, noise, hp, trainer.replicas.state)
        trainer.replicas.state = state
    critic = trainer.iteration.steppers["critic"](batch, noise, hp, trainer.replicas.state).loss
    assert torch.allclose(-critic, results, rtol=1e-5)


def test_descent_is_what_sgd_without_momentum_foresees():
    common = {"optimiser": "sgd", "critic_lr": 0.1, "momentum": 0.0}
    one, other = (
        trained(make_job("unrolled", settings=common | by, dtype="float64", iterations=5))
        for by in ({"unroll_by": "optimiser"}, {"unroll_by": "descent", "unroll_lr": 0.1})
    )
    assert largest_difference(weights(one), weights(other)) < 1e-12
