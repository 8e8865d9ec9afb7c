"""Networks as values: both calculi give the same derivatives as a formula."""

import pytest
import torch
from torch import nn
from torch.func import vmap

from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Game, Network, Noise, Play, ability
from gan_bench.variants.declarations import Ability
from gan_bench.variants.network import gradients, parameter_gradient
from gan_bench.variants.networks.layers import Autoencoder, Dropout
from gan_bench.variants.networks.norms import VirtualBatchNorm
from gan_bench.variants.supplies import Stochastic

functional = pytest.mark.parametrize("functional", [False, True], ids=["autograd", "func"])


def linear(weight):
    module = nn.Linear(2, 1, bias=False).double()
    module.weight.data = torch.tensor([weight], dtype=torch.float64)
    return module


def test_other_parameter_values_leave_the_module_alone():
    module = linear([1.0, 2.0])
    network = Network(module)
    x = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    moved = network.at({"weight": torch.tensor([[10.0, 20.0]], dtype=torch.float64)})
    assert (network(x).item(), moved(x).item()) == (11.0, 110.0)
    assert network.params["weight"] is module.weight
    assert moved.params["weight"].tolist() == [[10.0, 20.0]]


def test_outputs_are_contiguous_where_kernels_have_their_channels_last():
    layer = nn.Conv2d(2, 3, 3)
    layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
    x = torch.randn(4, 2, 8, 8)
    assert not Network(layer)(x).is_contiguous()  # else there is nothing to test
    layer.channels_last = True
    network = Network(layer)
    for one in (network, network.at(network.params), network.viewed(lambda params: params)):
        assert one(x).is_contiguous()
        assert torch.equal(one(x), layer(x))


