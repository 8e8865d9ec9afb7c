"""Every family's networks of every purpose that it has: shapes, and numbers alone, in packs and compiled."""

from __future__ import annotations

import pytest
import torch

from gan_bench.bench.checking import networks as checks
from gan_bench.bench.checking.families import declares
from gan_bench.bench.engine.compiled import Compiled
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder, families
from gan_bench.variants.networks.family import PURPOSES
from gan_bench.variants.networks.registry import FAMILIES

SMALL = {"hidden": [6, 5], "width": 4, "dropout": 0.5, "growth": 2, "blocks": 1}
"""Options that make networks small, in the families that have them."""
PAIRS = [(family, purpose) for family in families() for purpose in FAMILIES.get(family).purposes]


def architecture(family):
    options = FAMILIES.get(family).options
    small = {"hidden": 6} if family == "vgg" else {}
    return {"family": family, **{n: value for n, value in {**SMALL, **small}.items() if n in options}}


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_outputs_have_the_shapes_that_were_asked_for(family, purpose):
    checks.shapes_are_right(architecture(family), purpose)


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_every_input_has_an_effect(family, purpose):
    if family != "dirac":  # a point is the same for every latent
        checks.inputs_have_effects(architecture(family), purpose)


@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_a_pack_has_the_losses_and_gradients_of_its_replicas(family, purpose):
    checks.packs_are_replicas(architecture(family), purpose)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "purpose"), PAIRS)
def test_a_compiled_pack_has_the_same(family, purpose):
    """Of the plainest network, and of one of those with most inputs."""
    found = checks.built(architecture(family), purpose)
    most = max(found, key=lambda case: len(case[0]))
    for inputs, _, skeleton in found[:1] if most is found[0] else (found[0], most):
        case = checks.Case(inputs, skeleton)
        arguments = (case.params, case.masks, *case.inputs)
        grads, losses = case.packed(*arguments)
        compiled_grads, compiled_losses = Compiled(case.packed)(*arguments)
        assert torch.allclose(compiled_losses, losses, rtol=1e-9)
        for name, grad in grads.items():
            assert torch.allclose(compiled_grads[name], grad, rtol=1e-7, atol=1e-12), name


@pytest.mark.parametrize("family", families())
def test_a_purpose_that_a_family_lacks_is_one_sentence(family):
    for purpose in set(PURPOSES) - set(FAMILIES.get(family).purposes):
        _, _, make = next(iter(checks.requests(builder({"family": family}), purpose, checks.POINTS)))
        with pytest.raises(Misfit, match=rf"^architecture {family} has no {purpose} of .*; .* have one$"):
            make()


@pytest.mark.parametrize("family", families())
def test_every_option_is_declared_with_its_meaning(family):
    declares(family)
