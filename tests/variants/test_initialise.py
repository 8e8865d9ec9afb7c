"""Laws of initial weights: what they draw, from which generator, and for which layers."""

import math

import pytest
import torch
from torch import nn

from gan_bench.bench.engine.replicas import _initial
from gan_bench.spaces import Space
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.norms import BatchNorm

MLP = {"family": "mlp", "hidden": [8, 12]}


def real(network, seed):
    """The network with weights."""
    module = network.to_empty(device="cpu")
    initialise(module, torch.Generator().manual_seed(seed))
    return module


def test_default_law_is_that_of_pytorchs_layers():
    for layer, fan in (
        (nn.Linear(50, 200), 50),
        (nn.Conv2d(8, 64, 4), 8 * 16),
        (nn.ConvTranspose2d(64, 8, 4), 128),
    ):
        initialise(layer, torch.Generator().manual_seed(0), "default")
        bound = 1 / math.sqrt(fan)
        weight = layer.weight.detach().double()
        assert weight.abs().max() <= bound
        assert weight.abs().max() > 0.98 * bound
        assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.03)
        assert weight.mean().item() == pytest.approx(0.0, abs=4 * bound / math.sqrt(3 * weight.numel()))
        assert 0 < layer.bias.abs().max() <= bound
        torch.manual_seed(0)
        layer.reset_parameters()
        assert layer.weight.abs().max().item() == pytest.approx(bound, rel=0.02)


def test_xavier_and_normal_laws():
    layer = nn.Linear(100, 300)
    initialise(layer, torch.Generator().manual_seed(0), "xavier")
    bound = math.sqrt(6 / 400)
    assert 0.98 * bound < layer.weight.abs().max() <= bound
    assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert (layer.bias == 0).all()
    initialise(layer, torch.Generator().manual_seed(0), "normal")
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert (layer.bias == 0).all()
    norm = BatchNorm(2000)
    initialise(norm, torch.Generator().manual_seed(0), "normal")
    assert norm.weight.mean().item() == pytest.approx(1.0, abs=0.002)
    assert norm.weight.std().item() == pytest.approx(0.02, rel=0.1)
    initialise(norm, torch.Generator().manual_seed(0), "default")
    assert (norm.weight == 1).all()
    assert (norm.bias == 0).all()


def test_small_layers_have_their_laws_too():
    generator = torch.Generator().manual_seed(0)
    embedding, slope = nn.Embedding(1000, 5), nn.PReLU()
    initialise(nn.ModuleList([embedding, slope]), generator, "default")
    assert embedding.weight.std().item() == pytest.approx(1.0, rel=0.05)
    assert slope.weight.tolist() == [0.25]


def test_initial_weights_come_from_the_generator_alone():
    skeleton = builder(MLP).generator(Space((5,)), makes=Space((2,)))
    first = real(skeleton, seed=1).state_dict()
    torch.manual_seed(99)
    before = torch.get_rng_state()
    again = real(builder(MLP).generator(Space((5,)), makes=Space((2,))), seed=1).state_dict()
    other = real(builder(MLP).generator(Space((5,)), makes=Space((2,))), seed=2).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])
    assert not torch.equal(*[_initial(skeleton, 1, role, "default")["0.weight"] for role in ("a", "b")])


def test_a_layer_of_unknown_initialisation_is_an_error():
    with pytest.raises(
        TypeError, match=r"Bilinear has parameters but no known initialisation.*reset\(generator\)"
    ):
        initialise(nn.Bilinear(2, 2, 1), torch.Generator(), "default")


def test_a_part_with_a_law_of_its_own_keeps_it():
    network = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Linear(100, 300)))
    network[1].init_law = "normal"
    initialise(network, torch.Generator().manual_seed(0), "xavier")
    assert network[1][0].weight.std().item() == pytest.approx(0.02, rel=0.05)
    plain = nn.Linear(4, 4)
    initialise(plain, torch.Generator().manual_seed(0), "xavier")
    assert torch.equal(network[0].weight, plain.weight)
