"""The two families: shapes, sizes, initial weights, and options refused with the nearest valid choice."""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gan_bench.bench.engine.replicas import _initial
from gan_bench.variants.networks import ArchitectureError, builder, check, families, register_family, registry
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.layers import BatchNorm
from gan_bench.variants.networks.sizing import largest_within, parameter_count

MLP = {"family": "mlp", "hidden": [8, 12]}
DCGAN = {"family": "dcgan", "width": 4}


def real(network, seed=0, law="default"):
    """The network with weights."""
    module = network.to_empty(device="cpu")
    initialise(module, torch.Generator().manual_seed(seed), law)
    return module


# Shapes and sizes


@pytest.mark.parametrize("shape", [(1,), (2,), (1, 28, 28), (3, 4, 5)])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_mlp_joins_any_two_shapes(shape, norm):
    build = builder({**MLP, "norm": norm})
    assert real(build("generator", (5,), shape))(torch.randn(6, 5)).shape == (6, *shape)
    x = torch.randn(6, *shape)
    assert real(build("critic", shape, critic_norm=norm))(x).shape == (6,)
    assert real(build("critic", shape, (7,)))(x).shape == (6, 7)
    assert real(build("autoencoder", shape, shape, critic_norm=norm))(x).shape == x.shape


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [28, 32])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_dcgan_makes_images_of_28_and_32_with_any_channels(channels, side, norm):
    shape = (channels, side, side)
    build = builder({**DCGAN, "norm": norm})
    images = real(build("generator", (5,), shape, bounds=(-1.0, 1.0)), law="normal")(torch.randn(2, 5))
    assert images.shape == (2, *shape)
    assert images.abs().max() <= 1.0
    assert real(build("critic", shape, critic_norm=norm))(images).shape == (2,)
    assert real(build("critic", shape, (10,)))(images).shape == (2, 10)
    assert real(build("autoencoder", shape, shape, critic_norm=norm))(images).shape == images.shape


def test_parameter_counts_by_hand():
    build = builder(MLP)
    assert parameter_count(build("generator", (5,), (2,))) == (5 * 8 + 8) + (8 * 12 + 12) + (12 * 2 + 2)
    critic = (2 * 12 + 12) + (12 * 8 + 8) + (8 + 1)  # hidden layers reversed
    assert parameter_count(build("critic", (2,))) == critic
    assert parameter_count(build("critic", (2,), critic_norm="batch")) == critic + 2 * (12 + 8)
    own = builder({**MLP, "critic_hidden": [3]})
    assert parameter_count(own("critic", (2,))) == 2 * 3 + 3 + 3 + 1

    w, side = 4, 28
    images = builder(DCGAN)
    expected = (16 * w + w) + (w * 2 * w * 16 + 2 * w) + (2 * w * (side // 4) ** 2 + 1)
    assert parameter_count(images("critic", (1, side, side))) == expected
    generator = (5 * 2 * w * 49 + 2 * w) + 2 * 2 * w + (2 * w * w * 16 + w) + 2 * w + (w * 16 + 1)
    assert parameter_count(images("generator", (5,), (1, side, side))) == generator


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        (MLP, (2,)),
        (MLP, (1, 28, 28)),
        ({"family": "mlp", "hidden": [256, 512]}, (1, 28, 28)),
        ({"family": "mlp", "hidden": [128, 128]}, (1,)),
        ({"family": "mlp", "hidden": [64]}, (2,)),
        (DCGAN, (1, 28, 28)),
        (DCGAN, (3, 32, 32)),
        ({"family": "dcgan", "width": 64}, (3, 32, 32)),
    ],
)
def test_the_autoencoder_is_at_most_as_large_as_the_critic_and_no_dwarf(architecture, shape):
    build = builder(architecture)
    critic = parameter_count(build("critic", shape))
    autoencoder = parameter_count(build("autoencoder", shape, shape))
    assert 0.4 * critic < autoencoder <= critic


@given(limit=st.integers(1, 500))
def test_sizing_takes_the_largest_that_fits(limit):
    def build(scale):
        return nn.Linear(round(64 * scale), 1, bias=False)

    assert parameter_count(largest_within(limit, build)) == min(limit, 64)


# Initial weights


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
    skeleton = builder(MLP)("generator", (5,), (2,))
    first = real(skeleton, seed=1).state_dict()
    torch.manual_seed(99)
    before = torch.get_rng_state()
    again = real(builder(MLP)("generator", (5,), (2,)), seed=1).state_dict()
    other = real(builder(MLP)("generator", (5,), (2,)), seed=2).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])
    assert not torch.equal(*[_initial(skeleton, 1, role, "default")["0.weight"] for role in ("a", "b")])


def test_a_layer_of_unknown_initialisation_is_an_error():
    with pytest.raises(
        TypeError, match=r"Bilinear has parameters but no known initialisation.*reset\(generator\)"
    ):
        initialise(nn.Bilinear(2, 2, 1), torch.Generator(), "default")


# Options


