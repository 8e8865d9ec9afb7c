"""Games that restore images: where gradients flow, the warm-up, holes, and the traps of reimplementations."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_bench import variants
from gan_bench.bench.engine import Budget
from gan_bench.bench.engine.train import Trainer, train
from gan_bench.spaces import Grid, Space
from gan_bench.variants import DataSpec, perceptual
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.misfits import Misfit
from tests.contract.test_variants import SR
from tests.training import PICTURES, dataset, largest_difference, make_job
from tests.variants.scenes import Scene

OF_FEATURES = pytest.mark.parametrize("variant", ["srresnet-features", "srgan", "esrgan"])


def slopes_of(scene, player, *roles):
    """The largest derivative of a player's loss in each role's weights."""
    loss = scene.results()[player].value
    found = []
    for role in roles:
        slopes = torch.autograd.grad(
            loss, list(scene.modules[role].parameters()), retain_graph=True, materialize_grads=True
        )
        found.append(max(slope.abs().max().item() for slope in slopes))
    return found


@OF_FEATURES
def test_the_warm_up_learns_pixels_alone(variant):
    scene = Scene(variant)
    roles = [role for role in ("textures", "critic") if role in scene.modules]
    assert slopes_of(scene, "warmup", *roles) == [0.0] * len(roles)
    assert slopes_of(scene, "warmup", "generator")[0] > 0


@OF_FEATURES
def test_features_reach_the_generator_and_are_nobodys(variant):
    scene = Scene(variant)
    scene.hp.pixel_weight = scene.hp.adversarial_weight = 0.0
    assert slopes_of(scene, "generator", "generator")[0] > 0
    assert not any("textures" in player.trains for player in scene.game.players())
    scene.hp.feature_weight = 0.0
    assert slopes_of(scene, "generator", "generator")[0] == 0


@OF_FEATURES
def test_right_images_have_no_content_loss(variant):
    scene = Scene(variant)
    made = scene.modules["generator"](scene.batch["low_high"]["low"]).detach()
    scene.batch["low_high"]["high"] = made
    assert scene.game.content(scene.play(), made).value.item() == 0


def test_only_esrgans_generator_sees_real_scores():
    """ESRGAN's adversarial loss has two halves, of which one is of real samples (eq. 2)."""
    for variant, sees in (("srgan", False), ("esrgan", True), ("srgan(objective=ragan)", True)):
        scene = Scene(variant)
        scene.hp.pixel_weight = scene.hp.feature_weight = 0.0
        before = scene.losses()["generator"]
        scene.batch["low_high"]["high"] = scene.batch["low_high"]["high"] + 1.0
        assert (scene.losses()["generator"] != before) == sees


def test_both_halves_of_esrgan_push_the_generator():
    """With real scores far above, each half alone has the slope 1 in the mean of generated scores."""
    objective = variants.get("esrgan").objective
    fake = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    real = torch.full((4,), 50.0, dtype=torch.float64)
    (slope,) = torch.autograd.grad(objective.generator(real, fake, None), fake)
    assert slope.sum().item() == pytest.approx(-2.0)


@OF_FEATURES
def test_the_critic_does_not_move_in_the_warm_up(variant):
    job = make_job(variant, iterations=4, architecture=SR)
    half, whole = (2 * n * job.hyperparameters[0]["batch_size"] / 1000 for n in (1, 2))
    found = [Trainer(job, dataset(PICTURES)).models(0.0)[0].params]
    keep = lambda point: found.append(  # noqa: E731
        {r: {n: p.clone() for n, p in ps.items()} for r, ps in point.models[0].params.items()}
    )
    train(replace(job, budget=Budget(whole, (half, whole))), dataset(PICTURES), on_point=keep)
    first, warm, last = found
    assert largest_difference(first["generator"], warm["generator"]) > 0
    assert largest_difference(warm["generator"], last["generator"]) > 0
    if "critic" in first:
        assert largest_difference(first["critic"], warm["critic"]) == 0
        assert largest_difference(warm["critic"], last["critic"]) > 0


def test_a_warm_up_of_nothing_is_left_out():
    game = Scene("srgan", warmup=0.0).game
    assert [player.name for player in game.players()] == ["critic", "generator"]
    assert all(game_round.active == (0.0, 1.0) for game_round in game.rounds())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"feature_layer": "4,1"},
            "feature_layer = '4,1': textures has the layers 1,1, 1,2, 2,1",
        ),
        ({"features": "vgg16"}, "unknown choice; did you mean 'vgg19'"),
    ],
)
def test_layers_and_networks_that_there_are_not(settings, message):
    game = variants.get("srgan")
    with pytest.raises(HyperparameterError, match=message):
        game.check(resolve(game.hyperparameters, settings))


def test_vgg19_that_is_not_there_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCH_VGG19", str(tmp_path / "vgg19.pth"))
    with pytest.raises(
        Misfit, match=r"^features = vgg19: there is no file .*vgg19\.pth; .*textures needs none$"
    ):
        Scene("srgan", features="vgg19", feature_layer="5,4")


