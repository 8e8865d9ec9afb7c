"""Extractors by name, open to plug-ins and held to what they must say of themselves."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.commands.listing import listing
from gan_bench.bench.metrics import Evaluator, MetricError
from gan_bench.bench.metrics.extractors import (
    Outputs,
    extractor,
    extractor_names,
    of_dataset,
    register_extractor,
    registry,
    try_out,
)
from gan_bench.datasets.images import ImageDataset

DIGITS = datasets.load("digits")


class Mean:
    """The mean of an image, as feature and as logits of ten classes."""

    def __init__(self, suffix="mine", sha256="0" * 64, classes=10):
        self.suffix, self.sha256, self.classes = suffix, sha256, classes

    def __call__(self, images):
        mean = images.float().flatten(1).mean(1, keepdim=True)
        return Outputs(mean.repeat(1, 2), mean.repeat(1, self.classes))


@pytest.fixture
def register():
    with registry.EXTRACTORS.restored():
        yield register_extractor
    extractor.cache_clear()


def test_a_dataset_is_measured_by_the_extractor_that_it_names(register):
    register("mine")(lambda device: Mean())
    data = ImageDataset("own", DIGITS.parts, extractor="mine")
    assert "mine" in extractor_names()
    evaluator = Evaluator(data, samples=20, final_samples=20)
    assert evaluator.ranking == ("fid_mine",)
    assert evaluator.protocol["extractors"] == {"mine": "0" * 64}
    assert {"fid_mine", "kid_mine"} <= evaluator.protocol["metrics"].keys()
    other = Evaluator(ImageDataset("own", DIGITS.parts), samples=20, final_samples=20)
    assert other.protocol["extractors"] == {}


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "digits", "stacked-mnist", "stacked-digits"])
def test_the_shipped_datasets_keep_their_extractors(name):
    try:
        data = datasets.load(name, allow_download=False, stand_in=False)
    except datasets.Unreachable:
        pytest.skip(f"{name} lies neither in BENCH_DATA nor in the cache")
    own = of_dataset(data)
    expected = {"mnist": "lenet28", "fashion-mnist": "lenet28_fashion", "digits": "lenet28_digits"}
    stacked = {"stacked-mnist": "lenet28x3", "stacked-digits": "lenet28_digitsx3"}
    assert own.suffix == {**expected, **stacked}[name]
    try_out(own, data)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Mean(suffix="yours"), "its suffix is 'yours', expected its name"),
        (Mean(sha256="abc"), "its sha256 is 'abc', expected the 64 hexadecimal digits"),
        (None, "its suffix is None"),
    ],
)
def test_an_extractor_says_which_network_it_is(register, made, message):
    register("mine")(lambda device: made)
    with pytest.raises(MetricError, match=f"extractor mine: {message}"):
        extractor("mine")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda images: Outputs(torch.zeros(5, 2), torch.zeros(2, 10)), r"features are \(5, 2\), expected"),
        (lambda images: Outputs(torch.zeros(2, 2), torch.zeros(2)), r"logits are \(2,\), expected"),
        (
            lambda images: Outputs(torch.zeros(2, 2) / 0, torch.zeros(2, 10)),
            "features of real images are not finite",
        ),
        (lambda images: torch.zeros(2, 2), "features are NoneType"),
        (Mean(classes=9), "it tells 9 classes apart, the data have 10"),
        (lambda images: images @ torch.zeros(3, 3), "RuntimeError: .*shape"),
    ],
)
def test_an_extractor_is_tried_on_two_images(call, message):
    class Tried:
        suffix = DIGITS.extractor

        def __call__(self, images):
            return call(images)

    with pytest.raises(MetricError, match=message):
        try_out(Tried(), DIGITS)


def test_names_are_taken_once_and_unknown_ones_call_up_the_nearest(register):
    with pytest.raises(MetricError, match="'lenet28' is registered already"):
        register("lenet28")(lambda device: Mean())
    with pytest.raises(MetricError, match="letters, digits and underscores"):
        register("my net")(lambda device: Mean())
    wrong = SimpleNamespace(name="own", extractor="lenet82")
    with pytest.raises(MetricError, match="dataset own: unknown extractor 'lenet82'; did you mean 'lenet28'"):
        of_dataset(wrong)


def missing_weights(device):
    return open("mynet.safetensors", "rb")


def test_an_extractor_that_cannot_be_made_is_one_sentence_and_a_row_of_the_list(register):
    register("mine")(missing_weights)
    sentence = "extractor mine cannot be made: FileNotFoundError: .*mynet.safetensors"
    with pytest.raises(MetricError, match=sentence):
        extractor("mine")
    with pytest.raises(MetricError, match=f"dataset own: {sentence}"):
        Evaluator(ImageDataset("own", DIGITS.parts, extractor="mine"), samples=20)
    names, identities = ([str(cell) for cell in column.cells] for column in listing("extractors").columns)
    assert names == list(extractor_names())
    assert re.match(sentence, identities[-1])
    assert all(re.fullmatch("[0-9a-f]{64}", identity) for identity in identities[:-1])


def test_a_classifier_of_a_plug_in_measures_the_classes_of_its_dataset(register):
    """On the data themselves every class is captured, and both histograms are one."""
    register("mine")(lambda device: Brightest())
    data = ImageDataset("own", DIGITS.parts, extractor="mine")
    assert data.truth.classes == 10
    evaluator = Evaluator(data, samples=len(data.reference("test")), final_samples=20)
    rows = evaluator.measure(data.reference("test"), final=False)
    values = {row.metric: row.value for row in rows if row.split == "test"}
    expected = {"class_distance_mine": 0.0, "class_kl_mine": 0.0, "fid_mine": 0.0}
    assert {name: values[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    bands = Brightest()(data.reference("test")).logits.argmax(1)
    assert values["classes_mine"] == len(bands.unique())


class Brightest:
    """Ten bands of rows as features; the class is the brightest band, with certainty."""

    suffix, sha256 = "mine", "1" * 64

    def __call__(self, images):
        rows = images.float().mean((1, 3))  # (n, height)
        bands = torch.stack([band.mean(1) for band in rows.tensor_split(10, 1)], 1)
        return Outputs(bands, 1e3 * bands)
