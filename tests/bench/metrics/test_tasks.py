"""Task metrics by hand, and how they reach a game: by its abilities, with inputs from the right split."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.outputs import Output, queries
from gan_bench.bench.metrics.samples import Samples
from gan_bench.bench.metrics.tasks import label_accuracy, reconstruction_error
from gan_bench.bench.metrics.translation import mapping_error
from gan_bench.bench.running.recorder import Recorder
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

RING, TURNED, DIGITS = (datasets.load(name) for name in ("ring", "turned", "digits"))
TRANSLATE = Ability(("domain_a",), makes="domain_b")


def query(data, name, ability, count, split="test"):
    """Return the query of an ability on one split."""
    return next(q for q in queries(name, {name: ability}, data, count) if q.split == split)


def test_label_accuracy_by_the_nearest_mode():
    made = Samples(RING.truth.modes[[0, 1, 2, 3]] + 0.05, RING)
    made.made_from({"label": torch.tensor([0, 1, 2, 7])})
    assert label_accuracy(made, None, RING.truth) == 0.75


def test_label_accuracy_by_the_datas_own_classifier():
    evaluator = Evaluator(DIGITS, samples=300, final_samples=300)
    asked = query(DIGITS, "sample_labelled", Ability(("label", "real")), 300)
    (right,) = evaluator.measure(Output(asked, asked.given["real"]), final=False)
    assert right.metric == "label_accuracy_lenet28_digits"
    assert right.value > 0.95
    asked.given["label"].add_(1).remainder_(10)
    (wrong,) = evaluator.measure(Output(asked, asked.given["real"]), final=False)
    assert wrong.value < 0.05


def test_reconstruction_error_is_on_the_scale_of_training():
    quadratic = datasets.load("quadratic")
    real = quadratic.reference("test", 50)
    made = quadratic.restore(quadratic.prepare(real) + torch.tensor([3.0, 4.0]))
    by_hand = reconstruction_error(Samples(made, quadratic), Samples(real, quadratic), quadratic.truth)
    assert by_hand == pytest.approx(5 / math.sqrt(2), rel=1e-4)
    asked = query(quadratic, "reconstruct", Ability(("real",)), 50)
    (found,) = Evaluator(quadratic, samples=50).measure(Output(asked, made), final=False)
    assert (found.metric, found.value, found.samples) == ("reconstruction_error", by_hand, 50)


def test_mapping_error_is_the_distance_to_where_points_belong():
    asked = query(TURNED, "translate", TRANSLATE, 50)
    right = torch.from_numpy(TURNED.truth.mapping["domain_a", "domain_b"](asked.given["domain_a"].numpy()))
    evaluator = Evaluator(TURNED, samples=50)
    (exact,) = evaluator.measure(Output(asked, right), final=False)
    assert exact.value == pytest.approx(0, abs=1e-9)
    moved = right + torch.tensor([0.3, -0.4])
    (away,) = evaluator.measure(Output(asked, moved), final=False)
    assert (away.metric, away.value) == ("mapping_error", pytest.approx(0.5))
    made, target = Samples(moved, TURNED), Samples(right, TURNED)
    assert mapping_error(made, target, TURNED.truth) == pytest.approx(0.5)


def test_what_is_asked_depends_on_the_truth():
    def asked(data):
        return set(Evaluator(data, samples=10).abilities)

    directions = {"translate", "translate_back", "cycle", "cycle_back"}
    assert asked(RING) == {"sample", "classify", "cluster", "sample_labelled", "reconstruct", "encode"}
    assert asked(TURNED) == {"sample", "reconstruct", "encode"} | directions
    assert asked(datasets.load("quadratic")) == {"sample", "reconstruct", "encode"}
    classes = {
        "sample",
        "classify",
        "cluster",
        "sample_labelled",
        "reconstruct",
        "encode",
        "features",
        "inpaint",
    }
    assert asked(DIGITS) == classes
    assert asked(datasets.load("digit-outlines")) == classes | {"translate"}  # pairs have one direction
    assert asked(datasets.load("inverted-digits")) >= directions | {"classify_a", "classify_b"}


class Translator:
    """A model that knows the map, and remembers what it was given."""

    has_ema = False

    def __init__(self):
        self.abilities = {"sample": Ability(), "translate": TRANSLATE}
        self.seen = []

    def make(self, ability, count, given, *, weights, draws):
        assert (weights, draws) == ("raw", 1)
        if ability == "sample":
            return Restored(TURNED.reference("test", count), 0)
        self.seen.append(given["domain_a"])
        return Restored(
            torch.from_numpy(TURNED.truth.mapping["domain_a", "domain_b"](given["domain_a"].numpy())), 0
        )

    def state(self):
        return {}


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


def test_inputs_outputs_and_targets_of_a_few_rows_are_kept_side_by_side():
    recorder = Recorder(TURNED, Evaluator(TURNED, samples=40, final_samples=30))
    recorder.measure(Translator(), {"kimg": 1.0, "iteration": 1}, final=True)
    kept = {name: rows for name, rows in recorder.samples.items() if name.startswith("translate")}
    assert {name: (rows.shape, rows.dtype) for name, rows in kept.items()} == dict.fromkeys(
        ("translate.given.domain_a", "translate.final", "translate.target"), ((40, 2), np.float16)
    )
    given = TURNED.given(["domain_a"], "test", 40)["domain_a"].numpy()
    np.testing.assert_allclose(kept["translate.given.domain_a"], given, atol=1e-3)
    np.testing.assert_allclose(
        kept["translate.target"], TURNED.truth.mapping["domain_a", "domain_b"](given), atol=1e-3
    )
    np.testing.assert_array_equal(kept["translate.final"], kept["translate.target"])


def test_results_that_are_not_finite_have_a_reason():
    asked = query(TURNED, "translate", TRANSLATE, 10)
    evaluator = Evaluator(TURNED, samples=10)
    nan = Output(asked, torch.full((10, 2), math.nan))
    for output in (nan, Output(asked, torch.zeros(0, 2), broken=10)):
        (found,) = evaluator.measure(output, final=False)
        assert np.isnan(found.value)
        assert found.reason == "10 of 10 samples are not finite"
        assert found.samples == 10
