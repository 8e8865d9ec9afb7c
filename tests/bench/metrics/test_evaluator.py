from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, MetricError, reals, register
from gan_bench.bench.metrics.extractors import of_dataset
from gan_bench.bench.metrics.extractors.lenet import LeNetExtractor
from gan_bench.bench.metrics.registry import METRICS


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def by_name(measurements):
    return {(m.metric, m.split): m for m in measurements}


def test_digits_at_a_point_of_the_curve(digits):
    evaluator = Evaluator(digits, samples=300, final_samples=350)
    found = by_name(evaluator.measure(digits.reference("test"), final=False))
    assert {m.when for m in found.values()} == {"curve"}
    extracted = ("fid", "fid_train", "is", "classes", "class_distance", "class_kl", "class_entropy")
    assert {name for name, _ in found} == {"degenerate", *(f"{name}_lenet28_digits" for name in extracted)}
    validation, test = (found["fid_lenet28_digits", split].value for split in ("validation", "test"))
    assert 0 <= test < validation  # the test images are compared with themselves, but for the last ones


def test_the_end_adds_the_neighbour_metrics(digits):
    evaluator = Evaluator(digits, samples=300, final_samples=350)
    found = by_name(evaluator.measure(digits.reference("test"), final=True))
    assert {m.when for m in found.values()} == {"final"}
    for name in ("kid", "precision", "recall", "density", "coverage"):
        assert math.isfinite(found[f"{name}_lenet28_digits", "test"].value)
    assert found["precision_lenet28_digits", "test"].value > 0.9


def test_the_same_samples_give_the_same_numbers(digits):
    samples = digits.reference("validation", 200)
    evaluator = Evaluator(digits, samples=200, final_samples=100)
    assert evaluator.count_of("sample") == 200
    first = evaluator.measure(samples, final=True)
    assert first == evaluator.measure(samples.clone(), final=True)
    assert first == Evaluator(digits, samples=200, final_samples=100).measure(samples, final=True)


def test_surplus_samples_change_nothing(digits):
    samples = digits.reference("validation", 150)
    evaluator = Evaluator(digits, samples=100)
    assert evaluator.measure(samples[:100], final=False) == evaluator.measure(samples, final=False)


def test_fewer_samples_are_measured_and_counted(digits):
    evaluator = Evaluator(digits, samples=100, final_samples=120)
    assert evaluator.count_of("sample") == 120
    found = by_name(evaluator.measure(digits.reference("test", 110), final=True))
    assert found["fid_lenet28_digits", "test"].samples == 100
    assert found["kid_lenet28_digits", "test"].samples == 110
    assert found["fid_lenet28_digits", "test"].reason is None
    with pytest.raises(MetricError, match="must be positive, got 0"):
        Evaluator(digits, samples=0)


def test_protocol_is_json_and_names_what_matters(digits):
    protocol = Evaluator(digits, samples=300, final_samples=200).protocol
    assert json.loads(json.dumps(protocol)) == protocol
    assert protocol["metrics"]["fid_lenet28_digits"]["n_fake"] == 300
    assert protocol["metrics"]["kid_lenet28_digits"]["n_fake"] == 200
    assert protocol["n_real"]["test"] == {"curve": len(digits.reference("test")), "final": 200}
    assert len(protocol["extractors"]["lenet28_digits"]) == 64
    assert protocol["quantisation"] == "uint8"
    assert Evaluator(digits, samples=301, final_samples=200).protocol != protocol


@pytest.mark.parametrize(
    ("name", "ranking"),
    [
        ("gaussian1d", ("w1",)),
        ("quadratic", ("sliced_wasserstein",)),
        ("ring", ("modes", "high_quality")),
        ("grid", ("modes", "high_quality")),
        ("digits", ("fid_lenet28_digits",)),
    ],
)
def test_ranking_metrics_have_a_validation_twin(name, ranking):
    dataset = datasets.load(name)
    evaluator = Evaluator(dataset, samples=50)
    assert evaluator.ranking == ranking
    assert evaluator.primary == ranking[0]
    found = by_name(evaluator.measure(dataset.reference("test", 50), final=False))
    for metric in ranking:
        assert {split for name, split in found if name == metric} == {"test", "validation"}


@pytest.mark.parametrize(
    ("names", "ranking"),
    [
        (["label_accuracy"], ("label_accuracy_lenet28_digits",)),
        (["label_accuracy", "fid"], ("label_accuracy_lenet28_digits", "fid_lenet28_digits")),
    ],
)
def test_metrics_that_are_named_rank_in_place_of_those_for_the_data(names, ranking):
    dataset = datasets.load("digits")
    usual, asked = Evaluator(dataset, samples=50), Evaluator(dataset, samples=50, ranked_by=names)
    assert (asked.ranking, asked.primary) == (ranking, ranking[0])
    # The choice of the best point depends on it, and so the key of the evaluation.
    assert asked.protocol == {**usual.protocol, "ranked_by": list(ranking)}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("acuracy", "unknown metric 'acuracy'; did you mean"),
        ("modes", "digits cannot be ranked by 'modes'"),  # of points
        ("class_entropy", "digits cannot be ranked by 'class_entropy'"),  # best at the data's own value
    ],
)
def test_metrics_that_cannot_rank_are_refused(name, problem):
    with pytest.raises(MetricError, match=problem):
        Evaluator(datasets.load("digits"), samples=50, ranked_by=[name])


