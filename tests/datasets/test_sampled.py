"""Laws of several fields: pairs, masks, low and high resolution drawn without end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Truth, registry
from gan_bench.datasets.sampled import SampledDataset
from gan_bench.datasets.scales import Affine
from gan_bench.spaces import Space


def pair(count, generator, dtype):
    """A number and the point (x, x^2), which is also the main field."""
    a = torch.rand(count, 1, generator=generator, dtype=dtype)
    return {"a": a, "real": torch.cat([a, a.square()], 1)}


def point(count, generator, dtype):
    return pair(count, generator, dtype)["real"]


def upscaled(count, generator, dtype):
    low = torch.randn(count, 1, 2, 2, generator=generator, dtype=dtype)
    return {"low": low, "high": low.repeat(1, 1, 2, 2), "kind": low.flatten(1)[:, 0].gt(0).long()}


def normal(count, generator, dtype):
    return torch.randn(count, 1, generator=generator, dtype=dtype)


def other_points(count, generator, dtype):
    return {"a": normal(count, generator, dtype), "real": point(count, generator, dtype)}


def made(**options):
    settings = {
        "others": {"pairs": pair, "low_high": upscaled},
        "spaces": {"a": Space((1,), (-1.0, 1.0)), "kind": Space(classes=2)},
        "scales": {"a": Affine((0.5,), (0.5,))},
    }
    return SampledDataset("mine", "planar", (2,), Truth(description="pairs"), point, **settings | options)


@pytest.fixture
def load():
    def load(make):
        with registry.DATASETS.restored():
            datasets.register_dataset("mine", kind="planar")(make)
            return datasets.load("mine")

    return load


def test_streams_of_several_fields_have_their_spaces_and_scales(load):
    data = load(made)
    assert data.streams == {"real": ("real",), "pairs": ("a", "real"), "low_high": ("low", "high", "kind")}
    assert data.spaces == {
        "real": Space((2,)), "a": Space((1,), (-1.0, 1.0)), "low": Space((1, 2, 2)), "high": Space((1, 4, 4)),
        "kind": Space(classes=2),
    }  # fmt: skip
    raw = torch.tensor([[0.0], [1.0]])
    assert data.prepare(raw, "a").tolist() == [[-1.0], [1.0]]
    assert torch.equal(data.restore(data.prepare(raw, "a"), "a"), raw)
    assert torch.equal(data.prepare(raw.repeat(1, 2)), raw.repeat(1, 2)), "the main field has no scale"


def test_references_of_a_pair_belong_together():
    data = made()
    for split in ("validation", "test"):
        given = data.given(["a", "real"], split, 300)
        assert torch.equal(given["a"][:, 0].square(), given["real"][:, 1])
        assert torch.equal(data.paired("real", ["a"], split, 300), given["real"])
        assert torch.equal(data.reference(split, 300), given["real"])
        tall = data.paired("high", ["low"], split, 20)
        assert torch.equal(tall[:, :, :2, :2], data.given(["low"], split, 20)["low"])
    assert data.paired("high", ["a"]) is None, "drawn apart"
    assert len(data.reference(field="low")) == 10_000
    assert data.reference_rows("test", "high") is None


def test_labels_of_a_field_of_any_name_are_declared_and_stay_integers():
    kinds = made().given(["kind"], "test", 1000)["kind"]
    assert kinds.dtype == torch.int64
    assert abs(kinds.double().mean() - 0.5) < 5 * 0.5 / np.sqrt(1000)


def test_whole_numbers_without_a_declaration_are_numbers(load):
    data = load(lambda: made(spaces=None, scales=None))
    assert data.spaces["kind"] == Space()
    assert data.prepare(torch.tensor([3, 4]), "kind").dtype == torch.float32


def test_declarations_are_part_of_the_content_hash():
    others = [
        made(),
        made(spaces={"kind": Space(classes=2)}),
        made(scales=None),
        made(spaces=None, scales=None),
    ]
    assert len({data.content_hash for data in others}) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spaces": {"a": Space((2,))}}, r"field a gives shape \(64, 1\) for 64 rows, expected \(64, 2\)"),
        ({"spaces": {"a": Space((1,), (0.6, 0.7))}}, "field a: prepared values .* the bounds are 0.6 to 0.7"),
        ({"spaces": {"kind": Space(classes=1)}}, "field kind: labels go from 0 to 1, with classes = 1"),
        ({"spaces": {"b": Space((1,))}}, "unknown field 'b'"),
        ({"scales": {"b": Affine((0.0,), (1.0,))}}, "unknown field 'b'"),
        ({"shift": (1.0, 1.0)}, "and scale = None; expected 2 numbers each, or neither"),
        ({"shift": (1.0,), "scale": (2.0,)}, "expected 2 numbers each, or neither"),
        ({"others": {"pairs": other_points}}, "stream pairs draws other rows of real than stream real"),
        ({"others": {"a": lambda *law: {"b": normal(*law)}}}, "stream a has one field, b: name both alike"),
        ({"others": {"a": pair}}, "stream a has several fields, and there is a field of that name"),
    ],
)  # fmt: skip
def test_fields_that_differ_from_their_declaration_are_refused(load, options, message):
    settings = {"spaces": None, "scales": None} | options
    with pytest.raises(DatasetError, match=message):
        load(lambda: made(**settings))


def test_domains_that_are_drawn_apart_have_no_targets():
    turned = datasets.load("turned")
    assert {*turned.spaces} == {"real", "domain_a", "domain_b"}
    assert turned.paired("domain_b", ["domain_a"]) is None
    assert turned.paired("domain_a", ["domain_a"], "test", 5).equal(turned.reference("test", 5, "domain_a"))
