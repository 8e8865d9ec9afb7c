"""Counts by class of what is made: compared with scikit-learn's, and with a map that was drawn by hand."""

import numpy as np
import torch
from sklearn.metrics import confusion_matrix

from gan_bench.bench.abilities.by_class import by_class
from gan_bench.bench.metrics.extractors import of_dataset
from gan_bench.bench.metrics.outputs import Output, query_of
from gan_bench.datasets import load
from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.base import Truth
from gan_bench.variants.declarations import Ability

ABLE = {
    "translate": Ability(("a",), makes="real"),
    "sample_labelled": Ability(("label",), makes="real"),
    "encode": Ability(("real",), makes=""),
    "sample": Ability(),
}
OUTLINES = load("digit-outlines")


def query(name, dataset=OUTLINES, count=40):
    return query_of(name, ABLE, dataset, count, "test")


def test_images_are_counted_by_the_class_of_the_input_and_the_class_found():
    asked = query("translate")
    labels = OUTLINES.paired("label", ("a",), "test", 40)
    right, other = OUTLINES.paired("b", ("a",), "test", 50)[:40], OUTLINES.reference("test", 50)[10:]
    for made, least, most in ((right, 37, 40), (other, 0, 12)):
        (counts,) = by_class(Output(asked, made), "ema", OUTLINES).values()
        found = of_dataset(OUTLINES)(made).logits.argmax(1)
        np.testing.assert_array_equal(counts, confusion_matrix(labels, found, labels=range(10)))
        assert least <= np.trace(counts) <= most


def test_samples_of_given_labels_are_counted_by_the_label():
    asked = query("sample_labelled")
    made = OUTLINES.reference("test", 40)
    kept = by_class(Output(asked, made), "final", OUTLINES)
    assert set(kept) == {"by_class.final.sample_labelled.counts"}
    (counts,) = kept.values()
    np.testing.assert_array_equal(counts.sum(1), np.bincount(asked.given["label"], minlength=10))


def test_what_is_no_image_of_an_input_has_no_class():
    assert by_class(Output(query("sample"), OUTLINES.reference("test", 40)), "final", OUTLINES) == {}
    assert by_class(Output(query("encode"), torch.zeros(40, 8)), "final", OUTLINES) == {}
    broken = Output(query("translate"), OUTLINES.reference("test", 39), broken=1)
    assert by_class(broken, "final", OUTLINES) == {}


def test_pixels_of_label_maps_are_counted_by_label():
    black, white = (np.full((2, 3, 4, 4), value, np.uint8) for value in (0, 255))
    half = black.copy()
    half[..., 2:] = 255
    rows = {"a": black, "b": half}
    maps = finite_dataset(
        "maps", dict.fromkeys(("train", "validation", "test"), rows),
        streams={"pairs": ("a", "b"), "real": "b"},
        truth=Truth(palette=np.array([(0, 0, 0), (255, 255, 255)])),
    )  # fmt: skip
    made = torch.from_numpy(white.copy())
    made[0, ..., :1] = 0
    (counts,) = by_class(Output(query("translate", maps, 2), made), "final", maps).values()
    np.testing.assert_array_equal(counts, [[4, 12], [0, 16]])
