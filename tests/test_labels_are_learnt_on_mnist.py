"""Games of labels, categories and few labels at their suites' budget for a processor on MNIST: every seed.

Scores are of the test split. Skipped where MNIST is in no folder and cannot be downloaded.
"""

from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
SEEDS = 3


def learnt(suite, out, *variants, **options):
    """Final scores on test by variant and seed, of raw weights."""
    try:
        datasets.load("mnist", stand_in=False)
    except datasets.Unreachable as error:
        pytest.skip(str(error))
    scores = scores_of(suite, out, budget="mnist", variants=variants, **options)["raw"]
    assert len(scores) == SEEDS * len(variants)
    return scores


@pytest.mark.parametrize("variant", ["cgan", "acgan"])
def test_samples_are_of_the_class_that_is_asked_for(variant, tmp_path):
    scores = learnt("conditional-digits", tmp_path / "out", variant)["label_accuracy_lenet28"]
    print(scores)
    assert scores.min() >= 0.9


SHORT = pytest.mark.xfail(reason="measured: no seed of three, .443 .465 .424 against .542", strict=False)


@pytest.mark.parametrize("variant", ["infogan", pytest.param("clustergan", marks=SHORT)])
def test_categories_are_nearer_to_classes_than_clusters_of_the_test_pixels_are(variant, tmp_path):
    scores = learnt("clustering", tmp_path / "out", variant)["cluster_accuracy"]
    rows = frames.load(Store(tmp_path / "out")).references
    rows = rows[(rows["reference"] == "kmeans") & (rows["metric"] == "cluster_accuracy")]
    beside = rows[(rows["split"] == "test") & (rows["when"] == "final")]["value"]
    print(scores, beside)
    assert scores.min() > beside.median()


def test_unlabelled_images_help_a_classifier_of_a_hundred_labels(tmp_path):
    variants = ("sgan", "supervised")
    scores = learnt("semi-supervised-labels", tmp_path / "out", *variants, changes=("labels=100",))
    gains = scores["accuracy"]["sgan"] - scores["accuracy"]["supervised"]
    print(scores["accuracy"], gains)
    assert len(gains) == SEEDS
    assert gains.min() > 0
