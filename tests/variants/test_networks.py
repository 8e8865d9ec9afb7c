"""The families `mlp` and `conv`: shapes, sizes, numbers of before, and inputs that they cannot take."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder, check
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.norms import BatchNorm
from gan_bench.variants.networks.sizing import largest_within, parameter_count

MLP = {"family": "mlp", "hidden": [8, 12]}
CONV = {"family": "conv", "width": 4}
LATENT, POINTS, IMAGE = Space((5,)), Space((2,)), Space((1, 28, 28))
RECORDED = json.loads((Path(__file__).parent / "recorded_networks.json").read_text())


def real(network, seed=0, law="default"):
    """The network with weights."""
    module = network.to_empty(device="cpu")
    initialise(module, torch.Generator().manual_seed(seed), law)
    return module


# Shapes and sizes


@pytest.mark.parametrize("shape", [(1,), (2,), (1, 28, 28), (3, 4, 5)])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_mlp_joins_any_two_shapes(shape, norm):
    build, data = builder({**MLP, "norm": norm}), Space(shape)
    assert real(build.generator(LATENT, makes=data))(torch.randn(6, 5)).shape == (6, *shape)
    x = torch.randn(6, *shape)
    assert real(build.critic(data, norm=norm))(x).shape == (6,)
    assert real(build.encoder(data, makes=Space((7,))))(x).shape == (6, 7)
    assert real(build.autoencoder(data, norm=norm))(x).shape == x.shape


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [28, 32])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_conv_makes_images_of_28_and_32_with_any_channels(channels, side, norm):
    data = Space((channels, side, side), (-1.0, 1.0))
    build = builder({**CONV, "norm": norm})
    images = real(build.generator(LATENT, makes=data), law="normal")(torch.randn(2, 5))
    assert images.shape == (2, *data.shape)
    assert images.abs().max() <= 1.0
    assert real(build.critic(data, norm=norm))(images).shape == (2,)
    assert real(build.encoder(data, makes=Space((10,))))(images).shape == (2, 10)
    assert real(build.autoencoder(data, norm=norm))(images).shape == images.shape


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['architecture']} {case['network']}")
def test_networks_of_one_input_have_the_names_weights_and_outputs_that_they_always_had(case):
    """Recorded with the functions between shapes that families were before."""
    purpose, inputs, last = case["network"]
    build, data = builder(case["architecture"]), Space(inputs, (-1.0, 1.0))
    match purpose:
        case "generator" | "translator":
            skeleton = getattr(build, purpose)(Space(inputs), makes=Space(last, (-1.0, 1.0)))
        case "encoder":
            skeleton = build.encoder(data, makes=Space(last))
        case _:
            skeleton = getattr(build, purpose)(data, norm=last)
    law = {"conv": "normal", "mlp": "default"}[case["architecture"]["family"]]
    module = real(skeleton, seed=3, law=law).double()
    assert {name: list(p.shape) for name, p in module.named_parameters()} == case["shapes"]
    count = 2 * torch.Size(inputs).numel()
    x = torch.linspace(-1, 1, count, dtype=torch.float64).reshape(2, *inputs)
    y = module(x).flatten()
    assert y[:4].tolist() == pytest.approx(case["first"], rel=1e-12, abs=1e-14)
    assert y.square().sum().item() == pytest.approx(case["sum"], rel=1e-12)


def test_parameter_counts_by_hand():
    build = builder(MLP)
    assert parameter_count(build.generator(LATENT, makes=POINTS)) == (5 * 8 + 8) + (8 * 12 + 12) + (
        12 * 2 + 2
    )
    critic = (2 * 12 + 12) + (12 * 8 + 8) + (8 + 1)  # hidden layers reversed
    assert parameter_count(build.critic(POINTS)) == critic
    assert parameter_count(build.critic(POINTS, norm="batch")) == critic + 2 * (12 + 8)
    own = builder({**MLP, "critic_hidden": [3]})
    assert parameter_count(own.critic(POINTS)) == 2 * 3 + 3 + 3 + 1

    w, side = 4, 28
    images = builder(CONV)
    expected = (16 * w + w) + (w * 2 * w * 16 + 2 * w) + (2 * w * (side // 4) ** 2 + 1)
    assert parameter_count(images.critic(IMAGE)) == expected
    generator = (5 * 2 * w * 49 + 2 * w) + 2 * 2 * w + (2 * w * w * 16 + w) + 2 * w + (w * 16 + 1)
    assert parameter_count(images.generator(LATENT, makes=IMAGE)) == generator


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        (MLP, (2,)),
        (MLP, (1, 28, 28)),
        ({"family": "mlp", "hidden": [256, 512]}, (1, 28, 28)),
        ({"family": "mlp", "hidden": [128, 128]}, (1,)),
        ({"family": "mlp", "hidden": [64]}, (2,)),
        (CONV, (1, 28, 28)),
        (CONV, (3, 32, 32)),
        ({"family": "conv", "width": 64}, (3, 32, 32)),
    ],
)
def test_the_autoencoder_is_at_most_as_large_as_the_critic_and_no_dwarf(architecture, shape):
    build = builder(architecture)
    critic = parameter_count(build.critic(Space(shape)))
    autoencoder = parameter_count(build.autoencoder(Space(shape)))
    assert 0.4 * critic < autoencoder <= critic


@given(limit=st.integers(1, 500))
def test_sizing_takes_the_largest_that_fits(limit):
    def build(scale):
        return nn.Linear(round(64 * scale), 1, bias=False)

    assert parameter_count(largest_within(limit, build)) == min(limit, 64)


# Several inputs


def test_mlp_reads_all_inputs_as_one_vector_and_labels_as_one_hot():
    label = Space(classes=3)
    critic = real(builder(MLP).critic(IMAGE, Space((2,)), label))
    first = next(layer for layer in critic.modules() if isinstance(layer, nn.Linear))
    x, z, y = torch.randn(4, 1, 28, 28), torch.randn(4, 2), torch.tensor([0, 2, 1, 0])
    joined = torch.cat((x.flatten(1), z, nn.functional.one_hot(y, 3).float()), dim=1)
    seen = []
    first.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    critic(x, z, y)
    assert torch.equal(seen[0], joined)


def test_conv_embeds_vectors_and_labels_and_never_writes_them_into_the_image():
    critic = real(builder(CONV).critic(IMAGE, Space((2,)), Space(classes=3), IMAGE))
    convolutions = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d)]
    assert convolutions[0].in_channels == 2, "two images of one channel"
    assert [type(layer) for layer in critic.join.embed[1].modules()] == [nn.Embedding]
    assert convolutions[2].in_channels == 3 * 8, "features, an embedded vector, an embedded label"


def test_maps_of_labels_become_channels_of_0_and_1():
    label = Space((28, 28), classes=3)
    network = real(builder(CONV).translator(label, makes=IMAGE))
    seen = []
    next(m for m in network.modules() if isinstance(m, nn.Conv2d)).register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0])
    )
    y = torch.randint(3, (2, 28, 28))
    assert network(y).shape == (2, 1, 28, 28)
    assert torch.equal(seen[0], nn.functional.one_hot(y, 3).permute(0, 3, 1, 2).float())


def test_scores_come_with_logits_and_codes_with_their_variance():
    for build, data in ((builder(MLP), POINTS), (builder(CONV), IMAGE)):
        x = torch.randn(3, *data.shape)
        critic = real(build.critic(data, classes=4))
        scores, logits = critic(x)
        assert (scores.shape, logits.shape) == ((3,), (3, 4))
        mean, log_variance = real(build.encoder(data, makes=Space((6,)), gaussian=True))(x)
        assert (mean.shape, log_variance.shape) == ((3, 6), (3, 6))
        assert not torch.equal(mean, log_variance)


@pytest.mark.parametrize("family", [CONV, {"family": "resnet", "width": 4}])
def test_critics_of_codes_are_perceptrons(family):
    """Two dense layers of 4 * width and a score, as of an mlp."""
    plain = builder({"family": "mlp", "hidden": [4 * family["width"]] * 2})
    code, label = Space((5,)), Space(classes=3)
    for spaces, classes in (((code,), 0), ((code, label), 2)):
        ours, theirs = (b.critic(*spaces, classes=classes) for b in (builder(family), plain))
        assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]


@pytest.mark.parametrize("family", [MLP, CONV])
def test_norms_of_encoders_are_an_implied_option(family):
    """Descriptions of results that were stored before it stay as they were."""
    assert check({**family, "encoder_norm": "none"}) == check(family)
    assert "encoder_norm" not in check(family)
    data = POINTS if family["family"] == "mlp" else IMAGE

    def norms(description, purpose):
        module = getattr(builder(description), purpose)(data)
        return sum(isinstance(layer, BatchNorm) for layer in module.modules())

    normed = {**family, "encoder_norm": "batch"}
    assert norms(family, "encoder") == 0 < norms(normed, "encoder")
    assert norms(normed, "critic") == 0


@pytest.mark.parametrize("shape", [(2,), (28, 28), (1, 28, 32), (1, 30, 30), (1, 12, 12)])
@pytest.mark.parametrize("purpose", ["generator", "translator", "critic", "encoder", "autoencoder"])
def test_conv_refuses_what_it_cannot_join(shape, purpose):
    if (purpose, shape) == ("critic", (2,)):
        pytest.skip("codes have critics: see test_critics_of_codes_are_perceptrons")
    data, build = Space(shape), builder(CONV)
    make = {
        "generator": lambda: build.generator(LATENT, makes=data),
        "translator": lambda: build.translator(data, makes=data),
        "autoencoder": lambda: build.autoencoder(data),
    }
    message = (
        rf"^architecture conv has no {purpose} of .*: images of shape \(channels, side, side\).*"
        "mlp takes any shape$"
    )
    with pytest.raises(Misfit, match=message):
        make.get(purpose, lambda: getattr(build, purpose)(data))()


def test_inputs_that_conv_cannot_join_are_refused_with_what_it_takes():
    build, wide = builder(CONV), Space((1, 32, 32))
    with pytest.raises(Misfit, match="no generator of 1x28x28: vectors and labels are expected"):
        build.generator(IMAGE, makes=IMAGE)
    with pytest.raises(Misfit, match="no critic of 1x28x28 and 1x32x32: images of shape"):
        build.critic(IMAGE, wide)
    with pytest.raises(Misfit, match=r"no translator of 1x28x28: the side stays the same, so .* 1x32x32"):
        build.translator(IMAGE, makes=wide)
    with pytest.raises(Misfit, match="no decoder of 8x8x8: one map is expected, of side 7 to make 1x28x28"):
        build.decoder(Space((8, 8, 8)), makes=IMAGE)
    with pytest.raises(Misfit, match="no encoder of 1x28x28: codes are vectors or maps of side 7, not 2x2x2"):
        build.encoder(IMAGE, makes=Space((2, 2, 2)))
    with pytest.raises(Misfit, match=r"no generator makes labels of 3 classes: .*a classifier makes logits"):
        build.generator(LATENT, makes=Space(classes=3))
