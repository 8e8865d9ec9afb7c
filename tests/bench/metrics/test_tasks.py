"""Task metrics by hand, and how they reach a game: by its abilities, with inputs from the right split."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tasks import label_accuracy, mapping_error, reconstruction_error
from gan_bench.bench.running.recorder import Recorder
from gan_bench.datasets.finite import Restored

RING, TURNED, DIGITS = (datasets.load(name) for name in ("ring", "turned", "digits"))


def test_label_accuracy_by_the_nearest_mode():
    made = Samples(RING.truth.modes[[0, 1, 2, 3]] + 0.05, RING)
    assert label_accuracy(made, {"label": torch.tensor([0, 1, 2, 7])}, RING.truth) == 0.75


def test_label_accuracy_by_the_datas_own_classifier():
    evaluator = Evaluator(DIGITS, samples=300, final_samples=300)
    given = DIGITS.given(["real", "label"], "test", 300)
    (right,) = evaluator.measure_ability("sample_labelled", given, given["real"], "test", final=False)
    assert right.metric == "label_accuracy_lenet28_digits"
    assert right.value > 0.95
    shifted = {"label": (given["label"] + 1) % 10}
    (wrong,) = evaluator.measure_ability("sample_labelled", shifted, given["real"], "test", final=False)
    assert wrong.value < 0.05


def test_reconstruction_error_is_on_the_scale_of_training():
    quadratic = datasets.load("quadratic")
    real = quadratic.reference("test", 50)
    made = quadratic.restore(quadratic.prepare(real) + torch.tensor([3.0, 4.0]))
    found = reconstruction_error(Samples(made, quadratic), {"real": real}, quadratic.truth)
    assert found == pytest.approx(5 / math.sqrt(2), rel=1e-4)


def test_mapping_error_is_the_distance_to_where_points_belong():
    points = TURNED.given(["domain_a"], "test", 50)["domain_a"]
    right = torch.from_numpy(TURNED.truth.mapping(points.numpy()))
    given = {"domain_a": points}
    assert mapping_error(Samples(right, TURNED), given, TURNED.truth) == pytest.approx(0, abs=1e-9)
    moved = right + torch.tensor([0.3, -0.4])
    assert mapping_error(Samples(moved, TURNED), given, TURNED.truth) == pytest.approx(0.5)


def test_what_is_asked_depends_on_the_truth():
    def asked(data):
        return set(Evaluator(data, samples=10).abilities)

    assert asked(RING) == {"sample_labelled", "reconstruct"}
    assert asked(TURNED) == {"reconstruct", "translate"}
    assert asked(datasets.load("quadratic")) == {"reconstruct"}


class Translator:
    """A model that knows the map, and remembers what it was given."""

    has_ema = False
    abilities = frozenset({"sample", "translate"})
    game = SimpleNamespace(abilities=lambda: {"translate": {"noise": (), "inputs": ("domain_a",)}})

    def __init__(self):
        self.seen = []

    def restored(self, count, weights):
        return Restored(TURNED.reference("test", count), 0)

    def prepare(self, given):
        return dict(given)

    def apply(self, ability, count, inputs, *, weights):
        self.seen.append(inputs["domain_a"])
        return torch.from_numpy(TURNED.truth.mapping(inputs["domain_a"].numpy()))


def test_a_recorder_asks_only_for_what_the_model_can_do_on_both_splits():
    recorder, model = Recorder(TURNED, Evaluator(TURNED, samples=40, final_samples=30)), Translator()
    recorder.measure(model, {"kimg": 1.0, "iteration": 1}, final=False)
    found = [row for row in recorder.rows if row["metric"] == "mapping_error"]
    assert {row["split"]: row["value"] for row in found} == pytest.approx(
        {"validation": 0, "test": 0}, abs=1e-6
    )
    assert not [row for row in recorder.rows if row["metric"] == "reconstruction_error"]
    for seen, split in zip(model.seen, ("validation", "test"), strict=True):
        assert torch.equal(seen, TURNED.given(["domain_a"], split, 40)["domain_a"])


def test_results_that_are_not_finite_have_a_reason():
    evaluator = Evaluator(TURNED, samples=10)
    given = TURNED.given(["domain_a"], "test", 10)
    (found,) = evaluator.measure_ability(
        "translate", given, torch.full((10, 2), math.nan), "test", final=False
    )
    assert np.isnan(found.value)
    assert found.reason == "10 of 10 samples are not finite"
