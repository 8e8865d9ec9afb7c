"""Every family's networks of every purpose that it has: shapes, and numbers alone, in packs and compiled."""

from __future__ import annotations

import pytest
import torch
from torch.func import grad_and_value, vmap
from torch.utils._pytree import tree_leaves

from gan_bench.bench.engine.compiled import Compiled
from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.networks import builder, check, families
from gan_bench.variants.networks.family import PURPOSES
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.norms import NORMS, is_virtual
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.supplies import noises

POINTS, IMAGES = Space((2,)), Space((1, 16, 16), (-1.0, 1.0))
Z, STYLE, LABEL = Space((5,)), Space((3,)), Space(classes=4)
SMALL = {"hidden": [6, 5], "width": 4, "dropout": 0.5, "growth": 2, "blocks": 1}
"""Options that make networks small, in the families that have them."""
ROWS, REPLICAS = 6, 2

PAIRS = [(family, purpose) for family in families() for purpose in FAMILIES.get(family).purposes]


def architecture(family):
    options = FAMILIES.get(family).options
    small = {"hidden": 6} if family == "vgg" else {}
    return {"family": family, **{n: value for n, value in {**SMALL, **small}.items() if n in options}}


def requests(build, purpose, data):
    """Inputs of one purpose, what its outputs are, and the network; the first request is the plainest."""
    code = Space((4,))
    match purpose:
        case "generator" | "decoder":
            make = getattr(build, purpose)
            for inputs in ((Z,), (Z, LABEL), (Z, STYLE)):
                yield inputs, (data,), lambda inputs=inputs: make(*inputs, makes=data)
            if purpose == "decoder":
                yield from decoders_of_maps(build, data)
        case "translator":
            for inputs in ((data,), (data, LABEL), (data, STYLE), (data, data)):
                yield inputs, (data,), lambda inputs=inputs: build.translator(*inputs, makes=data)
        case "encoder":
            for inputs in ((data,), (data, LABEL)):
                yield inputs, (code,), lambda inputs=inputs: build.encoder(*inputs, makes=code)
            yield (data,), (code, code), lambda: build.encoder(data, makes=code, gaussian=True)
            yield (data,), None, lambda: build.encoder(data)
        case "critic":
            for inputs in ((data,), (data, LABEL), (data, Z), (data, data), (data, Z, LABEL)):
                yield inputs, "scores", lambda inputs=inputs: build.critic(*inputs)
            for norm in NORMS[1:]:
                yield (data,), "scores", lambda norm=norm: build.critic(data, norm=norm)
            yield (data,), "classes", lambda: build.critic(data, classes=3)
        case "autoencoder":
            for norm in NORMS:
                yield (data,), (data,), lambda norm=norm: build.autoencoder(data, norm=norm)
        case "classifier":
            yield (data,), (Space((3,)),), lambda: build.classifier(data, classes=3)


def decoders_of_maps(build, data):
    try:
        made = build.encoder(data).makes
    except Misfit:
        return
    for inputs in ((made,), (made, STYLE)):
        yield inputs, (data,), lambda inputs=inputs: build.decoder(*inputs, makes=data)


def built(family, purpose):
    """All networks that a family can build for a purpose, with the spaces of their inputs and outputs."""
    found = []
    for data in (POINTS, IMAGES):
        plainest = True
        for inputs, makes, make in requests(builder(architecture(family)), purpose, data):
            try:
                found.append((inputs, makes, make()))
            except Misfit:
                if plainest:
                    break  # not of such data at all
            plainest = False
    assert found, f"{family} claims to have a {purpose}"
    return found


def batch(space, generator, rows=ROWS):
    if space.is_label:
        return torch.randint(space.classes, (rows, *space.shape), generator=generator)
    return torch.randn((rows, *space.shape), generator=generator, dtype=torch.float64)


def started(skeleton, seed):
    """A skeleton with weights in double precision."""
    module = skeleton.to_empty(device="cpu")
    initialise(module, torch.Generator().manual_seed(seed), "default")
    return module.double()


class Case:
    """One network of two replicas, with inputs, masks and a reference for each."""

    def __init__(self, inputs, skeleton):
        draw = torch.Generator().manual_seed(0)
        self.module = started(skeleton, 1)
        first = {name: p.detach().clone() for name, p in self.module.named_parameters()}
        self.params = {name: torch.stack((p, 1.5 * p - 0.01)) for name, p in first.items()}
        self.inputs = [torch.stack([batch(space, draw) for _ in range(REPLICAS)]) for space in inputs]
        self.reference = [batch(space, draw, 5) for space in inputs] if is_virtual(self.module) else []
        self.masks = {
            name: torch.stack([noise.draw(1, ROWS, draw)[0] for _ in range(REPLICAS)]).double()
            for name, noise in noises(self.module).items()
        }

    def loss(self, params, masks, *inputs, functional=True):
        """A number that depends on every output, and on slopes at the inputs."""
        network = Network(
            self.module, params, noise=(masks, masks) if masks else None, functional=functional
        ).beside(*self.reference)
        total = sum(out.square().mean() for out in tree_leaves(network(*inputs)))
        slopes = network.input_gradient(inputs, score)
        return total + sum((slope.square().mean() for slope in slopes), torch.zeros(()))

    def alone(self, replica):
        """Loss and gradients of one replica by plain autograd, of live weights."""
        params = {name: p[replica].clone().requires_grad_() for name, p in self.params.items()}
        masks = {name: mask[replica] for name, mask in self.masks.items()}
        loss = self.loss(params, masks, *[x[replica] for x in self.inputs], functional=False)
        return loss, torch.autograd.grad(loss, list(params.values()), materialize_grads=True)

    @property
    def packed(self):
        return vmap(grad_and_value(self.loss), randomness="error")


