"""Layers by themselves, and the choices of activation and pooling, against NumPy, SciPy and PyTorch's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch
from torch import nn
from torch.func import vmap

from gan_bench.spaces import Space
from gan_bench.variants import Network
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.layers import Bounded, Dropout, Stack, View
from gan_bench.variants.networks.norms import BatchNorm, norm_layer, recording
from gan_bench.variants.supplies import noises

MLP = {"family": "mlp", "hidden": [8, 12]}
LATENT, POINTS, IMAGE = Space((3,)), Space((2,)), Space((1, 16, 16))


def test_batchnorm_matches_pytorchs_in_training():
    ours, theirs = BatchNorm(3), nn.BatchNorm1d(3)
    torch.manual_seed(0)
    x = 2.0 + 3.0 * torch.randn(16, 3)
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)
    assert (ours.mean == 0).all()
    assert (ours.variance == 1).all()
    images = torch.randn(4, 3, 5, 5)
    by_hand = (images - images.mean((0, 2, 3), keepdim=True)) / (
        images.var((0, 2, 3), correction=0, keepdim=True) + 1e-5
    ).sqrt()
    assert torch.allclose(ours(images), by_hand, atol=1e-5)


def test_recorded_statistics_are_those_of_the_pass_and_serve_evaluation():
    network = Stack(View(3), BatchNorm(3))
    x = 2.0 + 3.0 * torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    with recording([network]):
        network(x)
    layer = network[1]
    assert not network.training
    assert not layer.recording
    assert np.asarray(layer.mean) == pytest.approx(np.asarray(x).mean(0), abs=1e-5)
    assert np.asarray(layer.variance) == pytest.approx(np.asarray(x).var(0, ddof=1), rel=1e-5)
    single = (x[:1] - x.mean(0)) / (x.var(0) + 1e-5).sqrt()
    assert torch.allclose(network(x[:1]), single, atol=1e-5)


def test_dropout_by_a_given_mask():
    network = Stack(Dropout(4, 0.2))
    x, mask = torch.arange(1.0, 5.0).reshape(1, 4), torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert Network(network, noise=({"0": mask},))(x).tolist() == [[1 / 0.8, 0.0, pytest.approx(3 / 0.8), 0.0]]
    assert torch.equal(network(x), x)
    (declared,) = noises(network).values()
    assert (declared.law, declared.shape, declared.p) == ("bernoulli", (4,), 0.8)


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
def test_a_mask_of_dropout_serves_fewer_or_more_rows(rows):
    mask = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    dropped = Network(Stack(Dropout(2, 0.5)), noise=({"0": mask},))(torch.ones(rows, 2))
    assert dropped.tolist() == [[2 * bit for bit in mask[row % 3].tolist()] for row in range(rows)]


def test_dropout_sits_in_critics_only():
    build = builder({**MLP, "dropout": 0.3})
    assert list(noises(build.critic(POINTS))) == ["2", "5"]
    assert noises(build.generator(LATENT, makes=POINTS)) == {}
    assert noises(build.autoencoder(POINTS)) == {}


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1.0), (-3.0, 7.0)])
def test_bounded_covers_its_interval(low, high):
    x = torch.tensor([-50.0, 0.0, 0.5, 50.0], dtype=torch.float64)
    expected = [low, (low + high) / 2, (low + high) / 2 + (high - low) / 2 * math.tanh(0.5), high]
    assert Bounded(low, high)(x).tolist() == pytest.approx(expected)


def test_an_unknown_normalisation_is_an_error():
    with pytest.raises(ValueError, match="none, batch, instance, layer, virtual, not 'group'"):
        norm_layer("group", 3)


# Choices of architectures


def filled(network):
    """The network with random weights."""
    module = network.to_empty(device="cpu").double()
    for p in module.parameters():
        nn.init.normal_(p)
    return module


ACTIVATIONS = {
    "relu": lambda y: np.maximum(y, 0),
    "leaky_relu": lambda y: np.where(y > 0, y, 0.2 * y),
    "elu": lambda y: np.where(y > 0, y, np.expm1(y)),
    "tanh": np.tanh,
    "sigmoid": lambda y: 1 / (1 + np.exp(-y)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("role", ["generator", "critic"])
def test_activations_are_chosen_for_generators_and_critics_apart(role, name):
    option = {"generator": "activation", "critic": "critic_activation"}[role]
    build = builder({"family": "mlp", "hidden": [5], option: name})
    generator, critic = build.generator(LATENT, makes=POINTS), build.encoder(LATENT, makes=POINTS)
    network = filled({"generator": generator, "critic": critic}[role])
    (w1, b1), (w2, b2) = (
        (layer.weight.detach().numpy(), layer.bias.detach().numpy())
        for layer in network
        if isinstance(layer, nn.Linear)
    )
    x = torch.randn(4, 3).double()
    expected = ACTIVATIONS[name](x.numpy() @ w1.T + b1) @ w2.T + b2
    assert network(x).detach().numpy() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_convs_activations_are_a_choice_too(name):
    build = builder({"family": "conv", "width": 2, "activation": name, "critic_activation": name})
    kind = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU}[name]
    for network in (build.generator(LATENT, makes=IMAGE), build.critic(IMAGE)):
        found = [type(m) for m in network if isinstance(m, (nn.ReLU, nn.LeakyReLU))]
        assert found == [kind, kind]


def correlated(image, kernel, bias, stride):
    """A convolution's outcome with a border of zeros of one pixel, by SciPy; one channel."""
    return scipy.signal.correlate2d(np.pad(image, 1), kernel, mode="valid")[::stride, ::stride] + bias


def blocks(image):
    """Its 2x2 blocks, ``[rows, columns, 4]``."""
    rows, columns = (side // 2 for side in image.shape)
    return image.reshape(rows, 2, columns, 2).swapaxes(1, 2).reshape(rows, columns, 4)


@pytest.mark.parametrize("pooling", ["strided", "average", "max"])
def test_poolings_are_what_they_are_called(pooling):
    build = builder({"family": "conv", "width": 1, "pooling": pooling})
    critic = filled(build.critic(IMAGE))
    image = torch.randn(16, 16).double()
    convolution = critic[0]
    kernel, bias = convolution.weight.detach().numpy()[0, 0], convolution.bias.item()
    if pooling == "strided":
        assert kernel.shape == (4, 4)
        first, expected = critic[:1], correlated(image.numpy(), kernel, bias, 2)
    else:
        assert kernel.shape == (3, 3)
        pool = {"average": np.mean, "max": np.max}[pooling]
        first, expected = critic[:2], pool(blocks(correlated(image.numpy(), kernel, bias, 1)), axis=2)
    assert first(image[None, None])[0, 0].detach().numpy() == pytest.approx(expected)
    images = torch.randn(2, 3, 1, 16, 16).double()
    assert torch.allclose(vmap(critic)(images), torch.stack([critic(one) for one in images]))
