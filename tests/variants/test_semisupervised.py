"""Games of few labels: where gradients flow, what is fixed, what is pasted back (closed forms: `forms/`)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from gan_bench import variants
from gan_bench.spaces import Grid, Space
from gan_bench.variants import DataSpec, Network, Play, Subset
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from tests.variants.scenes import Scene

seeds = st.integers(0, 2**32 - 1)
IMAGE, LABEL = Space((1, 8, 8), (-1.0, 1.0)), Space(classes=3)
DATA = DataSpec.of(real=IMAGE, labelled={"real": IMAGE, "label": LABEL})
GAMES = pytest.mark.parametrize("variant", ["sgan", "sgan-n", "sgan-fm", "ccgan"])


class Small:
    """A game on networks of two hidden layers and fixed draws."""

    def __init__(self, variant, data=DATA, **hp):
        kind = variants.get(variant)
        common = {k: v for k, v in {"latent_dim": 2, "batch_size": 6}.items() if k in kind.hyperparameters}
        values = resolve(kind.hyperparameters, common, hp)
        self.game = kind(data, SimpleNamespace(**values))
        numbers = torch.Generator().manual_seed(1)
        networks = self.game.networks(builder({"family": "mlp", "hidden": [5, 4]}))
        self.modules = {role: m.to_empty(device="cpu").double() for role, m in networks.items()}
        for module in self.modules.values():
            initialise(module, numbers, "default")
        x, y = (torch.rand(6, *IMAGE.shape, generator=numbers).double() * 2 - 1 for _ in range(2))
        labels = torch.randint(3, (6,), generator=numbers)
        self.batch = {"real": x, "labelled": {"real": y, "label": labels}}
        draws = {name: law.draw(1, 6, numbers)[0] for name, law in self.game.noise().items()}
        self.noise = {name: d.double() if d.is_floating_point() else d for name, d in draws.items()}
        self.hp = SimpleNamespace(**values)

    @property
    def play(self):
        roles = {role: Network(module) for role, module in self.modules.items()}
        return Play(roles, self.batch, self.noise, self.hp, {})

    def slopes(self, player, role):
        (found,) = (p for p in self.game.players() if p.name == player)
        weights = list(self.modules[role].parameters())
        return torch.autograd.grad(found.loss(self.play).value, weights, materialize_grads=True)


@GAMES
def test_each_player_has_a_gradient_in_every_weight_of_its_own(variant):
    small = Small(variant)
    for player in small.game.players():
        for role in player.trains:
            assert all(slope.abs().max() > 0 for slope in small.slopes(player.name, role)), (player, role)


@GAMES
def test_the_generator_learns_nothing_from_labels(variant):
    small = Small(variant)
    before = small.slopes("generator", "generator")
    small.batch["labelled"] = None
    assert all(torch.equal(a, b) for a, b in zip(before, small.slopes("generator", "generator"), strict=True))


@GAMES
def test_without_weight_labels_do_not_matter(variant):
    small = Small(variant, label_weight=0.0)
    before = small.slopes("critic", "critic")
    small.batch["labelled"]["label"] = (small.batch["labelled"]["label"] + 1) % 3
    after = small.slopes("critic", "critic")
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


@GAMES
def test_unlabelled_samples_teach_the_critic(variant):
    small = Small(variant)
    before = small.slopes("critic", "critic")
    small.batch["real"] = -small.batch["real"]
    assert not torch.equal(before[0], small.slopes("critic", "critic")[0])


@settings(max_examples=20)
@given(seed=seeds)
def test_all_classes_together_are_the_opposite_of_fake(seed):
    """The sigmoid of the score is 1 - p(FAKE) under the softmax over all outputs."""
    for variant in ("sgan", "sgan-n"):
        scene = Scene(variant, seed)
        (critic,) = scene.game.critics
        judged = critic.judge(scene.play().critic, (scene.batch["real"],))
        fake = softmax(judged.logits.detach().numpy(), axis=1)[:, -1]
        assert torch.sigmoid(judged.scores).detach().numpy() == pytest.approx(1 - fake)


def test_with_its_logit_free_fake_can_be_known_without_the_classes():
    """A constant added to all class logits and to FAKE's changes nothing; to the classes' alone, it does."""
    scene = Scene("sgan")
    before = scene.losses()["critic"]
    with torch.no_grad():
        scene.modules["critic"].bias += torch.tensor([-0.7, 0.7, 0.7, 0.7]).double()
    assert scene.losses()["critic"] == pytest.approx(before)
    fixed = Scene("sgan-n")
    before = fixed.losses()["critic"]
    with torch.no_grad():
        fixed.modules["critic"].bias += 0.7
    assert fixed.losses()["critic"] != pytest.approx(before, rel=1e-3)


@pytest.mark.parametrize("variant", ["sgan", "sgan-n", "ccgan", "supervised"])
def test_classification_is_over_the_real_classes(variant):
    small = Small(variant)
    made = small.game.classify(small.play)
    assert made.shape == (6, 3)
    outputs = small.modules["critic"](small.batch["real"])
    assert torch.equal(made, outputs if variant == "sgan-n" else outputs[1])


@pytest.mark.parametrize(
    ("labels", "balanced", "found"),
    [(0, True, {}), (50, True, {"labelled": Subset(50, "label")}), (7, False, {"labelled": Subset(7)})],
)
@pytest.mark.parametrize("variant", ["sgan", "ccgan", "supervised"])
def test_the_labels_that_are_read_are_a_subset_of_one_stream(variant, labels, balanced, found):
    assert Small(variant, labels=labels, balanced_labels=balanced).game.subsets() == found


def test_the_row_of_all_labels_has_no_number_of_labels():
    game = variants.get("supervised-all")
    assert "labels" not in game.hyperparameters
    assert Small("supervised-all").game.subsets() == {}


def test_supervised_training_begins_with_the_weights_of_sgans_critic():
    from tests.training import make_job, trained

    kept = []
    for variant in ("sgan", "supervised", "supervised-all"):
        job = make_job(variant, (5,), iterations=1, settings={"lr": 1e-12})
        kept.append(trained(job, "digits").replicas.params["critic"])
    for other in kept[1:]:
        for name, weight in kept[0].items():
            assert torch.allclose(weight, other[name], atol=1e-9)


def test_groups_and_norms_that_do_not_fit_are_refused():
    with pytest.raises(HyperparameterError, match="pac = 2: 1 expected"):
        variants.get("sgan").check({**resolve(variants.get("sgan").hyperparameters), "pac": 2})
    with pytest.raises(Misfit, match="critic_norm = batch: the critic is a classifier"):
        Small("sgan-n", critic_norm="batch")


# Context-conditional GAN


def test_the_context_is_the_true_one_and_the_critic_sees_it():
    small = Small("ccgan")
    x, hole = small.batch["real"], small.noise["hole"].bool()
    (made,) = small.game.fakes(small.play)["critic"]
    assert torch.equal(made[~hole], x[~hole])
    assert (made[hole] != x[hole]).all()
    assert torch.equal(small.game.inpaint(small.play), made)


def test_the_generator_does_not_see_what_the_hole_covers():
    small = Small("ccgan")
    hole = small.noise["hole"]
    (before,) = small.game.fakes(small.play)["critic"]
    small.batch["real"] = small.batch["real"] + hole * torch.randn(hole.shape)
    (after,) = small.game.fakes(small.play)["critic"]
    assert torch.equal(before, after)


def test_a_small_copy_shows_the_means_of_blocks():
    small = Small("ccgan", low_resolution=4)
    (copy,) = small.game.beside(small.batch["real"])
    blocks = small.batch["real"].numpy().reshape(6, 2, 4, 2, 4).mean((2, 4))
    assert copy.numpy()[:, 0] == pytest.approx(np.kron(blocks, np.ones((4, 4))))
    assert small.game.inpaint(small.play).shape == small.batch["real"].shape
    assert Small("ccgan").game.beside(small.batch["real"]) == ()


def test_holes_follow_the_native_grid_of_the_data():
    spans = ((0, 4), (4, 8))
    data = DataSpec(DATA.spaces, DATA.streams, enlarged=Grid(spans, spans))
    masks = Small("ccgan", data).noise["hole"]
    assert {*masks.sum((1, 2, 3)).tolist()} == {16.0}
    assert data.grid.rows == spans
    assert DATA.grid == Grid.plain(8, 8)


def test_sides_of_holes_ascend_and_points_have_no_holes():
    game = variants.get("ccgan")
    with pytest.raises(HyperparameterError, match=r"hole_low = 0\.6: at most hole_high"):
        game.check({**resolve(game.hyperparameters), "hole_low": 0.6})
    plane = Space((2,))
    assert "holes of images" in game.refuses(
        DataSpec.of(real=plane, labelled={"real": plane, "label": LABEL})
    )
