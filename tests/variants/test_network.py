"""Networks as values: both calculi give the same derivatives as a formula."""

import pytest
import torch
from torch import nn
from torch.func import vmap

from gan_bench.variants import DataSpec, Game, Network, Play, ability
from gan_bench.variants.network import gradient, parameter_gradient

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
    second = gradient(lambda p: network.input_gradient(p)[:, 0].sum(), x, functional=functional)
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


def test_each_call_takes_the_next_share_of_noise():
    class Shifted(nn.Module):
        def forward(self, x, noise):
            return x + noise["shift"]

    shares = tuple({"shift": torch.tensor(float(k))} for k in (1, 2))
    network = Network(Shifted(), noise=shares)
    assert network.stochastic
    assert [network(torch.zeros(())).item() for _ in range(2)] == [1.0, 2.0]
    with pytest.raises(RuntimeError, match=r"called 3 times.*declares 2 calls"):
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

    assert Base.abilities() == {"sample": {"noise": ("z",), "inputs": ()}}
    assert Derived.abilities()["encode"] == {"noise": (), "inputs": ("real",)}
    assert set(Derived.abilities()) == {"sample", "encode"}


def test_the_main_stream_gives_the_shape():
    assert DataSpec({"real": (3, 8, 8), "label": ()}).shape == (3, 8, 8)


def test_a_remembering_network_calculates_every_batch_once():
    network, batch = Network(torch.nn.Linear(2, 1)), torch.randn(3, 2)
    remembering = network.remembering()
    assert remembering(batch) is remembering(batch) is remembering.again()(batch)
    assert torch.equal(remembering(batch), network(batch))
    assert remembering(batch.clone()) is not remembering(batch)
    assert torch.equal(remembering(batch + 1), network(batch + 1))
    moved = remembering.at({name: p + 1 for name, p in remembering.params.items()})
    assert not torch.equal(moved(batch), remembering(batch))
