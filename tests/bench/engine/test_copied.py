"""Copies of modules: as those of `copy.deepcopy`, which share nothing with the original."""

import copy

import pytest
import torch
from torch import nn

from gan_bench.bench.engine.skeletons import copied
from gan_bench.spaces import Space
from gan_bench.variants.networks import builder


class Kept(nn.Module):
    """Has all that may be kept of a module: layers twice and none, lists, dicts, buffers, hooks."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 3)
        self.empty, self.missing = nn.Sequential(), None
        self.register_module("none", None)
        self.register_buffer("fixed", torch.arange(3.0))
        self.same = [self.layer, {"weight": self.layer.weight}]
        self.sizes, self.notes = {"rows": [1, 2]}, {}
        self.shared = self.notes
        self.layer.register_forward_hook(double)


class Special(nn.Linear):
    """Says itself how it is copied."""

    def __deepcopy__(self, memo):
        return "copied by itself"


def double(module, inputs, output):
    return 2 * output


def test_a_copy_keeps_what_belongs_together_and_shares_nothing():
    module = Kept()
    one = copied(module)
    assert type(one) is Kept
    assert one.same[0] is one.layer is not module.layer
    assert one.same[1]["weight"] is one.layer.weight is not module.layer.weight
    assert one.shared is one.notes is not module.notes
    assert one.sizes == module.sizes
    assert one.sizes["rows"] is not module.sizes["rows"]
    assert isinstance(one.empty, nn.Sequential)
    assert one.empty is not module.empty
    assert dict(one.named_children()).keys() == dict(module.named_children()).keys()
    assert one._modules["none"] is None
    assert torch.equal(one.fixed, module.fixed)
    assert one.fixed.data_ptr() != module.fixed.data_ptr()
    x = torch.ones(1, 2)
    assert torch.equal(one.layer(x), module.layer(x)), "hooks come along"
    one.layer.register_forward_hook(double)
    assert not torch.equal(one.layer(x), module.layer(x)), "and are its own"
    assert vars(one).keys() == vars(copy.deepcopy(module)).keys()


def test_what_has_a_copy_already_keeps_it():
    module = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    weight = nn.Parameter(torch.zeros(1, 1))
    one = copied(module, {id(module[0].weight): weight, id(module[1]): module[1]})
    assert one[0].weight is weight
    assert one[1] is module[1]


def test_a_module_that_says_how_it_is_copied_is_asked():
    module = nn.Module()
    module.special = Special(1, 1)
    assert copied(module).__dict__["_modules"]["special"] == "copied by itself"


@pytest.mark.parametrize("family", ["mlp", "conv"])
def test_networks_have_the_attributes_of_a_deep_copy(family):
    image = Space((1, 16, 16), (-1.0, 1.0))
    module = builder({"family": family}).critic(image, norm="batch")
    for mine, theirs in zip(copied(module).modules(), copy.deepcopy(module).modules(), strict=True):
        assert type(mine) is type(theirs)
        assert vars(mine).keys() == vars(theirs).keys()
        for name, value in vars(mine).items():
            assert type(value) is type(vars(theirs)[name]), name
