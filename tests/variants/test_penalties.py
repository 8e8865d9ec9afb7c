"""The gradient penalty on critics whose gradient is known, in both calculi."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.func import grad, vmap

from gan_bench.variants import Network, Noise
from gan_bench.variants.penalties import GradientPenalty


class Linear(nn.Module):
    """D(x) = w.x, slope |w| everywhere."""

    def __init__(self, *w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=torch.float64))

    def forward(self, x):
        return x.flatten(1) @ self.w


class Quadratic(nn.Module):
    """D(x) = a |x|^2 / 2, gradient a x."""

    def __init__(self, a):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a, dtype=torch.float64))

    def forward(self, x):
        return self.a * x.flatten(1).square().sum(1) / 2


REAL = np.array([[1.0, 2.0], [0.0, -3.0], [4.0, 4.0]])
FAKE = np.array([[-1.0, 0.0], [2.0, 2.0], [0.5, -0.5]])
MIX = np.array([0.0, 0.25, 1.0])
POINTS = {"real": REAL, "fake": FAKE, "interpolates": FAKE + MIX[:, None] * (REAL - FAKE)}

functional = pytest.mark.parametrize("functional", [False, True], ids=["autograd", "func"])
everywhere = pytest.mark.parametrize("points", POINTS)


def measure(penalty, module, functional, params=None):
    if functional and params is None:
        params = dict(module.named_parameters())
    critic = Network(module, params, functional=functional)
    real, fake, mix = map(torch.as_tensor, (REAL, FAKE, MIX))
    return penalty(critic, (real,), (fake,), {("interpolation", 0): mix})


@functional
@everywhere
@pytest.mark.parametrize(("target", "power"), [(1.0, 2.0), (0.0, 2.0), (0.0, 6.0), (1.0, 1.0), (2.5, 3.0)])
def test_value_on_linear_and_quadratic_critics(functional, points, target, power):
    penalty = GradientPenalty(points=points, target=target, power=power)
    linear = measure(penalty, Linear(3.0, -4.0), functional).item()
    assert linear == pytest.approx(abs(5.0 - target) ** power)
    quadratic = measure(penalty, Quadratic(0.5), functional).item()
    norms = 0.5 * np.sqrt((POINTS[points] ** 2).sum(1))
    assert quadratic == pytest.approx((np.abs(norms - target) ** power).mean())


@functional
@everywhere
def test_gradient_by_the_weights(functional, points):
    """d/da E(a|x| - 1)^2 = 2 E (a|x| - 1)|x|; d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|."""
    penalty = GradientPenalty(points=points)
    norms = np.sqrt((POINTS[points] ** 2).sum(1))
    expected = {"a": 2 * ((0.5 * norms - 1) * norms).mean(), "w": 2 * 4 * np.array([0.6, -0.8])}
    for module in (Quadratic(0.5), Linear(3.0, -4.0)):
        params = dict(module.named_parameters())
        if functional:
            found = grad(lambda p, m=module: measure(penalty, m, True, p))(params)
        else:
            value = measure(penalty, module, False)
            found = dict(zip(params, torch.autograd.grad(value, list(params.values())), strict=True))
        for name, slope in found.items():
            assert slope.detach().numpy() == pytest.approx(expected[name], abs=1e-9)


def test_a_pack_of_critics_is_penalised_one_by_one():
    scales = torch.tensor([0.1, 0.5, -2.0], dtype=torch.float64)
    penalty = GradientPenalty()
    module = Quadratic(1.0)
    packed = vmap(lambda a: measure(penalty, module, True, {"a": a}))(scales)
    alone = [measure(penalty, Quadratic(a), False).item() for a in scales.tolist()]
    assert packed.tolist() == pytest.approx(alone)
    slopes = vmap(grad(lambda a: measure(penalty, module, True, {"a": a})))(scales)
    norms = np.sqrt((POINTS["interpolates"] ** 2).sum(1))
    expected = [2 * ((abs(a) * norms - 1) * norms).mean() * np.sign(a) for a in scales.tolist()]
    assert slopes.tolist() == pytest.approx(expected, abs=1e-9)


@functional
def test_a_flat_critic_has_a_finite_penalty_and_gradient(functional):
    module = Linear(0.0, 0.0)
    params = dict(module.named_parameters())
    assert measure(GradientPenalty(), module, functional).item() == pytest.approx(1.0, abs=1e-5)
    if functional:
        slope = grad(lambda p: measure(GradientPenalty(), module, True, p))(params)["w"]
    else:
        slope = torch.autograd.grad(measure(GradientPenalty(), module, False), module.w)[0]
    assert slope.isfinite().all()


@functional
def test_norms_run_over_all_dimensions_of_a_sample(functional):
    """Images: the norm is over channels and pixels, the weight of a pair is one number."""
    module = Quadratic(1.0)
    params = dict(module.named_parameters()) if functional else None
    real = torch.ones(2, 3, 4, 4, dtype=torch.float64)
    mix = {("interpolation", 0): torch.tensor([0.5, 1.0], dtype=torch.float64)}
    critic = Network(module, params, functional=functional)
    found = GradientPenalty()(critic, (real,), (torch.zeros_like(real),), mix).item()
    norm = np.sqrt(48)
    assert found == pytest.approx(((norm / 2 - 1) ** 2 + (norm - 1) ** 2) / 2)


@given(weight=st.floats(0, 1, width=32))
def test_interpolates_lie_between_the_pair(weight):
    seen = []

    class Spy(nn.Module):
        def forward(self, x):
            seen.append(x.detach().clone())
            return x.sum(1)

    mix = {("interpolation", 0): torch.full((3,), weight, dtype=torch.float64)}
    GradientPenalty()(Network(Spy()), (torch.as_tensor(REAL),), (torch.as_tensor(FAKE),), mix)
    assert seen[0].numpy() == pytest.approx(FAKE + weight * (REAL - FAKE))


def test_what_a_penalty_declares():
    assert GradientPenalty().noise([(2,)]) == {("interpolation", 0): Noise(law="uniform")}
    assert GradientPenalty().noise([(2,), (3,)]).keys() == {("interpolation", 0)}, "one mix for all inputs"
    around = GradientPenalty(points="perturbed").noise([(2,), (3, 4)])
    assert {key: noise.shape for key, noise in around.items()} == {
        ("perturbation_length", 0): (), ("perturbation", 0): (2,), ("perturbation", 1): (3, 4)
    }  # fmt: skip
    assert {noise.law for noise in around.values()} == {"uniform"}
    assert GradientPenalty(points="real").noise([(2,)]) == {}
    weight = GradientPenalty(default_weight=3.0).hyperparameters()["penalty_weight"]
    assert (weight.default, weight.kind, weight.low) == (3.0, "continuous", 0.0)
