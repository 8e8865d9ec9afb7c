"""The families `resnet`, `unet` and `patch`: published sizes, published layers, conditions, refusals."""

from __future__ import annotations

import itertools
import re

import pytest
import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.norms import AdaptiveNorm, InstanceNorm, norm_layer
from gan_bench.variants.networks.patch import receptive_field
from gan_bench.variants.networks.sizing import parameter_count
from gan_bench.variants.supplies import noises

POINTS, LATENT, LABEL, STYLE = Space((2,)), Space((5,)), Space(classes=3), Space((8,))


def image(channels, height, width=None):
    return Space((channels, height, width or height), (-1.0, 1.0))


def real(network, seed=0):
    """The network with random weights, float64."""
    module = network.to_empty(device="cpu").double()
    initialise(module, torch.Generator().manual_seed(seed))
    return module


def images(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


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


# Published sizes


def test_sizes_are_those_that_the_authors_program_prints():
    """Of the repository pytorch-CycleGAN-and-pix2pix: issues 169 (ResNet) and 1152 (U-Net, PatchGAN)."""
    colour = image(3, 256)
    translator = builder({"family": "resnet", "blocks": 9}).translator(colour, makes=colour)
    cancelled = 64 + 128 + 256 + 9 * 2 * 256 + 128 + 64  # biases before instance norms, which have no effect
    assert parameter_count(translator) + cancelled == 11_378_179

    def count(network):
        return round(parameter_count(network) / 1e6, 3)

    critic = builder({"family": "patch"}).critic
    assert count(critic(colour, colour, norm="batch")) == 2.769
    assert count(critic(image(1, 256), colour, norm="batch")) == 2.767
    assert count(critic(image(1, 256), image(1, 256), norm="batch")) == 2.765
    unet = builder({"family": "unet"}).translator
    alone = 64 + 512  # biases of the outermost and innermost halving, which no norm follows
    assert parameter_count(unet(colour, makes=colour)) - alone == 54_413_955
    grey = unet(image(1, 256), makes=image(1, 256))
    assert round((parameter_count(grey) - alone) / 1e6, 3) == 54.408


def test_sizes_by_hand():
    w, grey = 4, image(1, 28)
    build = builder({"family": "resnet", "width": w, "blocks": 2, "generator_norm": "none"})
    first = (9 * w + w) + (9 * w * w + w) + (w + w)
    second = (9 * w * w + w) + (9 * w * 2 * w + 2 * w) + (w * 2 * w + 2 * w)
    plain = 2 * (9 * 4 * w * w + 2 * w)
    assert parameter_count(build.critic(grey)) == first + second + plain + (2 * w + 1)
    assert parameter_count(build.critic(grey, LABEL)) == first + second + plain + (2 * w + 1) + 3 * 2 * w
    rising = (9 * 2 * w * w + w) + (9 * w * w + w) + (2 * w * w + w)
    last = (9 * w * w + w) + (9 * w * w + w) + (w * w + w)
    generator = (5 * 2 * w * 49 + 2 * w * 49) + rising + last + (9 * w + 1)
    assert parameter_count(build.generator(LATENT, makes=grey)) == generator
    content = 49 * w + 16 * w * 2 * w + 16 * 2 * w * 4 * w + 2 * 2 * 9 * (4 * w) ** 2
    assert parameter_count(build.encoder(grey)) == content
    assert build.encoder(grey).makes == Space((16, 7, 7))


@pytest.mark.parametrize("side", [8, 28, 32])
@pytest.mark.parametrize("width", [8, 64])
def test_an_autoencoder_is_at_most_as_large_as_the_critic(side, width):
    build = builder({"family": "resnet", "width": width})
    critic = parameter_count(build.critic(image(1, side)))
    assert 0.4 * critic < parameter_count(build.autoencoder(image(1, side))) <= critic


# Published layers, written with PyTorch's own


def weighted(ours, theirs):
    """Give `theirs` the weights of `ours`, layer by layer; biases that ours lacks are random."""
    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d)
    own = [
        m
        for m in ours.modules()
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)) or type(m).__name__ == "BatchNorm"
    ]
    other = [m for m in theirs.modules() if isinstance(m, kinds)]
    assert len(own) == len(other)
    for a, b in zip(own, other, strict=True):
        b.weight.data = a.weight.data.clone()
        b.bias.data = (
            torch.randn(b.bias.shape, dtype=torch.float64) if a.bias is None else a.bias.data.clone()
        )
    return theirs


