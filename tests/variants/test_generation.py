"""The objectives against numbers worked out in NumPy, and the properties their papers rest on."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import variants
from variants import DataSpec, Network, Play
from variants.generation.ebgan import pulling_away

REAL = np.array([0.5, -1.25, 3.0, 0.0])
FAKE = np.array([-0.75, 2.0, 1.5, -4.0])


def sigmoid(s):
    return 1.0 / (1.0 + np.exp(-s))


def cross_entropy(scores, target):
    p = sigmoid(scores)
    return -(target * np.log(p) + (1 - target) * np.log(1 - p)).mean()


def hand(variant, real, fake, smoothing=0.0):
    """Critic's and generator's objective as the papers write them, with probabilities and logarithms."""
    match variant:
        case "gan":
            critic = cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0)
            return critic, np.log(1 - sigmoid(fake)).mean()
        case "nsgan":
            return cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0), -np.log(sigmoid(fake)).mean()
        case "lsgan":
            critic = 0.5 * ((real - (1 - smoothing)) ** 2).mean() + 0.5 * (fake**2).mean()
            return critic, 0.5 * ((fake - 1) ** 2).mean()
        case "rlsgan":
            return ((real - fake - (1 - smoothing)) ** 2).mean(), ((fake - real - 1) ** 2).mean()
        case "ralsgan":
            above, below = real - fake.mean(), fake - real.mean()
            critic = ((above - (1 - smoothing)) ** 2).mean() + ((below + 1) ** 2).mean()
            return critic, ((below - 1) ** 2).mean() + ((above + 1) ** 2).mean()
        case "rhinge":
            return np.maximum(0, 1 - real + fake).mean(), np.maximum(0, 1 - fake + real).mean()
        case "rahinge":
            above, below = real - fake.mean(), fake - real.mean()
            critic = np.maximum(0, 1 - above).mean() + np.maximum(0, 1 + below).mean()
            return critic, np.maximum(0, 1 - below).mean() + np.maximum(0, 1 + above).mean()
        case "hinge" | "sngan":
            return np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), -fake.mean()
        case "bgan":
            critic = cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0)
            return critic, 0.5 * ((np.log(sigmoid(fake)) - np.log(1 - sigmoid(fake))) ** 2).mean()
        case "bgan-discrete" | "veegan":
            generator = -fake.mean() if variant == "veegan" else None
            return cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0), generator
        case "softmax-gan":
            p = np.exp(np.concatenate([real, fake]))
            p /= p.sum()
            return -np.log(p[: len(real)]).mean(), -np.log(p).mean()
        case "ebgan" | "ebgan-pt":
            return real.mean() + np.maximum(0, 1 - fake).mean(), fake.mean()
        case "unrolled":
            return hand("gan", real, fake, smoothing)
        case "dcgan" | "pacgan" | "consensus" | "dragan" | "r1gan" | "r2gan":
            return hand("nsgan", real, fake, smoothing)
        case "r3gan":
            return hand("rsgan", real, fake, smoothing)
        case "wgan" | "wgan-gp" | "wgan-div":
            return -(real.mean() - fake.mean()), -fake.mean()
        case "rsgan":
            return cross_entropy(real - fake, 1 - smoothing), -np.log(sigmoid(fake - real)).mean()
        case "ragan":
            above, below = real - fake.mean(), fake - real.mean()
            critic = cross_entropy(above, 1 - smoothing) + cross_entropy(below, 0)
            return critic, cross_entropy(below, 1) + cross_entropy(above, 0)
    raise AssertionError(variant)


OWN = [name for name in variants.names() if variants.get(name).__module__.startswith("variants.generation")]
UNSCORED = ["began", "bgan-discrete"]
"""What the generator minimises is no function of scores, or the critic's has state."""
SCORED = [name for name in OWN if name not in UNSCORED]
SMOOTHED = ["gan", "nsgan", "lsgan", "rsgan", "ragan", "rlsgan", "ralsgan", "bgan", "veegan"]


def game(variant, **settings):
    """A game on planar data with its default structure."""
    declared = variants.get(variant).hyperparameters
    structure = {name: h.default for name, h in declared.items() if h.kind == "structural"}
    return variants.get(variant)(DataSpec({"real": (2,)}), SimpleNamespace(**structure | settings))


