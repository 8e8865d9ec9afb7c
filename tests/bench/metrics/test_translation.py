"""Metrics of translation by hand: distances, labels, cycles, several outputs, both directions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, info
from gan_bench.bench.metrics.outputs import Output, queries
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

INVERTED, TINTS, OUTLINES = (
    datasets.load(name) for name in ("inverted-digits", "three-tints", "digit-outlines")
)
ABILITIES = {
    "translate": Ability(("domain_a",), makes="domain_b"),
    "translate_back": Ability(("domain_b",), makes="domain_a"),
    "cycle": Ability(("domain_a",), makes="domain_a"),
    "classify_b": Ability(("domain_b",), makes=""),
}
PAIRS = {"translate": Ability(("a",), makes="b")}
MOVES = {"translate": Ability(("real", "target"), makes="moved")}


def measured(data, abilities, name, make, count=200, draws=1):
    """Return the test scores of an ability by metric; `make` gets the inputs and the answer."""
    evaluator = Evaluator(data, samples=count, final_samples=count)
    asked = next(q for q in queries(name, abilities, data, count, draws) if q.split == "test")
    rows = make(asked.given, asked.paired(asked.makes) if asked.makes else None)
    return {m.metric: m for m in evaluator.measure(Output(asked, rows), final=True) if m.split == "test"}


def test_the_known_map_is_perfect_and_the_identity_keeps_labels_only():
    right = measured(INVERTED, ABILITIES, "translate", lambda given, answer: answer.to(torch.uint8))
    assert (right["l1"].value, right["psnr"].value, right["ssim"].value) == (0.0, 100.0, pytest.approx(1.0))
    assert right["laplacian_ratio"].value == pytest.approx(1.0)
    assert right["label_kept_lenet28_domains"].value > 0.97
    same = measured(INVERTED, ABILITIES, "translate", lambda given, answer: given["domain_a"])
    pixels = INVERTED.reference("test", 200, "domain_a").double() / 255
    assert same["l1"].value == pytest.approx((1 - 2 * pixels).abs().mean().item())
    assert same["label_kept_lenet28_domains"].value > 0.97


def test_the_other_direction_has_its_own_scores():
    back = measured(INVERTED, ABILITIES, "translate_back", lambda given, answer: answer.to(torch.uint8))
    assert back["l1_back"].value == 0.0
    assert back["label_kept_back_lenet28_domains"].value > 0.97
    assert not {"l1", "label_kept_lenet28_domains"} & back.keys()
    wrong = measured(INVERTED, ABILITIES, "translate_back", lambda given, answer: given["domain_b"])
    assert wrong["l1_back"].value > 0.5
    fid = "fid_back_lenet28_domains"
    assert wrong[fid].value > 5 * back[fid].value


def test_a_cycle_is_compared_with_its_beginning():
    found = measured(INVERTED, ABILITIES, "cycle", lambda given, _: 255 - given["domain_a"])
    pixels = INVERTED.reference("test", 200, "domain_a").double() / 127.5 - 1
    assert found["cycle_error"].value == pytest.approx((2 * pixels).abs().mean().item())
    exact = measured(INVERTED, ABILITIES, "cycle", lambda given, _: given["domain_a"])
    assert exact["cycle_error"].value == 0.0


def test_accuracy_in_the_target_domain_is_of_its_own_labels():
    labels = INVERTED.reference("test", 200, "label_b")
    logits = torch.eye(10)[labels]
    logits[:50] = torch.eye(10)[(labels[:50] + 1) % 10]
    found = measured(INVERTED, ABILITIES, "classify_b", lambda given, _: logits)
    assert found["target_accuracy"].value == 0.75


def test_the_images_of_a_generated_pair_agree_where_they_show_one_class():
    """Digits beside themselves inverted; then a quarter of them beside a digit of another class."""
    fields = ("domain_a", "domain_b")
    a, b = (INVERTED.reference("test", 200, field) for field in fields)
    labels = INVERTED.reference("test", 200, "label_a")
    other = torch.tensor([(labels != label).nonzero()[0, 0].item() for label in labels[:50]])
    abilities = {"sample": Ability((), makes="domain_b"), "sample_a": Ability((), makes="domain_a")}
    evaluator = Evaluator(INVERTED, samples=200, final_samples=200)
    (asked,) = queries("sample", abilities, INVERTED, 200)
    found = []
    for of_a in (a, torch.cat((a[other], a[50:]))):
        output = Output(asked, b, make=lambda query, of_a=of_a: Restored(of_a, 0))
        found.append({m.metric: m.value for m in evaluator.measure(output, final=True)})
    agree, fewer = (scores["pair_agreement_lenet28_domains"] for scores in found)
    assert agree > 0.97
    assert fewer == pytest.approx(0.75, abs=0.03)
    alone = {"sample": abilities["sample"]}
    (asked,) = queries("sample", alone, INVERTED, 200)
    assert not [m for m in evaluator.measure(Output(asked, b), final=True) if "pair" in m.metric]


def test_pairs_are_compared_with_the_image_that_the_data_pair():
    found = measured(OUTLINES, PAIRS, "translate", lambda given, answer: answer)
    assert found["l1"].value == 0.0
    shifted = measured(OUTLINES, PAIRS, "translate", lambda given, answer: answer.clamp_max(205) + 50)
    assert 0.1 < shifted["l1"].value < 50 / 255
    assert Evaluator(OUTLINES, samples=10).primary == "l1"


def test_diversity_is_the_mean_over_pairs_of_outputs():
    def four(given, answer):
        return torch.stack([torch.full_like(answer, level) for level in (0, 0, 51, 255)])

    found = measured(OUTLINES, PAIRS, "translate", four, draws=4)
    assert found["diversity"].value == pytest.approx(np.mean([0, 0.2, 1, 0.2, 1, 0.8]))


def test_domain_accuracy_sees_the_tint_and_not_the_digit():
    right = measured(TINTS, MOVES, "translate", lambda given, answer: answer)
    assert right["domain_accuracy"].value > 0.99
    other = measured(TINTS, MOVES, "translate", lambda given, answer: answer.roll(30, 0))
    assert measured(TINTS, MOVES, "translate", lambda given, _: given["real"])["domain_accuracy"].value < 0.01
    assert other["l1"].value > 0.02
    assert right["l1"].value == 0.0
    wrong_digits = measured(TINTS, MOVES, "translate", lambda given, answer: answer.flip(2))
    assert wrong_digits["domain_accuracy"].value > 0.99  # a wrong map with right domains
    assert wrong_digits["label_kept_lenet28_domains"].value < 0.7
    assert not info("domain_accuracy").ranks
    assert Evaluator(TINTS, samples=10).primary == "l1"


def test_labels_of_maps_are_the_nearest_colours():
    palette = np.array([[0, 0, 0], [255, 0, 0], [0, 0, 255]])
    truth = Truth(palette=palette)
    wanted = torch.zeros(1, 3, 2, 4, dtype=torch.uint8)
    wanted[0, 0, :, 2:] = 255  # half of label 0, half of label 1
    found = torch.zeros_like(wanted)
    found[0, 0, 0, 2:] = 200  # nearer to red than to black: right
    found[0, 2, 1, 3] = 130  # nearer to blue: wrong; the pixel beside it is black: wrong
    found[0, :, 0, 0] = 60  # nearest to black: right
    sides = Samples(found, OUTLINES), Samples(wanted, OUTLINES), truth
    assert info("pixel_accuracy").compute(*sides) == 6 / 8
    assert info("class_accuracy").compute(*sides) == (1 + 2 / 4) / 2
    assert info("iou").compute(*sides) == pytest.approx((4 / 5 + 2 / 4 + 0) / 3)


def test_data_without_answers_have_no_distance_to_one():
    names = {metric.name for metric, _ in Evaluator(datasets.load("blended-digits"), samples=10).planned}
    assert {"fid_back", "label_kept", "target_accuracy", "cycle_error"} <= names
    assert not names & {"l1", "l1_back", "psnr", "ssim", "iou", "psnr_luma", "domain_accuracy"}
    plain = {metric.name for metric, _ in Evaluator(datasets.load("digits"), samples=10).planned}
    assert not plain & {"l1", "label_kept", "cycle_error", "diversity", "target_accuracy"}