def test_the_translator_is_that_of_cyclegan():
    w = 4

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            half = [nn.ReflectionPad2d(1), nn.Conv2d(4 * w, 4 * w, 3), nn.InstanceNorm2d(4 * w)]
            again = [nn.ReflectionPad2d(1), nn.Conv2d(4 * w, 4 * w, 3), nn.InstanceNorm2d(4 * w)]
            self.layers = nn.Sequential(*half, nn.ReLU(), *again)

        def forward(self, x):
            return x + self.layers(x)

    def up(before, after):
        conv = nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1)
        return conv, nn.InstanceNorm2d(after), nn.ReLU()

    theirs = nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(3, w, 7), nn.InstanceNorm2d(w), nn.ReLU(),
        nn.Conv2d(w, 2 * w, 3, stride=2, padding=1), nn.InstanceNorm2d(2 * w), nn.ReLU(),
        nn.Conv2d(2 * w, 4 * w, 3, stride=2, padding=1), nn.InstanceNorm2d(4 * w), nn.ReLU(),
        Block(), Block(), *up(4 * w, 2 * w), *up(2 * w, w),
        nn.ReflectionPad2d(3), nn.Conv2d(w, 3, 7), nn.Tanh(),
    )  # fmt: skip
    ours = real(
        builder({"family": "resnet", "width": w, "blocks": 2}).translator(image(3, 16), makes=image(3, 16))
    )
    x = images(2, 3, 16, 16)
    assert torch.allclose(ours(x), weighted(ours, theirs.double())(x), atol=1e-10)


def test_the_u_net_is_that_of_pix2pix():
    """Four levels; PyTorch's modules are listed in our order: halvings inwards, then doublings outwards."""
    w = [3, 4, 8, 16, 32]
    downs = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in itertools.pairwise(w))
    ups = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in ((32, 16), (32, 8), (16, 4), (8, 3)))
    norms = {("d", n): nn.BatchNorm2d(w[n + 1]) for n in (1, 2)}
    norms |= {("u", n): nn.BatchNorm2d(b) for n, b in enumerate((16, 8, 4))}
    ordered = [downs[0], downs[1], norms["d", 1], downs[2], norms["d", 2], downs[3]]
    for n in range(3):
        ordered += [ups[n], norms["u", n]]
    theirs = nn.ModuleList([*ordered, ups[3]]).double()
    ours = real(builder({"family": "unet", "width": 4}).translator(image(3, 16), makes=image(3, 16)))
    weighted(ours, theirs)
    relu, leaky = nn.functional.relu, lambda x: nn.functional.leaky_relu(x, 0.2)
    x = images(2, 3, 16, 16)
    e1 = downs[0](x)
    e2 = norms["d", 1](downs[1](leaky(e1)))
    e3 = norms["d", 2](downs[2](leaky(e2)))
    d1 = norms["u", 0](ups[0](relu(downs[3](leaky(e3)))))
    d2 = norms["u", 1](ups[1](relu(torch.cat((e3, d1), 1))))
    d3 = norms["u", 2](ups[2](relu(torch.cat((e2, d2), 1))))
    expected = ups[3](relu(torch.cat((e1, d3), 1))).tanh()
    assert torch.allclose(ours(x), expected, atol=1e-10)


def test_dropout_follows_the_three_innermost_doublings():
    """As in the Lua program: at sides 2, 4 and 8 of 256, 512 channels each."""
    network = builder({"family": "unet"}).translator(image(3, 256), makes=image(3, 256))
    assert [n.shape for n in noises(network).values()] == [(512, 2, 2), (512, 4, 4), (512, 8, 8)]
    assert {n.p for n in noises(network).values()} == {0.5}
    small = builder({"family": "unet", "width": 4}).translator(image(1, 28), makes=image(1, 28))
    assert [n.shape for n in noises(small).values()] == [(16, 3, 3), (8, 7, 7)]
    none = builder({"family": "unet", "dropout": 0.0}).translator(image(1, 28), makes=image(1, 28))
    assert noises(none) == {}


@pytest.mark.parametrize("size", [(2, 2), (5, 5), (28, 20), (31, 17)])
def test_a_u_net_takes_any_side(size):
    space = image(1, *size)
    assert real(builder({"family": "unet", "width": 2}).translator(space, makes=space))(
        images(3, 1, *size)
    ).shape == (3, 1, *size)


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
