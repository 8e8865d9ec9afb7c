"""Tricks: what each changes in the game, against closed forms, solo and functional."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.func import vmap

import variants
from tests.training import DCGAN, MLP, largest_difference, make_job, same, trained, weights
from variants import DataSpec, Network, Play
from variants.hyperparameters import HyperparameterError, resolve
from variants.networks import builder
from variants.networks.layers import Stack, VirtualBatchNorm
from variants.networks.spectral import power_step, vectors

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
    game = variants.get(variant)(DataSpec({"real": (1,)}), SimpleNamespace(**structure))
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
    generator, _ = vector_field("gan+unrolled", theta, psi, unroll_lr=eta)
    later = psi - steps * eta * theta / 2
    total = 0.5 * (later + theta * (-steps * eta / 2))  # d/dtheta of theta psi_K(theta) / 2
    assert generator == pytest.approx(total, rel=1e-3)


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
    plain = trained(make_job("nsgan", seeds, solo=not functional))
    unrolled = trained(make_job("unrolled", seeds, settings={"unroll_steps": 0}, solo=not functional))
    one = trained(make_job("unrolled", seeds, settings={"unroll_steps": 1}, solo=not functional))
    for replica in range(len(seeds)):
        assert same(weights(plain, replica), weights(unrolled, replica))
        assert not same(weights(plain, replica), weights(one, replica))


@pytest.mark.parametrize("base", ["nsgan", "wgan-gp", "ragan", "began", "veegan"])
@functional
def test_pac_of_one_is_the_base_bit_by_bit(base, functional):
    seeds = (3, 4) if functional else (3,)
    runs = [trained(make_job(v, seeds, iterations=4, solo=not functional)) for v in (base, f"{base}+pac(1)")]
    for replica in range(len(seeds)):
        assert same(*(weights(run, replica) for run in runs))


def test_packs_join_neighbours_along_features_or_channels():
    declared = variants.get("pacgan").hyperparameters
    structure = {n: h.default for n, h in declared.items() if h.kind == "structural"}
    game = variants.get("pacgan")(DataSpec({"real": (3, 8, 8)}), SimpleNamespace(**structure))
    images = torch.randn(6, 3, 8, 8)
    packs = game.packed(images)
    assert packs.shape == (3, 6, 8, 8)
    assert torch.equal(packs[1, :3], images[2])
    assert torch.equal(packs[1, 3:], images[3])


def test_r3gans_penalties_are_half_gamma_times_the_squared_slopes():
    """One gamma for both, as in the paper; a linear critic has the slope psi everywhere."""
    psi, gamma = 0.7, 0.4
    plain = vector_field("rsgan", 0.0, psi)[1]
    assert vector_field("r3gan", 0.0, psi, r1_gamma=gamma, r2_gamma=0.0)[1] == pytest.approx(
        plain - gamma * psi
    )
    both = vector_field("r3gan", 0.0, psi, r1_gamma=gamma, r2_gamma=gamma)[1]
    assert both == pytest.approx(plain - 2 * gamma * psi)


# Spectral normalisation


@pytest.mark.parametrize(
    "module",
    [
        nn.Linear(5, 3),
        nn.Conv2d(2, 4, 3),
        nn.ConvTranspose2d(4, 2, 3),
        nn.Sequential(nn.Linear(4, 4), nn.Tanh()),
    ],
)
def test_power_iterations_find_the_largest_singular_value(module):
    torch.manual_seed(0)
    module = module.double()
    params = {n: torch.randn_like(p) for n, p in module.named_parameters()}
    left = {n: u.double() for n, u in vectors(module).items()}
    for _ in range(200):
        normalised, left = power_step(module, params, left)
    for name, weight in params.items():
        if weight.ndim == 1:
            assert normalised[name] is weight
            continue
        turned = isinstance(module, nn.ConvTranspose2d)
        matrix = (weight.transpose(0, 1) if turned else weight).flatten(1)
        largest = torch.linalg.matrix_norm(matrix, 2)
        assert torch.allclose(normalised[name], weight / largest, atol=1e-9)


def test_a_power_step_is_that_of_torchs_parametrisation():
    torch.manual_seed(1)
    layer = nn.Linear(6, 4).double()
    twin = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 4).double(), n_power_iterations=1, eps=1e-12)
    twin.parametrizations.weight.original.data.copy_(layer.weight.data)
    u = twin.parametrizations.weight[0]._u.clone()
    theirs = twin.weight
    normalised, renewed = power_step(layer, dict(layer.named_parameters()), {"weight": u})
    # Theirs has iterated before: after many steps both have found the same vectors.
    assert renewed["weight"].norm().item() == pytest.approx(1.0)
    for _ in range(300):
        theirs = twin(torch.zeros(1, 6).double()) is not None and twin.weight
        normalised, renewed = power_step(layer, dict(layer.named_parameters()), renewed)
    assert torch.allclose(normalised["weight"], theirs, atol=1e-9)


@pytest.mark.parametrize(("architecture", "data"), [(MLP, "ring"), (DCGAN, "digits")])
@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])
def test_sngans_critic_is_seen_with_unit_norms_and_its_vectors_move(architecture, data, seeds):
    trainer = trained(make_job("sngan", seeds, iterations=3, architecture=architecture), data)
    game, state = trainer.game, trainer.replicas.state_of(0)
    assert {n.split(".")[0] for n in state} == {"spectral"}
    fresh = game.state()
    assert any(not torch.allclose(state[n], fresh[n], atol=1e-3) for n in fresh)
    critic = Network(trainer.replicas.skeletons["critic"], trainer.replicas.of(0)["critic"])
    play = Play({"critic": critic}, {}, {}, SimpleNamespace(), state)
    for _ in range(100):
        seen, renewed = game.dressed(play, "critic")
        play = Play({"critic": critic}, {}, {}, SimpleNamespace(), renewed)
    for weight in seen.critic._view(critic.params).values():
        if weight.ndim > 1:
            assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1.0, abs=1e-3)


# Virtual BatchNorm


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4, 4)])
def test_virtual_batchnorm_uses_the_reference_and_the_sample_itself(shape):
    torch.manual_seed(0)
    layer = VirtualBatchNorm(3).double()
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2.0)
        layer.bias.normal_()
    reference, x = torch.randn(7, *shape[1:]).double(), 3 * torch.randn(*shape).double()
    normalised, later = layer(x, reference)
    over = [0, *range(2, len(shape))]
    as_parameter = (1, -1, *[1] * (len(shape) - 2))
    scale, shift = layer.weight.view(as_parameter), layer.bias.view(as_parameter)
    for i in range(len(x)):
        together = torch.cat((reference, x[i : i + 1]))
        variance, mean = torch.var_mean(together, over, correction=0, keepdim=True)
        expected = (x[i : i + 1] - mean) / (variance + layer.eps).sqrt() * scale + shift
        assert torch.allclose(normalised[i : i + 1], expected)
    variance, mean = torch.var_mean(reference, over, correction=0, keepdim=True)
    assert torch.allclose(later, (reference - mean) / (variance + layer.eps).sqrt() * scale + shift)


def test_virtual_batchnorm_needs_its_reference_and_samples_do_not_touch_each_other():
    build = builder({"family": "mlp", "hidden": [6]})
    skeleton = build("critic", (2,), critic_norm="virtual")
    critic = skeleton.to_empty(device="cpu")
    for p in critic.parameters():
        nn.init.normal_(p)
    with pytest.raises(RuntimeError, match="needs a reference batch"):
        critic(torch.zeros(3, 2))
    x, reference = torch.randn(4, 2), torch.randn(9, 2)
    network = Network(critic).beside(reference)
    assert torch.allclose(network(x)[:2], network(x[:2]), atol=1e-6)
    assert isinstance(critic, Stack)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])
def test_the_reference_batch_is_the_first_real_one_and_stays(seeds):
    job = make_job("nsgan+vbn", seeds, iterations=3, architecture={**MLP, "norm": "virtual"})
    trainer = trained(job)
    state = trainer.replicas.state_of(0)
    again = trained(make_job("nsgan+vbn", seeds, iterations=1, architecture={**MLP, "norm": "virtual"}))
    assert state["virtual.critic.known"] == 1
    assert torch.equal(state["virtual.critic"], again.replicas.state_of(0)["virtual.critic"])
    assert state["virtual.critic"].norm(dim=1).max() < 3  # points of the ring
    assert trainer.models(1.0)[0].sample(10).isfinite().all()


# The other options


def test_simultaneous_players_see_the_same_draws_and_weights():
    together = trained(make_job("nsgan+simultaneous", iterations=1, dtype="float64"))
    (game_round,) = together.rounds
    assert game_round.players == ("critic", "generator")
    apart = trained(make_job("nsgan", iterations=1, dtype="float64"))
    moved = {k for k, w in weights(together).items() if (w - weights(apart)[k]).abs().max() > 1e-12}
    assert {k.split(".")[0] for k in moved} == {"generator"}, "the critic's first step is the same"


def test_instance_noise_can_follow_a_schedule_and_none_changes_nothing():
    schedule = {"schedule": "linear", "start": 0.0, "end": 0.0}
    silent = trained(make_job("nsgan+noise", settings={"instance_noise_std": schedule}))
    plain = trained(make_job("nsgan"))
    loud = trained(make_job("nsgan+noise", settings={"instance_noise_std": {**schedule, "start": 1.0}}))
    assert largest_difference(weights(silent), weights(plain)) < 1e-5
    assert largest_difference(weights(loud), weights(plain)) > 1e-3


def test_joint_batches_share_their_statistics():
    settings = [{"critic_norm": "batch", "critic_batches": kind} for kind in ("separate", "joint")]
    separate, joint = (trained(make_job("nsgan", settings=[s])) for s in settings)
    assert not same(weights(separate), weights(joint))
    assert [r.streams for r in joint.rounds] == [("real",), ("real",)]
    assert [r.streams for r in separate.rounds] == [("real",), ()]


def test_historical_averaging_pulls_towards_the_mean_of_the_past():
    """By hand: gradient descent on the distance alone, from the second step on."""
    settings = {"history_weight": 0.1, "optimiser": "sgd", "lr": 0.01}
    trainer = trained(make_job("nsgan+history", iterations=3, settings=settings, dtype="float64"))
    state = trainer.replicas.state_of(0)
    assert state["history.critic"] == state["history.generator"] == 3
    free = trained(
        make_job("nsgan", iterations=1, settings={"optimiser": "sgd", "lr": 0.01}, dtype="float64")
    )
    start = trained(make_job("nsgan+history", iterations=1, settings=settings, dtype="float64"))
    assert same(weights(free), weights(start)), "the first step has no past"
    first = start.replicas.state_of(0)
    before = {n.removeprefix("history."): m for n, m in first.items() if m.ndim}
    assert before.keys() == weights(free).keys()
    two = trained(make_job("nsgan+history", iterations=2, settings=settings, dtype="float64"))
    mean = two.replicas.state_of(0)
    for name, w in weights(start).items():
        assert torch.allclose(mean[f"history.{name}"], (before[name] + w) / 2)


@pytest.mark.parametrize(
    ("variant", "settings", "message"),
    [
        ("nsgan", {"pac": 3, "batch_size": 64}, "batch_size = 64: a multiple of pac = 3"),
        ("nsgan+simultaneous", {"n_critic": 2}, "n_critic and n_generator must be 1"),
        ("wgan-gp", {"critic_norm": "batch"}, "every score depends on the whole batch"),
        ("nsgan+bn+r1", {}, "allow_batchnorm_penalty = true"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(variant, settings, message):
    game = variants.get(variant)
    with pytest.raises(HyperparameterError, match=message):
        game.check(resolve(game.hyperparameters, settings))


def test_a_penalty_over_batchnorm_can_be_asked_for():
    game = variants.get("nsgan+bn+r1")
    game.check(resolve(game.hyperparameters, {"allow_batchnorm_penalty": True}))
    with pytest.raises(HyperparameterError, match="true or false expected"):
        resolve(game.hyperparameters, {"allow_batchnorm_penalty": 1})


@pytest.mark.parametrize("pooling", ["strided", "average", "max"])
def test_poolings_halve_the_side(pooling):
    build = builder({"family": "dcgan", "width": 4, "pooling": pooling})
    critic = build("critic", (1, 16, 16)).to_empty(device="cpu")
    for p in critic.parameters():
        nn.init.normal_(p)
    images = torch.randn(2, 3, 1, 16, 16)
    assert critic(images[0]).shape == (3,)
    apart = torch.stack([critic(one) for one in images])
    assert torch.allclose(vmap(critic)(images), apart, atol=1e-4)