def objectives(variant, real, fake, smoothing=0.0):
    """Both objectives of the game, as floats."""
    real, fake = (torch.as_tensor(np.asarray(s), dtype=torch.float64) for s in (real, fake))
    hp = SimpleNamespace(label_smoothing=smoothing, margin=1.0)
    ours = game(variant)
    return [getattr(ours, f"{p}_objective")(real, fake, hp).item() for p in ("critic", "generator")]


@pytest.mark.parametrize("variant", SCORED)
def test_objectives_on_fixed_scores(variant):
    assert objectives(variant, REAL, FAKE) == pytest.approx(hand(variant, REAL, FAKE), abs=1e-12)


def test_objectives_against_numbers_from_a_calculator():
    """Scores 0 for real and ln 3 for fake: D = 1/2 and 3/4."""
    real, fake = np.zeros(2), np.full(2, np.log(3.0))
    assert objectives("gan", real, fake) == pytest.approx([np.log(8), -np.log(4)])
    assert objectives("nsgan", real, fake)[1] == pytest.approx(np.log(4 / 3))
    assert objectives("lsgan", [0.0], [3.0]) == pytest.approx([0.5 + 4.5, 2.0])
    assert objectives("wgan", [1.0, 3.0], [5.0, 9.0]) == pytest.approx([5.0, -7.0])
    assert objectives("rsgan", real, fake) == pytest.approx([np.log(4), np.log(4 / 3)])
    assert objectives("ragan", real, fake) == pytest.approx([2 * np.log(4), 2 * np.log(4 / 3)])


@pytest.mark.parametrize("variant", SMOOTHED)
@pytest.mark.parametrize("smoothing", [0.05, 0.3])
def test_label_smoothing_moves_the_target_of_real_scores_only(variant, smoothing):
    expected = hand(variant, REAL, FAKE, smoothing)
    assert objectives(variant, REAL, FAKE, smoothing) == pytest.approx(expected, abs=1e-12)
    per_replica = torch.tensor(smoothing, dtype=torch.float64)
    assert objectives(variant, REAL, FAKE, per_replica) == pytest.approx(expected, abs=1e-12)
    assert objectives(variant, REAL, FAKE, smoothing)[0] != objectives(variant, REAL, FAKE)[0]


@pytest.mark.parametrize("variant", SCORED)
def test_objectives_stay_finite_on_extreme_scores(variant):
    assert np.isfinite(objectives(variant, [1e4, -1e4], [-1e4, 1e4])).all()


scores = arrays(np.float64, 6, elements=st.floats(-20, 20))
orders = st.permutations(range(6))


DIFFERENCES = ["wgan", "rsgan", "ragan", "rlsgan", "ralsgan", "rhinge", "rahinge", "softmax-gan"]


@pytest.mark.parametrize("variant", DIFFERENCES)
@settings(max_examples=25)
@given(real=scores, fake=scores, shift=st.floats(-50, 50))
def test_only_score_differences_matter(variant, real, fake, shift):
    before, after = objectives(variant, real, fake), objectives(variant, real + shift, fake + shift)
    assert after[0] == pytest.approx(before[0], abs=1e-8)
    moved = -shift if variant == "wgan" else 0.0  # WGAN's generator sees one side of the difference only
    assert after[1] == pytest.approx(before[1] + moved, abs=1e-8)


PAIRED = ["rsgan", "rlsgan", "rhinge", "r3gan"]


