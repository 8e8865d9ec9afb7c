"""Finite data of several fields: streams that pair them, second names, references, splits of any size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import AlignedSource, DatasetError, ResidentSource, StreamingSource, Truth
from gan_bench.datasets.indexed import IndexedDataset
from gan_bench.datasets.scales import PIXELS
from gan_bench.spaces import Space

SIZES = {"train": 6, "validation": 3, "test": 4}
OUTLINE, PHOTO = Space((1, 2, 2), (-1.0, 1.0)), Space((3, 2, 2), (-1.0, 1.0))
FLOATS = ResidentSource(torch.zeros(6, 1, 2, 2))
STREAMS = {"pairs": ("a", "b"), "real": "b", "domain_a": "a", "domain_b": "b"}


def images(space, first, count):
    """Images whose pixels all have the number of their row."""
    rows = torch.arange(first, first + count, dtype=torch.uint8)
    return ResidentSource(rows.reshape(-1, 1, 1, 1).repeat(1, *space.shape))


def splits(**changed):
    return {
        split: {"a": images(OUTLINE, first, count), "b": images(PHOTO, 100 + first, count)}
        | changed.get(split, {})
        for (split, count), first in zip(SIZES.items(), (0, 10, 20), strict=True)
    }


def pairs(parts=None, streams=STREAMS, **options):
    spaces = {"a": OUTLINE, "b": PHOTO}
    return IndexedDataset(
        "pairs", "images", parts or splits(), streams=streams, spaces=spaces,
        scales=dict.fromkeys(spaces, PIXELS), truth=Truth(), **options,
    )  # fmt: skip


def numbers(rows):
    return rows.flatten(1)[:, 0].tolist()


def test_a_stream_of_two_fields_pairs_their_rows_and_second_names_read_alone():
    data = pairs()
    assert data.spaces == {"a": OUTLINE, "b": PHOTO, "real": PHOTO, "domain_a": OUTLINE, "domain_b": PHOTO}
    assert data.streams == {
        "pairs": ("a", "b"), "real": ("real",), "domain_a": ("domain_a",), "domain_b": ("domain_b",)
    }  # fmt: skip
    assert (data.shape, data.bounds) == ((3, 2, 2), (-1.0, 1.0))
    batch = data.stream("pairs").gather(torch.tensor([[4, 0], [1, 1]]))
    assert {field: rows.shape for field, rows in batch.items()} == {
        "a": (2, 2, 1, 2, 2),
        "b": (2, 2, 3, 2, 2),
    }
    assert (batch["b"][..., 0, 0, 0] - batch["a"][..., 0, 0, 0]).unique().tolist() == [100]
    assert numbers(data.stream("domain_a", "test").gather(torch.tensor([3, 0]))) == [23, 20]


def test_references_are_given_in_pairs_and_pair_what_is_made_with_its_inputs():
    data = pairs()
    given = data.given(["b", "a"], "test", 3)
    assert (numbers(given["a"]), numbers(given["b"])) == ([20, 21, 22], [120, 121, 122])
    assert numbers(data.paired("b", ["a"], "validation")) == [110, 111, 112]
    assert numbers(data.paired("a", ["b"], "test", 2)) == [20, 21]
    assert numbers(data.paired("a", ["a"])) == [20, 21, 22, 23], "a reconstruction has its input as target"
    assert numbers(data.paired("domain_b", ["domain_a"])) == [120, 121, 122, 123], "the rows of a pair"
    assert data.paired("b", []) is None


def test_domains_without_pairs_have_no_targets_and_their_own_numbers_of_rows():
    parts = {
        split: {"a": images(OUTLINE, 0, count), "b": images(PHOTO, 100, 2 * count)}
        for split, count in SIZES.items()
    }
    data = pairs(parts, {"real": "b", "domain_a": "a", "domain_b": "b"})
    assert [data.reference_rows("test", field) for field in ("domain_a", "domain_b", "real")] == [4, 8, 8]
    assert data.paired("domain_b", ["domain_a"]) is None


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_counts_below_0_are_refused(name):
    data = datasets.load(name)
    for ask in (lambda: data.reference("test", -1), lambda: data.given(["label"], "test", -1)):
        with pytest.raises(DatasetError, match=f"{name}: a reference needs a count of 0 or more, got -1"):
            ask()
    assert len(data.reference("test", 0)) == len(data.given(["label"], "test", 0)["label"]) == 0


def test_counts_are_cut_to_the_rows_of_a_split():
    data = pairs()
    for count in (4, 5, 10_000):
        assert len(data.reference("test", count)) == len(data.given(["a"], "test", count)["a"]) == 4
        assert len(data.paired("b", ["a"], "test", count)) == 4


def test_the_hash_covers_every_field_and_the_definition_and_a_second_name_costs_nothing():
    changed = [
        pairs(splits(**{split: {field: images(space, 50, SIZES[split])}}))
        for split, (field, space) in itertools.product(SIZES, {"a": OUTLINE, "b": PHOTO}.items())
    ]
    assert len({data.content_hash for data in [pairs(), pairs(definition="other"), *changed]}) == 8
    assert pairs().content_hash == pairs(streams={"pairs": ("a", "b"), "real": "b"}).content_hash


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pairs(splits(test={"b": images(PHOTO, 0, 3)})), "test split has 4 of a, 3 of b; .* pairs"),
        (lambda: pairs(splits(test={"b": images(PHOTO, 0, 1)})), "has 1 rows of b, expected at least 2"),
        (lambda: pairs(splits(validation={"a": images(PHOTO, 0, 3)})), r"rows of a of the val.*\(1, 2, 2\)"),
        (lambda: pairs({**splits(), "test": {"b": images(PHOTO, 0, 4)}}), "has no field a; it has b"),
        (lambda: pairs(streams={"real": "c"}), "pairs: unknown field 'c'"),
        (lambda: pairs(streams={"real": "b"}), "no stream reads the field a"),
        (lambda: pairs(splits(train={"a": FLOATS})), "torch.float32, expected uint8"),
        (
            lambda: pairs(splits(train={"a": StreamingSource(lambda rows: None, 6, (1, 2, 2))})),
            "rows of a that are not resident need a content_hash",
        ),
    ],
)  # fmt: skip
def test_fields_that_do_not_go_together_are_refused(make, message):
    with pytest.raises(DatasetError, match=message):
        make()


def test_labels_without_their_images_follow_the_weights_of_the_training_labels():
    parts = splits()
    labels = {"train": [0, 0, 0, 1, 0, 1], "validation": [0, 1, 1], "test": [1, 1, 0, 0]}
    for split, of_split in labels.items():
        parts[split]["label"] = ResidentSource(torch.tensor(of_split))
    data = IndexedDataset(
        "labelled", "images", parts, truth=Truth(classes=2), scales=dict.fromkeys("ab", PIXELS),
        spaces={"a": OUTLINE, "b": PHOTO, "label": Space(classes=2)},
        streams={"real": "b", "pairs": ("a", "b"), "labelled": ("real", "label")},
    )  # fmt: skip
    assert isinstance(data.stream("labelled"), AlignedSource)
    assert data.class_weights == (4 / 6, 2 / 6)
    assert data.given(["label"], "test", 300)["label"].bincount().tolist() == [200, 100]
    both = data.given(["b", "label"], "test")
    assert (numbers(both["b"]), both["label"].tolist()) == ([120, 121, 122, 123], [1, 1, 0, 0])
    assert data.paired("real", ["label"]) is None, "a label alone has no image of its own"
    assert data.paired("label", ["real"]).tolist() == [1, 1, 0, 0], "a classifier's target"


KINDS = {
    "pairs": {"a": (1, 2, 2), "b": (3, 2, 2)},
    "masked": {"context": (3, 4, 4), "hole": (3, 2, 2), "whole": (3, 4, 4)},
    "low_high": {"low": (3, 2, 2), "high": (3, 8, 8)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_stream_passes_the_checks_at_the_door(kind):
    names = tuple(KINDS[kind])
    spaces = {name: Space(shape, (-1.0, 1.0)) for name, shape in KINDS[kind].items()}

    def make():
        parts = {
            split: {name: images(space, first, count) for name, space in spaces.items()}
            for (split, count), first in zip(SIZES.items(), (0, 10, 20), strict=True)
        }
        streams = {kind: names, "real": names[-1]}
        return IndexedDataset(
            "mine", "images", parts, streams=streams, spaces=spaces,
            scales=dict.fromkeys(names, PIXELS), truth=Truth(),
        )  # fmt: skip

    with datasets.registry.DATASETS.restored():
        datasets.register_dataset("mine", kind="images")(make)
        data = datasets.load("mine")
    made = data.prepare(data.reference("test", 2, names[0]), names[0])
    np.testing.assert_allclose(made.flatten(1)[:, 0], np.array([20, 21]) / 127.5 - 1, rtol=1e-6)