def test_images_without_an_extractor_are_undefined_not_borrowed(stripes):
    evaluator = Evaluator(stripes, samples=20, final_samples=20)
    assert evaluator.primary == "fid"
    assert evaluator.protocol["extractors"] == {}
    found = evaluator.measure(stripes.reference("test"), final=True)
    assert {"fid", "kid", "precision", "class_kl"} <= {m.metric for m in found}
    for measurement in found:
        if measurement.metric == "degenerate":  # looks at pixels
            continue
        assert math.isnan(measurement.value)
        assert "no feature extractor was trained for dataset 'stripes'" in measurement.reason


def test_samples_that_are_not_finite(recwarn):
    ring = datasets.load("ring")
    samples = ring.reference("test", 50).clone()
    samples[3, 0] = math.nan
    for measurement in Evaluator(ring, samples=50).measure(samples, final=True):
        assert math.isnan(measurement.value)
        assert measurement.reason == "1 of 50 samples are not finite"
    assert not recwarn


def test_toy_references_are_as_many_as_the_samples():
    evaluator = Evaluator(datasets.load("ring"), samples=70)
    assert evaluator.protocol["n_real"] == {
        split: {"curve": 70, "final": 2000} for split in ("test", "validation")
    }
    assert evaluator.count_of("sample") == 70  # nothing on a ring waits for the end


def test_real_features_come_from_the_cache(digits, tmp_path, monkeypatch):
    samples = digits.reference("validation", 50)
    first = Evaluator(digits, samples=50, cache=tmp_path).measure(samples, final=False)
    seen = []

    def counted(self, images, original=LeNetExtractor._outputs):
        seen.append(len(images))
        return original(self, images)

    monkeypatch.setattr(LeNetExtractor, "_outputs", counted)
    assert Evaluator(digits, samples=50, cache=tmp_path).measure(samples, final=False) == first
    assert seen == [50]  # the generated side only


def test_the_real_gaussian_and_its_root_come_from_the_cache(digits, tmp_path, monkeypatch):
    samples = digits.reference("validation", 50)
    first = Evaluator(digits, samples=50, cache=tmp_path).measure(samples, final=False)
    decompositions = []

    def counted(matrix, original=np.linalg.eigh):
        decompositions.append(matrix.shape)
        return original(matrix)

    monkeypatch.setattr(np.linalg, "eigh", counted)
    assert Evaluator(digits, samples=50, cache=tmp_path).measure(samples, final=False) == first
    assert not decompositions
    assert Evaluator(digits, samples=50).measure(samples, final=False) == first
    assert len(decompositions) == 3  # one per split


def test_a_plug_in_metric_is_measured():
    def spread(made, target, truth):
        """Largest minus smallest value."""
        return float(made.coordinates.max() - made.coordinates.min())

    with METRICS.restored():
        register("spread", title="Spread", direction=None, kinds=("scalar",), when="final", version=3)(spread)
        gaussian = datasets.load("gaussian1d")
        evaluator = Evaluator(gaussian, samples=10, final_samples=20)
        assert evaluator.count_of("sample") == 20
        samples = torch.arange(20.0)[:, None]
        found = by_name(evaluator.measure(samples, final=True))["spread", "test"]
        assert (found.value, found.version) == (19.0, 3)
        assert not any(m.metric == "spread" for m in evaluator.measure(samples, final=False))


def test_infinite_values_are_undefined_with_a_reason():
    with METRICS.restored():
        register("endless", title="Endless", direction="min", kinds=("scalar",))(lambda *_: math.inf)
        gaussian = datasets.load("gaussian1d")
        found = by_name(Evaluator(gaussian, samples=9).measure(gaussian.reference("test", 9), final=False))
        assert math.isnan(found["endless", "test"].value)
        assert found["endless", "test"].reason == "the computation gave inf"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_measures_what_a_cpu_does():
    data = datasets.load("digits")
    made = data.reference("validation", 300)
    counts = {"samples": 300, "final_samples": 200}
    here = Evaluator(data, **counts).measure(made, final=True)
    there = Evaluator(data, **counts, device="cuda").measure(made.cuda(), final=True)
    assert [one.metric for one in here] == [one.metric for one in there]
    for one, other in zip(here, there, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-4, abs=1e-6), one.metric


def test_features_of_another_kind_of_device_are_other_entries_of_the_cache(digits):
    """A GPU's have other last digits: what was measured there first must not change scores of a processor."""
    extractor = of_dataset(digits, "cpu")
    devices = map(torch.device, ("cpu", "cuda:0", "cuda:1"))
    cpu, first, second = (reals.key_of(digits, extractor, "test", 9, "real", device) for device in devices)
    assert cpu != first == second
