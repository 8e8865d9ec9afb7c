"""The families `srresnet`, `rrdb` and `vgg`, and networks of features: published layers, skips, refusals."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.features import FeatureMaps, layers_of
from gan_bench.variants.perceptual import NETWORKS
from tests.variants.image_networks import image, images, real
from tests.variants.test_published_networks import weighted

W = 4


def translator(low=6, high=24, **options):
    return real(builder({"width": W, **options}).translator(image(3, low), makes=image(3, high)))


def conv(channels, features, kernel=3, stride=1):
    return nn.Conv2d(channels, features, kernel, stride, padding=kernel // 2)


class Sum(nn.Module):
    """x + scale * layers(x)."""

    def __init__(self, *layers, scale=1.0):
        super().__init__()
        self.layers, self.scale = nn.Sequential(*layers), scale

    def forward(self, x):
        return x + self.scale * self.layers(x)


def test_srresnet_is_that_of_the_paper():
    """Figure 4: 9x9, blocks with BatchNorm and PReLU, a skip around them, two PixelShuffles, 9x9."""
    ours = translator(family="srresnet", blocks=2, norm="batch", enlarge="stages", skip="none")

    def block():
        return Sum(conv(W, W), nn.BatchNorm2d(W), nn.PReLU(), conv(W, W), nn.BatchNorm2d(W))

    up = [(conv(W, 4 * W), nn.PixelShuffle(2), nn.PReLU()) for _ in range(2)]
    theirs = nn.Sequential(
        conv(3, W, 9), nn.PReLU(), Sum(block(), block(), conv(W, W), nn.BatchNorm2d(W)),
        *itertools.chain(*up), conv(W, 3, 9),
    ).double()  # fmt: skip
    x = images(2, 3, 6, 6)
    assert torch.allclose(ours(x), weighted(ours, theirs)(x))


def test_rrdb_is_that_of_basicsr():
    """archs/rrdbnet_arch.py: dense blocks of five, residuals times 0.2 twice, nearest neighbours."""
    growth = 2
    ours = translator(family="rrdb", growth=growth, blocks=2, skip="none")

    class Dense(nn.Module):
        def __init__(self):
            super().__init__()
            self.convs = nn.ModuleList(conv(W + n * growth, W if n == 4 else growth) for n in range(5))

        def forward(self, x):
            found = [x]
            for layer in self.convs[:4]:
                found.append(F.leaky_relu(layer(torch.cat(found, 1)), 0.2))
            return self.convs[4](torch.cat(found, 1)) * 0.2 + x

    def block():
        return Sum(*(Dense() for _ in range(3)), scale=0.2)

    def rise():
        return nn.Upsample(scale_factor=2, mode="nearest"), conv(W, W), nn.LeakyReLU(0.2)

    theirs = nn.Sequential(
        conv(3, W), Sum(block(), block(), conv(W, W)), *rise(), *rise(), conv(W, W), nn.LeakyReLU(0.2),
        conv(W, 3),
    ).double()  # fmt: skip
    x = images(2, 3, 6, 6)
    assert torch.allclose(ours(x), weighted(ours, theirs)(x))


def test_the_critic_is_that_of_srgan():
    """Figure 4: eight convolutions, strides 1 and 2, BatchNorm on all but the first, two dense layers."""
    ours = real(builder({"family": "vgg", "width": W, "hidden": 7}).critic(image(3, 64), norm="batch"))
    widths = [(3, W, 1), (W, W, 2), (W, 2 * W, 1), (2 * W, 2 * W, 2), (2 * W, 4 * W, 1), (4 * W, 4 * W, 2),
              (4 * W, 8 * W, 1), (8 * W, 8 * W, 2)]  # fmt: skip
    layers = []
    for n, (before, after, stride) in enumerate(widths):
        layers += [conv(before, after, 3, stride), *([nn.BatchNorm2d(after)] if n else []), nn.LeakyReLU(0.2)]
    dense = [nn.Linear(8 * W * 16, 7), nn.LeakyReLU(0.2), nn.Linear(7, 1)]
    theirs = weighted(ours, nn.Sequential(*layers, nn.Flatten(), *dense).double())
    own = [layer for layer in ours if isinstance(layer, nn.Linear)]
    for a, b in zip(own, (dense[0], dense[2]), strict=True):
        b.load_state_dict(a.state_dict())
    x = images(3, 3, 64, 64)
    assert torch.allclose(ours(x), theirs(x)[:, 0])


def test_a_critic_of_esrgan_halves_128_pixels_to_4():
    build = builder({"family": "vgg", "width": W, "halvings": 5, "kernel": 4, "hidden": 100})
    critic = build.critic(image(3, 128))
    first_dense = next(layer for layer in critic if isinstance(layer, nn.Linear))
    assert first_dense.in_features == 8 * W * 4 * 4
    small = build.critic(image(3, 14))
    assert next(layer for layer in small if isinstance(layer, nn.Linear)).in_features == W * 7 * 7


@pytest.mark.parametrize("family", ["srresnet", "rrdb"])
@pytest.mark.parametrize("high", [6, 12, 24])
def test_untrained_networks_with_a_skip_give_the_bicubic_image(family, high):
    ours, x = translator(high=high, family=family, blocks=1), images(2, 3, 6, 6)
    bicubic = F.interpolate(x, (high, high), mode="bicubic") if high > 6 else x
    error = (ours(x) - bicubic).abs().max()
    assert 0 < error < 0.05
    without = translator(high=high, family=family, blocks=1, skip="none")
    assert (without(x) - bicubic).abs().max() > 0.5


@pytest.mark.parametrize("options", [{"family": "srresnet", "blocks": 1}, {"family": "rrdb", "blocks": 1}])
def test_networks_enlarge_images_of_any_size_alike(options):
    """Pixels far from a border do not depend on the image's size."""
    ours, x = translator(**options), images(1, 3, 60, 50)
    whole, part = ours(x), ours(x[:, :, 5:, 7:])
    assert torch.allclose(whole[:, :, 20 + 80 : -80, 28 + 80 : -80], part[:, :, 80:-80, 80:-80])


