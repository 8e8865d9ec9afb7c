"""The judge of perceptual distance: order of damages, agreement with its definition, refusals, training."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors import extractor, judge
from gan_bench.bench.metrics.extractors.train_textures import Classifier, Examples, standardise, train
from gan_bench.datasets.image_files import SUFFIXES
from gan_bench.datasets.photographs import TEST, photographs
from gan_bench.variants.networks.features import FeatureMaps


@pytest.fixture(scope="module")
def crops():
    """Six textured squares of the photograph's middle, uint8 (6, 3, 64, 64)."""
    china = photographs()[0][TEST]
    return np.stack([china[:, 64 * n : 64 * n + 64, 20:84] for n in range(6)]).copy()


def judged(images, others):
    distances = extractor("grain").distances
    return distances(
        *(torch.from_numpy(np.clip(np.rint(x), 0, 255).astype(np.uint8)) for x in (images, others))
    )


def blurred(images, sigma):
    return ndimage.gaussian_filter(images.astype(float), (0, 0, sigma, sigma))


def test_equal_images_have_no_distance_and_the_order_of_a_pair_has_no_effect(crops):
    other = blurred(crops, 1.0)
    assert judged(crops, crops).tolist() == [0.0] * 6
    assert torch.equal(judged(crops, other), judged(other, crops))
    assert (judged(crops, other) > 0).all()


def test_distances_grow_with_blur_and_noise(crops):
    noise = np.random.default_rng(0).normal(size=crops.shape)
    for damage in (blurred, lambda images, s: images + 8 * s * noise):
        far = [judged(crops, damage(crops, s)).mean().item() for s in (0.5, 1.0, 2.0)]
        assert far[0] < far[1] < far[2]


def test_a_smooth_image_is_farther_than_one_of_equal_error_with_texture(crops):
    """PSNR cannot tell these apart: both differ from the truth by the same mean square."""
    smooth = blurred(crops, 2.0)
    error = np.sqrt(np.square(smooth - crops).mean((1, 2, 3), keepdims=True))
    shifted = np.roll(crops, 1, axis=3).astype(float)
    apart = np.sqrt(np.square(shifted - crops).mean((1, 2, 3), keepdims=True))
    share = np.minimum(1.0, error / apart)  # a crossfade, whose error is that share of the shift's
    textured = crops + share * (shifted - crops)
    assert np.square(textured - crops).mean() >= 0.5 * np.square(smooth - crops).mean()
    assert judged(crops, textured).mean() < judged(crops, smooth).mean()


def test_the_distance_is_that_of_lpips_with_equal_weights(crops):
    one, other = (torch.from_numpy(x[:2]) for x in (crops, crops[::-1].copy()))
    network = extractor("grain")._network
    expected = np.zeros(2)
    for a, b in zip(network.maps(one / 127.5 - 1), network.maps(other / 127.5 - 1), strict=True):
        units = [
            x.double().numpy() / np.linalg.norm(x.double().numpy(), axis=1, keepdims=True) for x in (a, b)
        ]
        expected += np.square(units[0] - units[1]).sum(1).mean((1, 2))
    assert extractor("grain").distances(one, other).numpy() == pytest.approx(expected, rel=1e-4)


def test_it_measures_super_resolution_under_its_own_name():
    from gan_bench import datasets
    from gan_bench.bench.metrics import Evaluator

    evaluator = Evaluator(datasets.load("photographs-x4"), samples=10)
    protocol = evaluator.protocol
    assert "perceptual_grain" in protocol["metrics"]
    assert (
        protocol["extractors"]["grain"] == tomllib.loads((judge.FOLDER / "grain.toml").read_text())["sha256"]
    )
    assert "perceptual_grain" not in Evaluator(datasets.load("digits"), samples=10).protocol["metrics"]


def test_other_images_are_refused():
    with pytest.raises(MetricError, match=r"grain takes uint8 images of shape \(n, 3, height, width\)"):
        extractor("grain")(torch.zeros(2, 1, 64, 64, dtype=torch.uint8))


def test_damaged_weights_are_an_error(tmp_path):
    for suffix in ("toml", "safetensors"):
        content = (judge.FOLDER / f"grain.{suffix}").read_bytes()
        (tmp_path / f"grain.{suffix}").write_bytes(content if suffix == "toml" else content[:-1] + b"\0")
    with pytest.raises(MetricError, match=r"damaged extractor weights .*SHA-256"):
        judge.load("cpu", tmp_path)
    with pytest.raises(MetricError, match="cannot read the weights of extractor grain"):
        judge.load("cpu", tmp_path / "nowhere")


# Training


def test_features_get_a_mean_square_of_one():
    generator = torch.Generator().manual_seed(0)
    images = [np.random.default_rng(n).integers(0, 256, (3, 40, 40), dtype=np.uint8) for n in range(2)]
    crops, numbers = Examples(images, generator).draw(20)
    assert crops.shape == (20, 3, 32, 32)
    assert -1 <= crops.min() < crops.max() <= 1
    assert set(numbers.tolist()) == {0, 1}
    body = Classifier(2).body
    before = body(crops).detach()
    standardise(body, crops)
    after = body(crops).detach()
    assert after.square().mean().item() == pytest.approx(1.0, rel=1e-4)
    scale = (after.flatten() @ before.flatten()) / before.square().sum()
    assert torch.allclose(after, scale * before, rtol=1e-3, atol=1e-5), "only the scale may change"
    for layer in range(1, len(body.features)):
        if isinstance(body.features[layer], nn.ReLU):
            x = ((crops + 1) / 2 - body.shift) / body.scale
            assert body.features[: layer + 1](x).square().mean().item() == pytest.approx(1.0, rel=1e-3)


@pytest.mark.slow
def test_both_networks_are_trained_and_written_with_their_cards(tmp_path):
    from PIL import Image

    assert ".png" in SUFFIXES
    for folder, count in (("T91", 16), ("Set5", 1)):
        (tmp_path / "super_resolution" / folder).mkdir(parents=True)
        for n in range(count):
            pixels = np.random.default_rng(n).integers(0, 256, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "super_resolution" / folder / f"{n}.png")
    folders = {"textures": tmp_path / "a", "grain": tmp_path / "b"}
    for folder in folders.values():
        folder.mkdir()
    scores = train(tmp_path, folders, steps=2)
    assert scores.keys() == folders.keys()
    card = tomllib.loads((folders["textures"] / "textures.toml").read_text())
    assert card["images"] == 3
    assert card["steps"] == 2
    assert judge.load("cpu", folders["grain"]).suffix == "grain"
    assert isinstance(Classifier(3).body, FeatureMaps)
