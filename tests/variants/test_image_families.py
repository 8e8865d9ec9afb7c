"""The families `resnet`, `unet` and `patch`: norms, maps of scores, conditions, refusals."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.norms import AdaptiveNorm, InstanceNorm, norm_layer
from gan_bench.variants.networks.patch import receptive_field
from tests.variants.image_networks import LABEL, LATENT, POINTS, STYLE, image, images, real

# Norms


def test_instance_norm_is_pytorchs():
    x = 3.0 + 2.0 * images(4, 3, 5, 6)
    assert torch.allclose(InstanceNorm(3)(x), nn.InstanceNorm2d(3)(x))
    ours, theirs = InstanceNorm(3, affine=True).double(), nn.InstanceNorm2d(3, affine=True).double()
    for layer in (ours, theirs):
        layer.weight.data = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
        layer.bias.data = torch.tensor([0.0, 3.0, -1.0], dtype=torch.float64)
    assert torch.allclose(ours(x), theirs(x))


def test_a_style_sets_the_mean_and_the_deviation_of_every_channel():
    layer = real(AdaptiveNorm(3, 4))
    x, style = 3.0 + 2.0 * images(2, 3, 16, 16), images(2, 4)
    shift, scale = (style @ layer.affine.weight.T + layer.affine.bias).split(3, dim=1)
    y = layer(x, style)
    assert torch.allclose(y.mean((2, 3)), shift)
    assert torch.allclose(y.std((2, 3), correction=0), (1 + scale).abs(), rtol=1e-4)


@pytest.mark.parametrize("layer", [InstanceNorm(3), AdaptiveNorm(3, 4)])
def test_one_position_has_no_statistics(layer):
    with pytest.raises(Misfit, match="one value per channel"):
        layer(torch.zeros(2, 3, 1, 1), *[torch.zeros(2, 4)] * isinstance(layer, AdaptiveNorm))


def test_instance_norm_is_left_out_at_one_position_and_refused_for_vectors():
    assert norm_layer("instance", 3, (1, 1)) == []
    assert isinstance(norm_layer("instance", 3, (1, 2))[0], InstanceNorm)
    with pytest.raises(Misfit, match="takes maps, not vectors"):
        norm_layer("instance", 3)


# Maps of scores


@pytest.mark.parametrize(
    ("side", "layers", "scores"), [(256, 3, 30), (128, 3, 14), (64, 2, 14), (28, 1, 12), (8, 1, 2)]
)
def test_smaller_images_have_fewer_layers(side, layers, scores):
    critic = builder({"family": "patch"}).critic(image(1, side))
    assert sum(isinstance(m, nn.Conv2d) and m.stride == (2, 2) for m in critic.modules()) == layers
    assert critic(torch.empty(2, 1, side, side, device="meta")).shape == (2, scores, scores)


@pytest.mark.parametrize(("layers", "published"), [(1, 16), (2, 34), (3, 70), (4, 142)])
def test_the_square_of_a_score_is_the_published_one(layers, published):
    """The table of models.lua, and the pixels at which the gradient of one score is not zero."""
    assert receptive_field(layers) == published
    if layers < 4:
        critic = real(builder({"family": "patch", "width": 2, "layers": layers}).critic(image(1, 192)))
        x = images(1, 1, 192, 192).requires_grad_()
        scores = critic(x)
        scores[0, scores.shape[1] // 2, scores.shape[2] // 2].backward()
        assert (x.grad[0, 0].abs().amax(0) > 0).sum() == published


@pytest.mark.parametrize("family", ["patch", "resnet"])
def test_labels_are_projected_onto_the_features(family):
    """Scores under two labels differ by the product of the embeddings' difference and the features."""
    critic = real(builder({"family": family, "width": 4}).critic(image(1, 16), LABEL))
    x, zero, two = images(3, 1, 16, 16), torch.zeros(3, dtype=torch.int64), torch.full((3,), 2)
    away = critic.projections[0].embed.weight[2] - critic.projections[0].embed.weight[0]
    features = critic.features(x)
    if family == "patch":
        kernel = torch.full((1, 1, 4, 4), 1 / 16, dtype=torch.float64)
        expected = nn.functional.conv2d(
            (features * away[:, None, None]).sum(1, keepdim=True), kernel, padding=1
        )
        expected = expected[:, 0]
    else:
        expected = features.sum((2, 3)) @ away
    assert torch.allclose(critic(x, two) - critic(x, zero), expected)


# Conditions


@pytest.mark.parametrize("condition", ["channels", "adaptive"])
def test_a_translation_depends_on_the_domain(condition):
    space = image(1, 16)
    build = builder({"family": "resnet", "width": 4, "blocks": 1, "condition": condition})
    network = real(build.translator(space, LABEL, makes=space))
    x = images(3, 1, 16, 16)
    one, other = (network(x, torch.full((3,), label)) for label in (0, 1))
    assert (one - other).abs().max() > 1e-3
    reflecting = any(isinstance(m, nn.Conv2d) and m.padding_mode == "reflect" for m in network.modules())
    assert reflecting == (condition == "adaptive")