@pytest.mark.parametrize("variant", [name for name in SCORED if name not in PAIRED])
@settings(max_examples=25)
@given(real=scores, fake=scores, first=orders, second=orders)
def test_the_order_within_a_batch_does_not_matter(variant, real, fake, first, second):
    expected = objectives(variant, real, fake)
    assert objectives(variant, real[first], fake[second]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("variant", PAIRED)
@settings(max_examples=25)
@given(real=scores, fake=scores, order=orders)
def test_pairs_keep_their_order_together(variant, real, fake, order):
    expected = objectives(variant, real, fake)
    assert objectives(variant, real[order], fake[order]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("variant", PAIRED)
def test_it_matters_who_is_paired_with_whom(variant):
    apart = objectives(variant, REAL, FAKE[::-1].copy())
    assert objectives(variant, REAL, FAKE)[0] != pytest.approx(apart[0])


@given(real=scores, fake=scores)
def test_minimax_is_zero_sum_in_the_fake_term(real, fake):
    critic, generator = objectives("gan", real, fake)
    only_real = objectives("gan", real, np.full(6, -800.0))[0]  # a fake term of 0
    assert generator == pytest.approx(-(critic - only_real), abs=1e-9)


@given(fake=scores)
def test_minimax_and_non_saturating_agree_on_the_direction(fake):
    tensor = torch.as_tensor(fake).requires_grad_()
    slopes = {}
    for variant in ("gan", "nsgan"):
        loss = game(variant).generator_objective(None, tensor, SimpleNamespace())
        slopes[variant] = torch.autograd.grad(loss, tensor)[0].numpy()
    assert slopes["gan"] * 6 == pytest.approx(-sigmoid(fake), abs=1e-12)
    assert slopes["nsgan"] * 6 == pytest.approx(-sigmoid(-fake), abs=1e-12)


@pytest.mark.parametrize("variant", ["rsgan", "ragan", "rlsgan", "ralsgan", "rhinge", "rahinge"])
@settings(max_examples=25)
@given(real=scores, fake=scores)
def test_relativistic_generators_play_the_critics_game_with_roles_exchanged(variant, real, fake):
    assert objectives(variant, real, fake)[1] == pytest.approx(objectives(variant, fake, real)[0], abs=1e-9)


# WGAN's constraint


@given(weights=arrays(np.float64, (3, 2), elements=st.floats(-5, 5)), bound=st.floats(1e-3, 2))
def test_clipping_is_the_projection_on_the_cube(weights, bound):
    player = next(p for p in game("wgan").players() if p.name == "critic")
    clipped = player.constraint({"w": torch.as_tensor(weights)}, SimpleNamespace(clip=bound))["w"].numpy()
    assert (clipped == np.minimum(np.maximum(weights, -bound), bound)).all()


def test_only_wgan_constrains_its_critic():
    constrained = {v for v in OWN for p in game(v).players() if p.constraint is not None}
    assert constrained == {"wgan"}


# BEGAN


class Halve(torch.nn.Module):
    """An autoencoder that gives back half of what it gets."""

    def forward(self, x):
        return x / 2


class Identity(torch.nn.Module):
    def forward(self, x):
        return x


def began_play(real, fake, k, gamma=0.5, k_lr=0.1):
    real, fake = (torch.as_tensor(np.asarray(s), dtype=torch.float64) for s in (real, fake))
    networks = {"critic": Network(Halve()), "generator": Network(Identity())}
    hp, state = SimpleNamespace(gamma=gamma, k_lr=k_lr), {"k": torch.tensor(k, dtype=torch.float64)}
    return Play(networks, {"real": real}, {"latent": fake}, hp, state)


def test_began_by_hand():
    real, fake = np.array([[2.0, -4.0], [6.0, 0.0]]), np.array([[1.0, 1.0], [-3.0, 1.0]])
    error_real, error_fake = 1.5, 0.75  # mean of |x| / 2
    play = began_play(real, fake, k=0.2)
    loss = game("began").critic_loss(play)
    balance = 0.5 * error_real - error_fake
    assert loss.value.item() == pytest.approx(error_real - 0.2 * error_fake)
    assert loss.state["k"].item() == pytest.approx(0.2 + 0.1 * balance)
    assert loss.logs["convergence"].item() == pytest.approx(error_real + abs(balance))
    assert loss.logs["k"].item() == 0.2
    assert game("began").generator_loss(play).item() == pytest.approx(error_fake)
    assert game("began").state()["k"].item() == 0.0


@given(
    real=arrays(np.float64, (4, 2), elements=st.floats(-100, 100)),
    fake=arrays(np.float64, (4, 2), elements=st.floats(-100, 100)),
    k=st.floats(0, 1),
    gamma=st.floats(0, 1),
)
def test_began_keeps_k_in_the_unit_interval(real, fake, k, gamma):
    new = game("began").critic_loss(began_play(real, fake, k, gamma)).state["k"].item()
    assert 0.0 <= new <= 1.0
    balance = gamma * np.abs(real).mean() / 2 - np.abs(fake).mean() / 2
    assert new == pytest.approx(min(1.0, max(0.0, k + 0.1 * balance)), abs=1e-12)


# The common game of two players


@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "rsgan"])
def test_scores_in_one_pass_or_two_are_the_same(variant):
    torch.manual_seed(0)
    critic = Network(torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Flatten(0)).double())
    real, fake = torch.randn(2, 5, 2, dtype=torch.float64)
    together = game(variant).scores(critic, real, fake)
    apart = game(variant, critic_norm="batch").scores(critic, real, fake)
    for joint, single in zip(together, apart, strict=True):
        assert torch.allclose(joint, single, atol=1e-14)