def test_images_that_cannot_be_enlarged_so_are_refused_in_one_sentence():
    build = builder({"family": "srresnet"})
    with pytest.raises(Misfit, match="doubles to become"):
        build.translator(image(3, 6), makes=image(3, 18))
    with pytest.raises(Misfit, match="take skip = none"):
        build.translator(image(1, 6), makes=image(3, 24))
    with pytest.raises(Misfit, match="sides of at least 4"):
        builder({"family": "vgg"}).critic(image(3, 3))


# Features


@pytest.mark.parametrize(("layer", "activated"), [("2,2", True), ("5,4", True), ("5,4", False)])
def test_vgg19s_features_are_torchvisions(layer, activated):
    from torchvision.models import vgg

    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = vgg.make_layers(vgg.cfgs["E"]).eval()
    of = NETWORKS["vgg19"]
    ours = FeatureMaps(of.blocks, layer, activated=activated, mean=of.mean, std=of.std)
    state = {f"features.{name}": p for name, p in theirs.state_dict().items()}
    ours.load_state_dict({name: state[name] for name in ours.state_dict()})
    x = 2 * torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) - 1
    normalised = ((x + 1) / 2 - torch.tensor(of.mean)[:, None, None]) / torch.tensor(of.std)[:, None, None]
    last = {("2,2", True): 9, ("5,4", True): 36, ("5,4", False): 35}[layer, activated]
    with torch.no_grad():
        assert torch.allclose(ours(x), theirs[:last](normalised), atol=1e-5)


def test_layers_have_the_names_of_the_paper():
    assert layers_of(((8, 2), (16, 3))) == ["1,1", "1,2", "2,1", "2,2", "2,3"]
    with pytest.raises(ValueError, match="'3,1': one of 1,1, 1,2, 2,1 expected"):
        FeatureMaps(((8, 2), (16, 1)), "3,1", activated=True)


def test_spaces_with_labels_join_as_constant_channels():
    build = builder({"family": "srresnet", "width": W, "blocks": 1})
    network = real(build.translator(image(3, 6), Space(classes=3), makes=image(3, 12)))
    x = images(2, 3, 6, 6)
    first, second = (network(x, torch.full((2,), label)) for label in (0, 1))
    assert first.shape == (2, 3, 12, 12)
    assert not torch.equal(first, second)