def test_content_and_style_make_an_image():
    build = builder({"family": "resnet", "width": 4, "blocks": 1, "head": "mean"})
    content = build.encoder(image(1, 28))
    decoder = real(build.decoder(content.makes, STYLE, makes=image(1, 28)))
    style = real(build.encoder(image(1, 28), makes=STYLE))
    x = images(2, 1, 28, 28)
    made = decoder(real(content)(x), style(x))
    assert made.shape == x.shape
    assert (made - decoder(real(content)(x), style(x) + 1.0)).abs().max() > 1e-3


def test_a_code_and_a_style_may_be_one_space():
    build = builder({"family": "resnet", "width": 2, "blocks": 1})
    decoder = real(build.decoder(LATENT, LATENT, makes=image(1, 8)))
    code, style = images(2, 5), images(2, 5, seed=2)
    assert decoder(code, style).shape == (2, 1, 8, 8)
    assert (decoder(code, style) - decoder(style, code)).abs().max() > 1e-3


@pytest.mark.parametrize(("codes", "joined"), [("every", 4), ("first", 1)])
def test_a_u_net_joins_a_code_as_constant_channels(codes, joined):
    build = builder({"family": "unet", "width": 4, "codes": codes})
    alone, coded = (
        [
            m.in_channels
            for m in build.translator(*inputs, makes=image(1, 16)).modules()
            if isinstance(m, nn.Conv2d)
        ]
        for inputs in ((image(1, 16),), (image(1, 16), LATENT))
    )
    assert [b - a for a, b in zip(alone, coded, strict=True)] == [5] * joined + [0] * (4 - joined)


@pytest.mark.parametrize(("family", "period"), [("unet", True), ("unet-nearest", False)])
def test_only_transposed_convolutions_make_a_checkerboard_of_a_constant_image(family, period):
    build = builder({"family": family, "width": 4, "depth": 2, "norm": "none", "dropout": 0.0})
    made = real(build.translator(image(1, 32), makes=image(1, 32)))(torch.full((1, 1, 32, 32), 0.5).double())
    inner = made[..., 12:20, 12:20]  # no zero padding reaches it
    steps = (inner[..., 1:] - inner[..., :-1]).abs().max()
    assert (steps > 1e-3) == period
    assert made.std() > 1e-3  # the border shows that the network is not constant


@pytest.mark.parametrize("sides", [(28, 28), (27, 19), (5, 7)])
def test_a_u_net_of_nearest_neighbours_takes_any_sides(sides):
    space = Space((1, *sides), bounds=(-1.0, 1.0))
    network = real(builder({"family": "unet-nearest", "width": 4}).translator(space, makes=space))
    assert network(torch.zeros(2, 1, *sides).double()).shape == (2, 1, *sides)


# Refusals


@pytest.mark.parametrize(
    ("family", "purpose", "inputs", "details", "message"),
    [
        ("resnet", "generator", (LATENT,), {"makes": POINTS}, "with even sides above 4, are expected; mlp"),
        ("resnet", "generator", (LATENT,), {"makes": image(1, 9)}, "even sides above 4"),
        ("resnet", "generator", (image(1, 16),), {"makes": image(1, 16)}, "a translator takes images"),
        ("resnet", "classifier", (POINTS,), {"classes": 3}, "mlp takes any shape"),
        ("resnet", "critic", (image(1, 16), image(1, 8)), {}, "images of one size"),
        ("resnet", "translator", (POINTS,), {"makes": POINTS}, "mlp takes any shape"),
        ("resnet", "translator", (image(1, 18),), {"makes": image(1, 18)}, "divisible by 4"),
        ("resnet", "translator", (image(1, 16),), {"makes": image(1, 24)}, "powers of two"),
        ("resnet", "decoder", (Space((4, 5, 5)),), {"makes": image(1, 16)}, "sides from 2 that double"),
        ("resnet", "encoder", (image(1, 16),), {"makes": Space((4, 8, 8))}, "vectors, or maps of 4x4"),
        ("resnet", "decoder", (Space((4, 3, 3)),), {"makes": image(1, 3)}, "1x3x3 in [-1, 1] is too small"),
        ("resnet", "translator", (image(1, 8),), {"makes": image(1, 2)}, "sides of at least 4"),
        ("unet", "translator", (POINTS,), {"makes": POINTS}, "mlp takes any shape"),
        ("unet", "translator", (image(1, 16),), {"makes": image(1, 8)}, "which 1x8x8 in [-1, 1] must"),
        ("unet", "critic", (image(1, 16),), {}, "patch, resnet"),
        ("patch", "critic", (POINTS,), {}, "mlp takes any shape"),
        ("patch", "critic", (image(1, 5),), {}, "sides of at least 6"),
        ("patch", "generator", (LATENT,), {"makes": image(1, 16)}, "resnet"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(family, purpose, inputs, details, message):
    with pytest.raises(Misfit, match=re.escape(message)) as error:
        getattr(builder({"family": family}), purpose)(*inputs, **details)
    assert str(error.value).startswith(f"architecture {family} has no {purpose}")
    assert "\n" not in str(error.value)
