from __future__ import annotations

import shutil

import pytest
import torch
from torch.nn import functional as F

from gan_bench import datasets
from gan_bench.bench.metrics import MetricError
from gan_bench.bench.metrics.extractors import extractor, of_dataset
from gan_bench.bench.metrics.extractors.lenet import LeNet, load
from gan_bench.bench.metrics.extractors.weights import FOLDER, card
from gan_bench.datasets.forms import digit_forms
from gan_bench.datasets.images import ImageDataset

TWO = ("inverted-digits", "tinted-digits", "inverted-tinted-digits")
NEEDED = {"lenet28": 0.99, "lenet28_fashion": 0.89, "lenet28_digits": 0.98, "lenet28_domains": 0.97}
DATASETS = {
    "mnist": "lenet28",
    "fashion-mnist": "lenet28_fashion",
    "digits": "lenet28_digits",
    "digit-forms": "lenet28_domains",
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_test_accuracy_is_what_the_card_says(dataset):
    name = DATASETS[dataset]
    entry = card(name)
    assert entry["name"] == name
    assert entry["test_accuracy"] >= NEEDED[entry["name"]]
    assert (FOLDER / f"{entry['name']}.safetensors").stat().st_size < 1_000_000
    try:
        forms = dataset == "digit-forms"
        data = digit_forms() if forms else datasets.load(dataset, allow_download=False, stand_in=False)
    except datasets.Unreachable:
        pytest.skip("set BENCH_DATA to a folder that has it")
    assert data.content_hash == entry["dataset_content_hash"]
    assert data.extractor == name
    logits = of_dataset(data)(data.reference("test")).logits
    accuracy = (logits.argmax(1) == data.reference_labels("test")).double().mean().item()
    # The card has four digits; another build of torch may round one borderline image the other way.
    assert accuracy == pytest.approx(entry["test_accuracy"], abs=1.5 / len(logits) + 5e-5)


def test_features_do_not_depend_on_the_batch():
    lenet = extractor("lenet28_digits")
    images = datasets.load("digits").reference("test")  # more than one batch
    whole, part = lenet(images), lenet(images[100:110])
    assert whole.features.shape == (len(images), 84)
    assert whole.logits.shape == (len(images), 10)
    assert (whole.features >= 0).all()
    torch.testing.assert_close(whole.features[100:110], part.features)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_features_do_not_depend_on_the_device():
    images = datasets.load("digits").reference("test")
    there = extractor("lenet28_digits", "cuda")
    here = extractor("lenet28_digits")(images)
    torch.testing.assert_close(there(images.cuda()).features.cpu(), here.features)
    torch.testing.assert_close(there(images).logits.cpu(), here.logits)


def test_pooling_within_the_convolution_is_max_pooling():
    network = LeNet()
    images = torch.rand(7, 1, 28, 28) * 2 - 1
    hidden = F.relu(F.max_pool2d(network.conv1(images), 2))
    hidden = F.relu(F.max_pool2d(network.conv2(hidden), 2)).flatten(1)
    features = F.relu(network.fc2(F.relu(network.fc1(hidden))))
    torch.testing.assert_close(network(images).features, features)


def test_logits_are_a_linear_map_of_the_features():
    network = LeNet()
    features, logits = network(torch.rand(5, 1, 28, 28))
    torch.testing.assert_close(logits, network.fc3(features))


def test_no_dataset_borrows():
    digits = datasets.load("digits")
    assert of_dataset(ImageDataset("digits", digits.parts)) is None, "the name alone names no extractor"
    assert of_dataset(digits) is extractor("lenet28_digits")
    assert extractor("lenet28_digits").suffix == "lenet28_digits"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *((name, field) for name in TWO for field in ("domain_a", "domain_b")),
        *(("three-tints", field) for field in ("real", "moved")),
    ],
)
def test_digits_are_read_in_every_domain(name, field):
    """So a label that a translation loses is the translation's fault."""
    data = datasets.load(name)
    labels = data.reference("test", field=data.label_of(field))
    found = of_dataset(data)(data.reference("test", field=field)).logits.argmax(1)
    assert (found == labels).double().mean() > 0.97


def test_grey_images_are_read_as_equal_channels():
    images = datasets.load("digits").reference("test", 20)
    domains = extractor("lenet28_domains")
    assert torch.equal(domains(images).features, domains(images.repeat(1, 3, 1, 1)).features)


@pytest.mark.parametrize("images", [torch.zeros(2, 1, 28, 28), torch.zeros(2, 3, 32, 32, dtype=torch.uint8)])
def test_other_images_are_refused(images):
    with pytest.raises(MetricError, match=r"lenet28_digits takes uint8 images of shape \(n, 1, 28, 28\)"):
        extractor("lenet28_digits")(images)


def test_damaged_weights_are_refused(tmp_path):
    for suffix in (".toml", ".safetensors"):
        shutil.copy(FOLDER / f"lenet28_digits{suffix}", tmp_path)
    path = tmp_path / "lenet28_digits.safetensors"
    weights = bytearray(path.read_bytes())
    weights[-1] ^= 1
    path.write_bytes(weights)
    with pytest.raises(MetricError, match=r"damaged extractor weights .*digits\.safetensors: SHA-256"):
        load("lenet28_digits", folder=tmp_path)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(MetricError, match="cannot read the weights of extractor lenet28"):
        load("lenet28", folder=tmp_path)
