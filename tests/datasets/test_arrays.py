"""Datasets of arrays: each field is converted and checked by its own rules, and an error names it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench.datasets import DatasetError, StreamingSource
from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.scales import Affine
from gan_bench.spaces import Space

ROWS = {"train": 6, "validation": 3, "test": 4}
SPACES = {
    "map": Space((2, 2), classes=3),
    "depth": Space((1, 2, 2), (0.0, 1.0), unit="m"),
    "pose": Space((2,)),
    "count": Space(),
    "label": Space(classes=2),
}
FIELDS = ("photo", *SPACES)


def rows(count, seed=0):
    """Six fields of as many types: bytes, a map of labels, floats, whole numbers that are no labels."""
    rng = np.random.default_rng(seed)
    return {
        "photo": rng.integers(0, 256, (count, 2, 2)),
        "map": rng.integers(0, 3, (count, 2, 2), dtype=np.int32),
        "depth": rng.random((count, 1, 2, 2), dtype=np.float32),
        "pose": torch.from_numpy(rng.normal(5.0, 2.0, (count, 2))),
        "count": rng.integers(0, 1000, count),
        "label": [row % 2 for row in range(count)],
    }


def made(streams=None, **changes):
    parts = {split: rows(count, seed) for seed, (split, count) in enumerate(ROWS.items())}
    for field, values in changes.items():
        parts["test"][field] = values
    return finite_dataset(
        "mine", parts, streams=streams or {"all": FIELDS, "real": "photo"}, spaces=SPACES,
        scales={"pose": Affine((5.0, 5.0), (2.0, 2.0))},
    )  # fmt: skip


def test_fields_are_prepared_by_declaration_never_by_type():
    data, raw = made(), rows(ROWS["test"], 2)
    given = data.given(FIELDS)
    seen = {field: data.prepare(values, field, torch.float64) for field, values in given.items()}
    np.testing.assert_allclose(seen["photo"][:, 0], raw["photo"] / 127.5 - 1)
    np.testing.assert_allclose(seen["pose"], (raw["pose"] - 5) / 2)
    np.testing.assert_allclose(seen["depth"], raw["depth"])
    assert given["count"].dtype == torch.int64
    assert seen["count"].dtype == torch.float64, "whole numbers that are no labels are numbers"
    for labels in ("map", "label"):
        assert seen[labels] is given[labels]
        assert torch.equal(given[labels], torch.as_tensor(raw[labels]).long())
    for field, values in seen.items():
        torch.testing.assert_close(data.restore(values, field).double(), given[field].double())


def test_what_is_not_declared_is_known():
    data = made()
    assert data.spaces["photo"] == data.spaces["real"] == Space((1, 2, 2), (-1.0, 1.0))
    assert {field: data.spaces[field] for field in SPACES} == SPACES
    assert (data.kind, data.truth.classes) == ("images", 2)


def test_values_that_are_not_finite_are_left_out_of_their_own_field():
    poses = torch.tensor([[0.0, 1.0], [float("nan"), 0.0], [float("inf"), 0.0]])
    found = made().restore_finite(poses, "pose")
    assert (found.rows.tolist(), found.broken) == ([[5.0, 7.0]], 2)


def test_every_declaration_is_part_of_the_hash():
    def built(spaces=None, scales=None, **options):
        parts = {
            split: {"a": np.zeros((count, 2)), "b": np.ones((count, 2))} for split, count in ROWS.items()
        }
        spaces = {"a": Space((2,)), "b": Space((2,))} | (spaces or {})
        settings = {"streams": {"real": "a", "pairs": ("a", "b")}} | options
        return finite_dataset(
            "mine", parts, kind="planar", spaces=spaces, scales=scales, **settings
        ).content_hash

    changes = [
        {"spaces": {"b": Space((2,), (0.0, 1.0))}},
        {"scales": {"b": Affine((0.0, 0.0), (1.0, 1.0))}},
        {"scales": {"b": Affine((0.0, 0.0), (1.0, 2.0))}},
        {"streams": {"real": "b", "pairs": ("a", "b")}},
        {"version": 2},
        {"preprocessing": "halved"},
    ]
    assert len({built(), *(built(**change) for change in changes)}) == 7
    assert built() == built()


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        (
            "photo",
            np.zeros((4, 2, 2)),
            "images are of type float64 .* state which values are black and white",
        ),
        ("photo", np.zeros((4, 4, 8, 8), np.uint8), "have 4 channels; the last of them may be alpha"),
        (
            "photo",
            np.full((4, 3, 3), 7),
            r"have shape \(1, 3, 3\), expected \(1, 2, 2\) as in the train split",
        ),
        ("map", np.full((4, 2, 2), 3), "labels go from 3 to 3, with classes = 3 expected 0 to 2"),
        ("map", np.full((4, 2, 3), 1), r"labels have shape \(4, 2, 3\), expected \(4, 2, 2\)"),
        ("map", np.full((4, 2, 2), 0.5), "labels are not whole numbers"),
        ("depth", np.full((4, 1, 2, 2), 1.5), "prepared values go from 1.5 to 1.5, the bounds are 0 to 1"),
        ("depth", np.full((4, 1, 2, 2), np.nan), "4 of 4 rows read are not finite"),
        ("depth", np.zeros((4, 2, 2)), r"numbers have shape \(4, 2, 2\), expected \(n, 1, 2, 2\)"),
        ("pose", np.full((4, 2), 1e30), "whose square float32 cannot hold"),
        ("count", np.array([True] * 4), "numbers are of type bool"),
        ("label", [0, 1, 2, 1], "labels go from 0 to 2, with classes = 2"),
        ("label", [0, 1], "the test split has .* 2 of label; the fields of stream all"),
    ],
)
def test_a_field_that_breaks_its_declaration_is_named_with_its_split(field, values, message):
    with pytest.raises(DatasetError, match=rf"^mine: .*{message}") as refused:
        made(**{field: values})
    assert field in str(refused.value) or "images of the test split" in str(refused.value)
    assert "test" in str(refused.value)


def test_one_bad_value_in_any_row_is_found():
    depth = np.zeros((4, 1, 2, 2))
    depth[2, 0, 1, 1] = -1e-3
    with pytest.raises(DatasetError, match=r"mine: depth of the test split: prepared values go from -0.001"):
        made(depth=depth)


def test_sources_are_taken_as_they_are():
    pixels = np.arange(24, dtype=np.uint8).reshape(6, 1, 2, 2)
    parts = {split: {"real": StreamingSource(pixels.__getitem__, 6, (1, 2, 2))} for split in ROWS}
    data = finite_dataset("mine", parts, streams={"real": "real"}, content_hash="0" * 64)
    assert data.reference("test", 2).flatten(1)[:, 0].tolist() == [0, 4]


def test_misspelt_spaces_and_scales_are_refused():
    parts = {split: {"real": np.zeros((count, 2))} for split, count in ROWS.items()}
    for options in ({"spaces": {"reel": Space((2,))}}, {"scales": {"reel": Affine((0.0,), (1.0,))}}):
        with pytest.raises(DatasetError, match="unknown field 'reel'; did you mean 'real'"):
            finite_dataset("mine", parts, streams={"real": "real"}, kind="planar", **options)