def test_rounds_follow_the_declared_repeats():
    critic, generator = game("wgan-gp", n_critic=5, n_generator=2).rounds()
    assert (critic.players, critic.repeat, critic.streams) == (("critic",), 5, ("real",))
    assert set(critic.noise) == {"latent", "interpolation"}
    assert (generator.players, generator.repeat, generator.streams) == (("generator",), 2, ())
    assert game("rsgan").rounds()[1].streams == ("real",)


def test_the_paper_profiles_hold_the_papers_numbers():
    paper = {name: variants.get(name).profiles["paper"] for name in variants.names() if "plugin" not in name}
    assert paper["wgan"] == paper["wgan"] | {"lr": 5e-5, "clip": 0.01, "n_critic": 5, "optimiser": "rmsprop"}
    assert paper["wgan-gp"] == paper["wgan-gp"] | {
        "lr": 1e-4,
        "beta1": 0.0,
        "beta2": 0.9,
        "penalty_weight": 10.0,
        "n_critic": 5,
    }
    assert paper["ragan"]["beta1"] == 0.5
    assert paper["gan"]["latent_law"] == "uniform"


# EBGAN


def test_ebgan_by_hand():
    real, fake = np.array([[2.0, -4.0], [6.0, 0.0]]), np.array([[1.0, 1.0], [-3.0, 1.0]])
    energies = [(x**2).mean(1) / 4 for x in (real, fake)]  # (x - x/2)^2, a sample's mean
    play = began_play(real, fake, k=0.0)
    play.hp.margin = 2.0
    loss = game("ebgan").critic_loss(play).item()
    assert loss == pytest.approx(energies[0].mean() + np.maximum(0, 2 - energies[1]).mean())
    assert game("ebgan").generator_loss(play).item() == pytest.approx(energies[1].mean())


@given(real=scores, fake=arrays(np.float64, 6, elements=st.floats(2, 20)), margin=st.floats(0.1, 2))
def test_beyond_the_margin_ebgans_critic_lets_go(real, fake, margin):
    tensor = torch.as_tensor(fake + margin).requires_grad_()
    loss = game("ebgan").critic_objective(torch.as_tensor(real), tensor, SimpleNamespace(margin=margin))
    assert torch.autograd.grad(loss, tensor)[0].abs().max() == 0
    assert loss.item() == pytest.approx(real.mean())


codes = arrays(np.float64, (5, 3), elements=st.floats(-5, 5)).filter(
    lambda c: (np.linalg.norm(c, axis=1) > 1e-2).all()
)


@given(codes=codes, scale=st.floats(0.1, 10), order=st.permutations(range(5)))
def test_the_pulling_away_term_is_a_mean_squared_cosine(codes, scale, order):
    cosines = [
        (a @ b / np.linalg.norm(a) / np.linalg.norm(b)) ** 2
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
        if i != j
    ]
    term = pulling_away(torch.as_tensor(codes)).item()
    assert term == pytest.approx(np.mean(cosines), abs=1e-9)
    assert pulling_away(torch.as_tensor(scale * codes[order])).item() == pytest.approx(term, abs=1e-9)
    assert -1e-12 <= term <= 1 + 1e-12


def test_the_pulling_away_term_at_its_ends():
    assert pulling_away(torch.eye(3).double()).item() == pytest.approx(0.0)
    assert pulling_away(torch.ones(4, 3).double()).item() == pytest.approx(1.0)


# Softmax GAN and BGAN


@given(real=scores, fake=scores)
def test_softmax_gans_optimum_is_equal_scores_and_it_bounds_both_losses(real, fake):
    critic, generator = objectives("softmax-gan", real, fake)
    assert generator >= np.log(12) - 1e-9
    assert critic >= np.log(6) - 1e-9
    assert objectives("softmax-gan", np.full(6, 3.0), np.full(6, 3.0))[1] == pytest.approx(np.log(12))
    assert objectives("softmax-gan", np.zeros(6), np.full(6, -900.0))[0] == pytest.approx(np.log(6))