def test_the_shipped_network_is_the_one_of_this_version():
    """Its weights are part of what these variants learn: raise their versions with the hash."""
    file = perceptual.FOLDER / "textures.safetensors"
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith("28081ab79157")
    versions = {name: variants.info(name).version for name in ("srresnet-features", "srgan", "esrgan")}
    assert versions == {"srresnet-features": 1, "srgan": 1, "esrgan": 1}


def test_judge_and_loss_are_different_networks():
    from gan_bench.bench.metrics.extractors import extractor

    judged = extractor("grain").sha256
    assert judged not in {perceptual._shipped("textures")[1]}
    assert judged != hashlib.sha256((perceptual.FOLDER / "textures.safetensors").read_bytes()).hexdigest()


# Context encoders


def holed(data=None, **settings):
    """The game of context encoders on images of 12x10 pixels."""
    game = variants.get("context-encoder")
    data = data or DataSpec.of(real=Space((2, 12, 10), (-1.0, 1.0)))
    resolved = resolve(game.hyperparameters, settings)
    game.check(resolved)
    structural = {n: v for n, v in resolved.items() if game.hyperparameters[n].kind == "structural"}
    return game(data, variants.base.SimpleNamespace(**structural))


class Halves(torch.nn.Module):
    """A generator that paints 0.5 everywhere, and keeps what it has seen."""

    def forward(self, x):
        self.seen = x
        return torch.full_like(x, 0.5)


def played(game, **hp):
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(3, *game.data.real.shape, generator=generator, dtype=torch.float64)
    gap = game.noise()["hole"].draw(1, 3, generator)[0].double()
    painter = Halves()
    play = variants.base.Play(
        {"generator": variants.Network(painter)}, {"real": x}, {"hole": gap},
        variants.base.SimpleNamespace(**hp), {},
    )  # fmt: skip
    return play, x.numpy(), gap.numpy(), painter


@pytest.mark.parametrize("judged", ["image", "hole"])
@pytest.mark.parametrize("overlap", [0, 2])
def test_the_error_is_of_the_hole_and_its_overlap_alone(judged, overlap):
    game = holed(judged=judged, overlap=overlap)
    play, x, gap, painter = played(game, overlap_weight=10.0, reconstruction_weight=0.7)
    fakes = game.fakes(play)
    loss = game.generator_terms(play, fakes, {})
    square = ndimage.generate_binary_structure(2, 2)
    wide = np.stack([ndimage.binary_dilation(g, square, overlap) if overlap else g > 0 for (g,) in gap])
    weight = np.where(gap[:, 0] > 0, 1.0, 10.0) * wide
    error = (weight[:, None] * (0.5 - x) ** 2).sum() / (2 * wide.sum())
    assert loss.value.item() == pytest.approx(0.7 * error)
    assert (painter.seen.numpy() == x * (1 - gap)).all(), "the generator must not see what it fills"
    filled = np.where(wide[:, None], 0.5, x)
    if judged == "image":
        assert np.allclose(fakes["critic"][0], filled)
    else:
        rows, columns = (np.flatnonzero(wide[0].any(axis)) for axis in (1, 0))
        assert np.allclose(fakes["critic"][0], filled[:, :, rows][..., columns])
        assert game.critics[0].spaces[0].shape == (2, len(rows), len(columns))


def test_what_is_filled_keeps_the_context():
    game = holed(overlap=2)
    play, x, gap, _ = played(game)
    assert np.allclose(game.inpaint(play), np.where(gap > 0, 0.5, x))


def test_a_hole_covers_whole_native_pixels():
    """Of digits that were enlarged from 8x8: half of the side are four native pixels."""
    data = dataset("digits")
    game = holed(DataSpec.of(real=Space((1, 28, 28), (-1.0, 1.0))), judged="hole")
    from gan_bench.bench.engine.facts import data_spec

    native = holed(data_spec(data), judged="hole")
    assert isinstance(native.data.grid, Grid)
    rows, _ = native.window
    edges = {edge for span in native.data.grid.rows for edge in span}
    assert {rows.start, rows.stop} <= edges
    assert game.window == (slice(7, 21), slice(7, 21))


def test_a_critic_of_holes_needs_one_hole():
    with pytest.raises(
        HyperparameterError, match="judged = hole: hole_place = centre and hole_low = hole_high"
    ):
        holed(judged="hole", hole_place="random")
    with pytest.raises(HyperparameterError, match="at most hole_high"):
        holed(hole_low=0.6)


def test_the_paper_compares_what_its_authors_program_does():
    """128 pixels, of which 56 are hidden and 64 are compared and judged (train.lua)."""
    profile = variants.get("context-encoder").profiles["paper"]
    structural = {n: v for n, v in profile.items() if not n.endswith("lr") and n != "beta1"}
    game = holed(DataSpec.of(real=Space((3, 128, 128), (-1.0, 1.0))), **structural)
    assert game.window == (slice(32, 96), slice(32, 96))
    assert game.noise()["hole"].draw(1, 1, torch.Generator())[0].sum().item() == 56**2
