"""Metrics within classes: by features that are known, and against the metric on each class's rows alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, Undefined, info
from gan_bench.bench.metrics.classwise import by_class, fid_by_class, least_recall, recall_by_class
from gan_bench.bench.metrics.extractors import Outputs
from gan_bench.bench.metrics.outputs import Output, queries
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth
from gan_bench.variants.declarations import Ability

DIGITS = datasets.load("digits")
TWO = Truth(classes=2)
LABELLED = Ability(("label",))


def of_features(features, labels):
    features = torch.as_tensor(features, dtype=torch.float32)
    made = Samples(features, DIGITS, outputs=Outputs(features, features))
    return made.made_from({"label": torch.as_tensor(labels)})


def test_a_class_whose_samples_are_all_alike_is_found():
    """Class 0 is as the data, class 1 a single point: the recall of both together would hide it."""
    numbers = np.random.default_rng(0)
    labels = np.arange(80) % 2
    real = numbers.normal(size=(80, 2)) + 10 * labels[:, None]
    made = real + 1e-3
    made[labels == 1] = made[labels == 1][0]
    sides = of_features(made, labels), of_features(real, labels)
    assert recall_by_class(*sides, TWO) == pytest.approx((1 + 1 / 40) / 2, abs=1 / 40)
    assert least_recall(*sides, TWO) <= 1 / 40


def test_samples_of_the_other_class_do_not_count():
    """The samples are the data's, each with the other label."""
    numbers, labels = np.random.default_rng(0), np.arange(80) % 2
    real = numbers.normal(size=(80, 2)) + 50 * labels[:, None]
    assert recall_by_class(of_features(real, labels), of_features(real, labels), TWO) == 1
    exchanged = of_features(real, 1 - labels), of_features(real, labels)
    assert recall_by_class(*exchanged, TWO) == least_recall(*exchanged, TWO) == 0
    assert (
        fid_by_class(*exchanged, TWO)
        > 1000
        > 1e-3
        > fid_by_class(of_features(real, labels), exchanged[1], TWO)
    )


def test_digits_are_compared_class_by_class():
    """Training images of the classes asked for, against each class's metric on its rows alone."""
    evaluator = Evaluator(DIGITS, samples=355, final_samples=355)
    asked = next(
        q for q in queries("sample_labelled", {"sample_labelled": LABELLED}, DIGITS, 355) if q.split == "test"
    )
    train = DIGITS.stream("labelled", "train")
    pool = train.gather(torch.arange(len(train)))
    rows = torch.empty(355, 1, 28, 28, dtype=torch.uint8)
    for label in range(10):
        places = (asked.given["label"] == label).nonzero()[:, 0]
        rows[places] = pool["real"][pool["label"] == label][: len(places)]
    found = {
        m.metric: m.value for m in evaluator.measure(Output(asked, rows), final=True) if m.split == "test"
    }
    test = DIGITS.reference("test"), DIGITS.reference("test", field="label")
    extractor = next(e for m, e in evaluator.planned if m.name == "recall_by_class")
    values = {"recall": [], "fid": []}
    for label in range(10):
        made = Samples(rows[asked.given["label"] == label], DIGITS, extractor)
        real = Samples(test[0][test[1] == label], DIGITS, extractor)
        for name, of in values.items():
            of.append(info(name).compute(made, real, DIGITS.truth))
    assert found["recall_by_class_lenet28_digits"] == pytest.approx(np.mean(values["recall"]))
    assert found["least_recall_lenet28_digits"] == pytest.approx(min(values["recall"]))
    assert found["fid_by_class_lenet28_digits"] == pytest.approx(np.mean(values["fid"]), rel=1e-4)
    assert 0.3 < found["least_recall_lenet28_digits"] < 1


METRICS = (recall_by_class, least_recall, fid_by_class)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("absent", [0, 1])
def test_a_class_that_is_absent_on_one_side_is_named_with_the_side(metric, absent):
    numbers, labels = np.random.default_rng(0).normal(size=(80, 2)), np.arange(80) % 2
    whole, part = of_features(numbers, labels), of_features(numbers[:40], np.full(40, 1 - absent))
    with pytest.raises(Undefined, match=f"^class {absent}: there are no real samples of it$"):
        metric(whole, part, TWO)
    with pytest.raises(Undefined, match=f"^class {absent}: there are no generated samples of it$"):
        metric(part, whole, TWO)


@pytest.mark.parametrize("error", [np.linalg.LinAlgError, torch.linalg.LinAlgError])
def test_a_class_whose_matrix_has_no_decomposition_is_named(error):
    labels = np.arange(80) % 2
    sides = of_features(np.zeros((80, 2)), labels), of_features(np.zeros((80, 2)), labels)

    def diverging(made, _target, _truth):
        if made.given["label"][0]:
            raise error("it did not converge")
        return 0.0

    with pytest.raises(Undefined, match=r"^class 1: it did not converge$"):
        by_class(diverging, *sides, TWO)


def test_a_class_without_samples_has_no_value_and_is_named():
    evaluator = Evaluator(DIGITS, samples=100, final_samples=100)
    asked = next(
        q for q in queries("sample_labelled", {"sample_labelled": LABELLED}, DIGITS, 100) if q.split == "test"
    )
    asked = type(asked)(**{**vars(asked), "given": {"label": torch.zeros(100, dtype=torch.int64)}})
    made = Output(asked, DIGITS.reference("test")[:100])
    found = {m.metric: m for m in evaluator.measure(made, final=True) if m.split == "test"}
    for metric in METRICS:
        reason = found[f"{metric.__name__}_lenet28_digits"].reason
        assert reason == "class 1: there are no generated samples of it"