@given(fake=scores)
def test_bgans_optimum_is_the_decision_boundary(fake):
    assert objectives("bgan", fake, fake)[1] >= objectives("bgan", fake, np.zeros(6))[1] == 0.0


def discrete_play(scores_of, probabilities, uniforms):
    """One latent whose two dimensions are one with these probabilities; M draws of them."""

    class Scores(torch.nn.Module):
        def forward(self, x):
            return scores_of(x)

    class Fixed(torch.nn.Module):
        def forward(self, z):
            return probabilities.expand(len(z), -1)

    networks = {"critic": Network(Scores()), "generator": Network(Fixed())}
    noise = {"latent": torch.zeros(1, 1), "bits": uniforms.unsqueeze(0)}
    return Play(networks, {}, noise, SimpleNamespace(), {})


def test_discrete_bgan_by_hand():
    """Three draws of two bits; the weights are exp(score), normalised over the draws of a latent."""
    p = torch.tensor([0.25, 0.5], dtype=torch.float64)
    uniforms = torch.tensor([[0.1, 0.9], [0.9, 0.1], [0.9, 0.9]], dtype=torch.float64)
    bits = np.array([[1, 0], [0, 1], [0, 0]])
    binary = DataSpec({"real": (2,)}, bounds=(-1.0, 1.0))
    structure = vars(game("bgan-discrete").settings) | {"samples": 3}
    ours = variants.get("bgan-discrete")(binary, SimpleNamespace(**structure))
    loss = ours.generator_loss(discrete_play(lambda x: x @ torch.tensor([0.5, 2.0]).double(), p, uniforms))
    weights = np.exp((2 * bits - 1) @ np.array([0.5, 2.0]))
    weights /= weights.sum()
    likelihood = np.log(np.where(bits, p.numpy(), 1 - p.numpy())).sum(1)
    assert loss.item() == pytest.approx(-(weights * likelihood).sum())
    assert variants.get("bgan-discrete").refuses(DataSpec({"real": (2,)})).startswith("it needs data")


# VEEGAN


def test_veegan_by_hand():
    """G(z) = 2z on one dimension, F(x) = x/4, D(x, z) = x + 10 z."""

    class Times(torch.nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return self.factor * x

    class Pairs(torch.nn.Module):
        def forward(self, pairs):
            return pairs[:, 0] + 10 * pairs[:, 1]

    real, latent = torch.tensor([[4.0], [-8.0]]).double(), torch.tensor([[0.5], [1.0]]).double()
    networks = {
        "generator": Network(Times(2.0)), "reconstructor": Network(Times(0.25)), "critic": Network(Pairs()),
    }  # fmt: skip
    hp = SimpleNamespace(label_smoothing=0.0, reconstruction=3.0)
    play = Play(networks, {"real": real}, {"latent": latent}, hp, {})
    structure = vars(game("veegan").settings) | {"latent_dim": 1}
    ours = variants.get("veegan")(DataSpec({"real": (1,)}), SimpleNamespace(**structure))
    on_real, on_fake = np.array([4 + 10.0, -8 - 20.0]), np.array([1 + 5.0, 2 + 10.0])
    distance = (0.25**2 + 0.5**2) / 2  # z - F(G(z)) = z/2
    expected = cross_entropy(on_real, 1) + cross_entropy(on_fake, 0)
    assert ours.critic_loss(play).item() == pytest.approx(expected)
    assert ours.reconstructor_loss(play).item() == pytest.approx(distance)
    assert ours.generator_loss(play).value.item() == pytest.approx(-on_fake.mean() + 3 * distance)
    (together,) = ours.rounds()
    assert together.players == ("critic", "generator", "reconstructor")


def test_veegan_joins_latents_to_images_as_channels():
    structure = vars(game("veegan").settings) | {"latent_dim": 20}
    ours = variants.get("veegan")(DataSpec({"real": (3, 4, 4)}), SimpleNamespace(**structure))
    assert ours.judged_shape == (5, 4, 4)
    samples, latents = torch.randn(2, 3, 4, 4), torch.randn(2, 20)
    joined = ours.pairs(samples, latents)
    assert torch.equal(joined[:, :3], samples)
    assert torch.equal(joined[:, 3:].flatten(1)[:, :20], latents)
    assert joined[:, 3:].flatten(1)[:, 20:].abs().max() == 0
