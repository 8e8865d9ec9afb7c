"""Every family and purpose: shapes, bounds, gradients, packs, traces and meta tensors."""

from __future__ import annotations

import pytest
import torch
from torch.func import grad, vmap
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_flatten

from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.registry import FAMILIES
from tests.contract.asked import ASKED, BATCH, FEW, PAIRS, REFUSED, batch, built, claimed, filled, supplied

KEEP_BIASES = {"mlp", "conv"}  # before norms, which cancel them; their published scores depend on them
each = pytest.mark.parametrize(
    ("architecture", "asked"), PAIRS, ids=[f"{a['family']}-{asked}" for a, asked in PAIRS]
)
some = pytest.mark.parametrize(("architecture", "asked"), FEW, ids=[f"{a['family']}-{q}" for a, q in FEW])
SYSTEMS = {"dirac"}  # built for one game's points, see tests/variants/test_dirac.py


def shapes(asked, module):
    """Shape of every output for one sample, as the interface promises."""
    details = asked.details
    if asked.purpose == "critic":
        return [None, (details["classes"],)] if details.get("classes") else [None]
    if asked.purpose == "classifier":
        return [(details["classes"],)]
    makes = details.get("makes") or getattr(module, "makes", None) or asked.inputs[0]
    return [makes.shape] * (2 if details.get("gaussian") else 1)


def test_every_purpose_that_a_family_defines_is_tried():
    tried = {(architecture["family"], asked.purpose) for architecture, asked in PAIRS}
    assert tried == {pair for pair in claimed() if pair[0] not in SYSTEMS}


@each
def test_outputs_have_the_shape_and_the_bounds_and_gradients_reach_all(architecture, asked):
    module = filled(built(architecture, asked))
    inputs = [x.requires_grad_() if x.is_floating_point() else x for x in batch(asked, 0)]
    outputs, _ = tree_flatten(supplied(module, asked)()(*inputs))
    on_meta(architecture, asked, [output.shape for output in outputs])
    reach(architecture, module, inputs, outputs)
    expected = shapes(asked, module)
    assert len(outputs) == len(expected)
    for output, shape in zip(outputs, expected, strict=True):
        if shape is None:
            assert output.shape[0] == BATCH
            assert output.ndim in (1, 3)
        else:
            assert output.shape == (BATCH, *shape)
    makes = asked.details.get("makes")
    bounded = FAMILIES.get(architecture["family"]).family.bounded and not asked.details.get("gaussian")
    if isinstance(makes, Space) and makes.bounds is not None and bounded:
        low, high = makes.bounds
        assert low < outputs[0].min() < outputs[0].max() < high


def reach(architecture, module, inputs, outputs):
    """Check that the gradient of outputs reaches every parameter and every input."""
    generator = torch.Generator().manual_seed(2)
    weights = [torch.randn(o.shape, generator=generator, dtype=o.dtype) for o in outputs]
    sum((o * w).sum() for o, w in zip(outputs, weights, strict=True)).backward()
    scale = max(p.grad.abs().max() for p in module.parameters() if p.grad is not None)
    allowed = ("bias",) if architecture["family"] in KEEP_BIASES else ()
    unreached = [
        n for n, p in module.named_parameters() if p.grad is None or p.grad.abs().max() <= 1e-9 * scale
    ]
    assert [name for name in unreached if not name.endswith(allowed)] == []
    assert all(x.grad.abs().max() > 0 for x in inputs if x.is_floating_point())


def packed(architecture, asked):
    """A function of stacked parameters and inputs, and the values of two replicas."""
    modules = [filled(built(architecture, asked), seed) for seed in (0, 1)]
    params = [dict(module.named_parameters()) for module in modules]
    stacked = {name: torch.stack([one[name].detach() for one in params]) for name in params[0]}
    inputs = [torch.stack(pair) for pair in zip(batch(asked, 3), batch(asked, 4), strict=True)]

    network = supplied(modules[0], asked)

    def of_one(params, *inputs):
        outputs, _ = tree_flatten(network(params=params, functional=True)(*inputs))
        return outputs

    def loss(params, *inputs):
        return sum(output.square().sum() for output in of_one(params, *inputs))

    return modules, inputs, stacked, of_one, loss


def close(one, other):
    """Equal but for rounding in float64."""
    return (one - other).abs().max() <= 1e-10 * max(1.0, other.abs().max())


@some
def test_a_pack_gives_the_outputs_and_gradients_of_its_replicas(architecture, asked):
    modules, inputs, stacked, of_one, loss = packed(architecture, asked)
    outputs, slopes = vmap(of_one)(stacked, *inputs), vmap(grad(loss))(stacked, *inputs)
    for replica, module in enumerate(modules):
        own = [x[replica] for x in inputs]
        alone, _ = tree_flatten(supplied(module, asked)()(*own))
        sum(output.square().sum() for output in alone).backward()
        assert all(close(o[replica], a) for o, a in zip(outputs, alone, strict=True))
        assert all(close(slopes[name][replica], p.grad) for name, p in module.named_parameters())


@pytest.mark.parametrize(
    ("architecture", "asked"),
    [
        pytest.param(a, q, marks=[] if number % 60 == 0 else pytest.mark.slow, id=f"{a['family']}-{q}")
        for number, (a, q) in enumerate(FEW)
    ],
)
def test_a_compiled_step_can_be_traced(architecture, asked):
    _, inputs, stacked, _, loss = packed(architecture, asked)
    step = vmap(grad(loss))
    traced = make_fx(step)(stacked, *inputs)
    for name, slope in step(stacked, *inputs).items():
        assert torch.equal(traced(stacked, *inputs)[name], slope)


def on_meta(architecture, asked, shapes):
    """Check that the network plays on meta tensors, with outputs of these shapes."""
    if asked.details.get("norm") == "virtual":
        return  # its reference is given on the CPU here
    outputs, _ = tree_flatten(built(architecture, asked).double()(*[x.to("meta") for x in batch(asked, 0)]))
    assert [o.shape for o in outputs] == shapes
    assert all(o.is_meta for o in outputs)


@pytest.mark.parametrize(
    ("architecture", "asked"),
    [(a, q) for a, q in FEW if q.purpose == "critic" and q.details["norm"] != "batch"],
)
def test_penalties_on_input_gradients_can_be_differentiated(architecture, asked):
    _, inputs, stacked, _, _ = packed(architecture, asked)
    supply = supplied(filled(built(architecture, asked)), asked)

    def penalty(params, *inputs):
        network = supply(params=params, functional=True)

        def score(network, *given):
            outputs, _ = tree_flatten(network(*given))
            return outputs[0].flatten(1).mean(1) if outputs[0].ndim > 1 else outputs[0]

        slopes = network.input_gradient(tuple(inputs), score)
        return sum((slope.flatten(1).norm(dim=1) - 1).square().mean() for slope in slopes)

    slopes = vmap(grad(penalty))(stacked, *inputs)
    assert all(slope.isfinite().all() for slope in slopes.values())
    assert any(slope.abs().max() > 0 for slope in slopes.values())


@pytest.mark.parametrize(
    ("architecture", "asked"), REFUSED, ids=[f"{a['family']}-{asked}" for a, asked in REFUSED]
)
def test_a_family_refuses_what_it_cannot_serve(architecture, asked):
    with pytest.raises(Misfit):
        built(architecture, asked)


def test_requests_are_distinct():
    assert len({str(asked) for asked in ASKED}) == len(ASKED)