def score(network, *inputs):
    return sum(out.reshape(len(inputs[0]), -1).sum(1) for out in tree_leaves(network(*inputs)))


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_outputs_have_the_shapes_that_were_asked_for(family, purpose):
    for inputs, makes, skeleton in built(family, purpose):
        assert all(p.is_meta for p in skeleton.parameters())
        case = Case(inputs, skeleton)
        masks = {name: mask[0] for name, mask in case.masks.items()}
        network = Network(case.module, noise=(masks,) if masks else None)
        out = network.beside(*case.reference)(*[x[0] for x in case.inputs])
        outs = out if isinstance(out, tuple) else (out,)
        assert all(o.isfinite().all() for o in outs)
        if makes in ("scores", "classes"):
            assert outs[0].ndim in (1, 3)
            assert len(outs[0]) == ROWS
            assert [tuple(o.shape) for o in outs[1:]] == ([(ROWS, 3)] if makes == "classes" else [])
        else:
            spaces = makes or (case.module.makes,)
            assert [tuple(o.shape) for o in outs] == [(ROWS, *space.shape) for space in spaces]
            for o, space in zip(outs, spaces, strict=True):
                bounds = space.bounds if FAMILIES.get(family).family.bounded else None
                low, high = bounds or (-torch.inf, torch.inf)
                assert ((low <= o) & (o <= high)).all()


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_every_input_has_an_effect(family, purpose):
    for inputs, _, skeleton in built(family, purpose):
        case = Case(inputs, skeleton)
        if family == "dirac":  # a point is the same for every latent
            continue
        plain = [x[0] for x in case.inputs]
        for place, space in enumerate(inputs):
            other = list(plain)
            other[place] = (plain[place] + 1) % space.classes if space.is_label else plain[place] + 1.0
            network = Network(case.module).beside(*case.reference)
            with torch.no_grad():
                pairs = zip(tree_leaves(network(*plain)), tree_leaves(network(*other)), strict=True)
            assert any(not torch.equal(one, two) for one, two in pairs), f"input {place} of {inputs}"


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_a_pack_has_the_losses_and_gradients_of_its_replicas(family, purpose):
    for inputs, _, skeleton in built(family, purpose):
        case = Case(inputs, skeleton)
        grads, losses = case.packed(case.params, case.masks, *case.inputs)
        for replica in range(REPLICAS):
            loss, slopes = case.alone(replica)
            assert losses[replica].item() == pytest.approx(loss.item(), rel=1e-9)
            for name, slope in zip(case.params, slopes, strict=True):
                assert torch.allclose(grads[name][replica], slope, rtol=1e-8, atol=1e-12), name


@pytest.mark.slow
@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_a_compiled_pack_has_the_same(family, purpose):
    """Of the plainest network, and of one of those with most inputs."""
    found = built(family, purpose)
    most = max(found, key=lambda case: len(case[0]))
    for inputs, _, skeleton in found[:1] if most is found[0] else (found[0], most):
        case = Case(inputs, skeleton)
        arguments = (case.params, case.masks, *case.inputs)
        grads, losses = case.packed(*arguments)
        compiled_grads, compiled_losses = Compiled(case.packed)(*arguments)
        assert torch.allclose(compiled_losses, losses, rtol=1e-9)
        for name, grad in grads.items():
            assert torch.allclose(compiled_grads[name], grad, rtol=1e-7, atol=1e-12), name


@pytest.mark.parametrize("family", families())
def test_a_purpose_that_a_family_lacks_is_one_sentence(family):
    for purpose in set(PURPOSES) - set(FAMILIES.get(family).purposes):
        _, _, make = next(iter(requests(builder({"family": family}), purpose, POINTS)))
        with pytest.raises(Misfit, match=rf"^architecture {family} has no {purpose} of .*; .* have one$"):
            make()


@pytest.mark.parametrize("family", families())
def test_every_option_is_declared_with_its_meaning(family):
    described = {**FAMILIES.get(family).defaults, **check({"family": family})}
    for name, option in FAMILIES.get(family).options.items():
        assert option.doc, f"{family}.{name}"
        assert option.kind == "structural"
        assert described[name] == option.check(name, described[name])