@functional
def test_input_gradient_per_sample_and_once_more(functional):
    """D(x) = (w.x)^2 has the gradient 2 (w.x) w."""

    class Squared(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = linear([1.0, -2.0])

        def forward(self, x):
            return self.inner(x).square()

    module = Squared()
    network = Network(module, dict(module.named_parameters()) if functional else None, functional=functional)
    x = torch.tensor([[3.0, 1.0], [0.5, 2.0]], dtype=torch.float64)
    weight = torch.tensor([1.0, -2.0], dtype=torch.float64)
    expected = 2 * (x @ weight)[:, None] * weight
    assert torch.allclose(network.input_gradient(x), expected)
    (second,) = gradients(lambda p: network.input_gradient(p)[:, 0].sum(), [x], functional=functional)
    assert torch.allclose(second, (2 * weight).expand(2, 2))


@functional
def test_parameter_gradient_and_once_more(functional):
    """f(p) = sum p^3: 3 p^2, then 6 p; a parameter without influence has gradient 0."""
    params = {
        "p": torch.tensor([1.0, -2.0], dtype=torch.float64),
        "idle": torch.ones(1, dtype=torch.float64),
    }

    def cube(p):
        return p["p"].pow(3).sum()

    first = parameter_gradient(cube, params, functional=functional)
    assert first["p"].tolist() == [3.0, 12.0]
    assert first["idle"].tolist() == [0.0]

    def norm(p):
        return parameter_gradient(cube, p, functional=functional)["p"].sum()

    assert parameter_gradient(norm, params, functional=functional)["p"].tolist() == [6.0, -12.0]


def test_derivatives_work_where_gradients_are_switched_off_and_inside_vmap():
    module = linear([1.0, 2.0])
    x = torch.ones(3, 2, dtype=torch.float64)
    with torch.no_grad():
        assert Network(module).input_gradient(x).tolist() == [[1.0, 2.0]] * 3
    weights = torch.randn(4, 1, 2, dtype=torch.float64)
    slopes = vmap(lambda w: Network(module, {"weight": w}, functional=True).input_gradient(x))(weights)
    assert torch.allclose(slopes, weights.expand(4, 3, 2))


def test_a_call_that_the_rehearsal_did_not_count_is_an_error():
    """Its noise was never drawn: the network must not be used without, in silence."""
    network = Network(nn.Sequential(Dropout(1, 0.5)), noise=())
    with pytest.raises(RuntimeError, match=r"called 1 times, but 0 times when the game was rehearsed"):
        network(torch.ones(2, 1))


def test_each_call_takes_the_next_share_of_noise():
    class Shift(Stochastic):
        noise = Noise(())

        def forward(self, x):
            return x + self.drawn()

    shares = tuple({"0.0": torch.tensor(float(k))} for k in (1, 2))
    network = Network(nn.Sequential(nn.Sequential(Shift())), noise=shares)
    assert network.stochastic
    assert [network(torch.zeros(())).item() for _ in range(2)] == [1.0, 2.0]
    with pytest.raises(RuntimeError, match=r"called 3 times, but 2 times when the game was rehearsed"):
        network(torch.zeros(()))


def test_a_play_names_its_roles():
    play = Play({"critic": Network(linear([1.0, 2.0]))}, {}, {}, None, {})
    other = Network(linear([5.0, 6.0]))
    assert play.replace(critic=other).critic is other
    assert play.critic is not other
    with pytest.raises(AttributeError, match=r"no network plays the role 'encoder'; roles: critic"):
        play.encoder  # noqa: B018


def test_abilities_are_collected_over_bases():
    class Base(Game):
        @ability(noise=("z",))
        def sample(self, play): ...

    class Derived(Base):
        @ability(inputs=("real",))
        def encode(self, play): ...

    assert Base.abilities() == {"sample": Ability(noise=("z",))}
    assert Derived.abilities()["encode"] == Ability(inputs=("real",))
    assert set(Derived.abilities()) == {"sample", "encode"}


def test_facts_about_the_data_name_every_field():
    image, label = Space((3, 8, 8), (-1.0, 1.0)), Space(classes=5)
    data = DataSpec.of(real=image, labelled={"real": image, "label": label})
    assert data.real is image
    assert data.classes == 5
    assert data.streams == {"real": ("real",), "labelled": ("real", "label")}


def test_a_remembering_network_calculates_every_batch_once():
    network, batch = Network(torch.nn.Linear(2, 1)), torch.randn(3, 2)
    remembering = network.remembering()
    assert remembering(batch) is remembering(batch) is remembering.again()(batch)
    assert torch.equal(remembering(batch), network(batch))
    assert remembering(batch.clone()) is not remembering(batch)
    assert torch.equal(remembering(batch + 1), network(batch + 1))
    moved = remembering.at({name: p + 1 for name, p in remembering.params.items()})
    assert not torch.equal(moved(batch), remembering(batch))


class Product(nn.Module):
    """D(x, y, label) = (w.x) (w.y) + label."""

    def __init__(self):
        super().__init__()
        self.inner = linear([1.0, -2.0])

    def forward(self, x, y, label):
        return (self.inner(x) * self.inner(y))[:, 0] + label


@functional
def test_input_gradient_of_several_inputs_leaves_labels_out(functional):
    """The gradient of (w.x) (w.y) at x is (w.y) w, and the other way round."""
    module = Product()
    network = Network(module, dict(module.named_parameters()) if functional else None, functional=functional)
    x, y = torch.randn(2, 3, 2, dtype=torch.float64)
    weight = torch.tensor([1.0, -2.0], dtype=torch.float64)
    slopes = network.input_gradient((x, y, torch.tensor([0, 1, 2])))
    for slope, other in zip(slopes, (y, x), strict=True):
        assert torch.allclose(slope, (other @ weight)[:, None] * weight)
    doubled = network.input_gradient((x,), lambda critic, x: 2 * critic(x, y, 0))
    assert torch.allclose(doubled[0], 2 * slopes[0])


def test_a_remembering_network_of_several_inputs_compares_all_of_them():
    network = Network(Product())
    x, y, label = torch.randn(3, 2).double(), torch.randn(3, 2).double(), torch.zeros(3)
    remembering = network.remembering()
    assert remembering(x, y, label) is remembering(x, y, label)
    assert torch.equal(remembering(x, x, label), network(x, x, label))


@functional
def test_another_method_of_the_module_is_a_network_too(functional):
    module = Autoencoder(nn.Linear(2, 1), nn.Linear(1, 2), code_layers=1).double()
    network = Network(module, dict(module.named_parameters()) if functional else None, functional=functional)
    x = torch.randn(4, 2, dtype=torch.float64)
    assert torch.equal(network.calling("encode")(x), module[0](x))
    doubled = {name: 2 * p for name, p in module.named_parameters()}
    assert torch.allclose(network.at(doubled).calling("encode")(x), 2 * module[0](x))
    assert torch.allclose(network.calling("encode").at(doubled)(x), 2 * module[0](x))
    assert torch.equal(network.calling("encode").params["1.weight"], module[1].weight)
    with pytest.raises(AttributeError, match="decode"):
        network.calling("decode")


def test_a_reference_reaches_virtual_batchnorm_at_any_depth():
    """The layers nested twice give the numbers of their definition: statistics of reference and sample."""
    network = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Tanh(), nn.Sequential(VirtualBatchNorm(3))))
    network = network.double()
    x, reference = torch.randn(4, 2).double(), torch.randn(9, 2).double()
    expected = []
    for row in x:
        together = torch.tanh(network[0](torch.cat((reference, row[None]))))
        variance, mean = torch.var_mean(together, 0, correction=0)
        expected.append((together[-1] - mean) / (variance + 1e-5).sqrt())
    assert torch.allclose(Network(network).beside(reference)(x), torch.stack(expected))
    with pytest.raises(RuntimeError, match=r"needs a reference batch: Network\.beside"):
        network(x)
