"""Games with labels and categories learn them at their suite's standard budget, on the test split."""

from __future__ import annotations

import pytest

from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
LABEL, RECALL, LEAST = (
    f"{name}_lenet28_digits" for name in ("label_accuracy", "recall_by_class", "least_recall")
)


def learnt(suite, variant, out, *shown):
    """A variant's scores by seed and metric, and medians of the reference rows; untrained is the variant."""
    scores = scores_of(suite, out, variants=(variant,))["raw"].loc[variant]
    assert len(scores) >= 3
    rows = frames.load(Store(out)).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final")]
    beside = rows.groupby(["reference", "metric"])["value"].median().unstack()
    print(variant, scores[list(shown)], beside[list(shown)])
    return scores, beside


@pytest.mark.parametrize("variant", ["acgan", "cgan"])
def test_samples_are_of_the_class_that_is_asked_for_and_of_many_forms(variant, tmp_path):
    scores, beside = learnt("conditional-digits", variant, tmp_path / "out", LABEL, RECALL, LEAST)
    assert scores[LABEL].median() >= 0.93
    assert beside.loc["untrained", LABEL] < 0.2
    for recall in (RECALL, LEAST):
        assert scores[recall].median() >= beside.loc["real-by-class", recall] / 2


@pytest.mark.parametrize("variant", ["infogan", "clustergan"])
def test_categories_are_classes_without_a_label(variant, tmp_path):
    """Every seed, not their median."""
    scores, beside = learnt("clustering", variant, tmp_path / "out", "cluster_accuracy", "cluster_nmi")
    assert scores["cluster_accuracy"].min() >= 0.6
    assert scores["cluster_accuracy"].min() >= beside.loc["untrained", "cluster_accuracy"] + 0.25


@pytest.mark.parametrize("variant", [pytest.param("cgan", marks=pytest.mark.sample), "acgan"])
def test_labels_on_the_ring(variant, tmp_path):
    scores, _ = learnt("conditional-ring", variant, tmp_path / "out", "label_accuracy")
    assert scores["label_accuracy"].median() > 0.95  # chance: 1 / 8
