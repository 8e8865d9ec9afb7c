"""The families `resnet`, `unet` and `patch` as published: sizes, and layers written with PyTorch's own."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.sizing import parameter_count
from gan_bench.variants.supplies import noises
from tests.variants.image_networks import LABEL, LATENT, image, images, real


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