def test_families_and_full_descriptions():
    assert {"mlp", "dcgan"} <= set(families())
    full = check({"family": "mlp", "hidden": [4]})
    assert full == check(full)
    assert (full["version"], full["hidden"], full["dropout"], full["init"]) == (1, [4], 0.0, "default")
    assert check({"family": "dcgan"})["norm"] == "batch"
    spelt_otherwise = check({"family": "mlp", "hidden": (4,), "dropout": 0})
    assert json.dumps(spelt_otherwise) == json.dumps(full), "one architecture, one key"


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"family": "mpl"}, r"unknown architecture family 'mpl'; did you mean 'mlp'\?"),
        ({}, r"unknown architecture family 'None'"),
        ({"family": "mlp", "hiden": [4]}, r"architecture mlp has no option 'hiden'; did you mean 'hidden'\?"),
        ({"family": "dcgan", "hidden": [4]}, r"architecture dcgan has no option 'hidden'"),
        ({"family": "mlp", "hidden": 4}, r"mlp\.hidden = 4: a list of positive integers expected"),
        ({"family": "mlp", "hidden": [4, 0]}, r"a list of positive integers"),
        ({"family": "mlp", "hidden": [4, True]}, r"a list of positive integers"),
        (
            {"family": "mlp", "activation": "relo"},
            r"mlp\.activation = 'relo': unknown.*'relu'",
        ),
        (
            {"family": "mlp", "norm": "instance"},
            r"mlp\.norm = 'instance': unknown.*: none, batch, layer",
        ),
        (
            {"family": "mlp", "init": "he"},
            r"mlp\.init = 'he': unknown.*: default, xavier, normal",
        ),
        ({"family": "mlp", "dropout": 1.0}, r"mlp\.dropout = 1\.0: a number in \[0, 1\)"),
        ({"family": "mlp", "dropout": True}, r"a number in \[0, 1\)"),
        ({"family": "dcgan", "width": 0}, r"dcgan\.width = 0: a positive integer expected"),
        ({"family": "dcgan", "width": 2.0}, r"dcgan\.width = 2\.0: a positive integer expected"),
    ],
)
def test_impossible_options_are_refused(architecture, message):
    with pytest.raises(ArchitectureError, match=message):
        check(architecture)


@pytest.mark.parametrize("shape", [(2,), (28, 28), (1, 28, 32), (1, 30, 30), (1, 12, 12)])
@pytest.mark.parametrize("role", ["generator", "critic", "autoencoder"])
def test_dcgan_refuses_what_it_cannot_join(shape, role):
    ends = ((5,), shape) if role == "generator" else (shape, shape if role == "autoencoder" else ())
    with pytest.raises(
        ArchitectureError, match=r"images of shape \(channels, side, side\).*mlp takes any shape"
    ):
        builder(DCGAN)(role, *ends)


def test_a_family_is_registered_once():
    with pytest.raises(ValueError, match="family 'mlp' is registered already"):
        register_family("mlp")(lambda *a, **k: None)


# Families of plug-ins


@pytest.fixture
def register():
    with registry.FAMILIES.restored():
        yield register_family


def plain(role, inputs, outputs):
    return nn.Linear(math.prod(inputs), math.prod(outputs))


def test_a_family_gets_the_arguments_that_its_function_takes(register):
    calls = []

    @register("taken", depth=2, slope=2.5, mode="sum", residual=False)
    def taken(role, inputs, outputs, *, bounds, depth, slope, mode, residual):
        calls.append((role, inputs, outputs, bounds, depth, slope, mode, residual))
        return plain(role, inputs, outputs)

    register("bare")(plain)
    register("any", width=3)(lambda role, inputs, outputs, **rest: plain(role, inputs, outputs))
    options = {"family": "taken", "slope": 3, "mode": "mean", "residual": True}
    builder(options)("generator", (5,), (2,), bounds=(-1.0, 1.0))
    assert calls == [("generator", (5,), (2,), (-1.0, 1.0), 2, 3.0, "mean", True)]
    for name in ("bare", "any"):
        assert builder({"family": name})("generator", (5,), (2,), bounds=(-1.0, 1.0)).weight.is_meta
    full = {"family": "bare", "version": 1, "init": "default"}
    assert check({"family": "bare"}) == full, "every family has the engine's law of initial weights"
    assert check({"family": "bare", "init": "xavier"})["init"] == "xavier"
    with pytest.raises(ArchitectureError, match="bare takes no critic_norm, so no batch normalisation"):
        builder({"family": "bare"})("critic", (2,), critic_norm="batch")
    register("nothing")(lambda role, inputs, outputs: None)
    with pytest.raises(ArchitectureError, match="nothing made a NoneType for the role critic"):
        builder({"family": "nothing"})("critic", (2,))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slope": True}, "taken.slope = True: a number expected"),
        ({"slope": math.inf}, "taken.slope = inf: a number expected"),
        ({"mode": 3}, "taken.mode = 3: a text expected"),
        ({"residual": 1}, "taken.residual = 1: true or false expected"),
    ],
)
def test_options_have_the_type_of_their_default(register, options, message):
    register("taken", slope=2.5, mode="sum", residual=False)(lambda *a, **k: None)
    with pytest.raises(ArchitectureError, match=message):
        check({"family": "taken", **options})


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (
            plain,
            {"width": 8},
            r"plain\(role, inputs, outputs\) does not take its options: .*'width'.*: width",
        ),
        (lambda role, inputs, outputs, *, width: None, {}, "missing a required .*argument: 'width'"),
        (lambda role, inputs: None, {}, "too many positional arguments"),
        (plain, {"width": None}, "mine.width = None: a default is a boolean, a number, a text or a list"),
        (plain, {"width": 0}, "mine.width = 0: a positive integer expected"),
        (plain, {"norm": "mine"}, "mine.norm = 'mine': unknown choice; choose from: none, batch"),
        (plain, {"bounds": 1}, "an option cannot be called 'bounds'"),
        (plain, {"init": "he"}, "mine.init = 'he': unknown choice; choose from: default"),
    ],
)
def test_a_function_that_cannot_be_a_family_is_refused_when_it_is_registered(
    register, function, options, message
):
    with pytest.raises(ArchitectureError, match=message):
        register("mine", **options)(function)
    assert "mine" not in families()
