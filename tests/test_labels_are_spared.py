"""Games of few labels gain by unlabelled samples at their standard budget, on test. Not timed.

Gains are paired: with one seed all variants have the same labelled samples.
"""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
LABEL = "hole_label_lenet28_digits"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A store of this module: what two tests compare with is trained once."""
    return tmp_path_factory.mktemp("few-labels") / "out"


@pytest.mark.parametrize("variant", ["sgan", "sgan-n"])
def test_unlabelled_digits_help_a_classifier_of_fifty_labels(variant, out):
    chosen = (variant, "supervised", "supervised-all")
    found = scores_of("semi-supervised-digits", out, variants=chosen)["ema"]["accuracy"]
    gains = found[variant] - found["supervised"]
    print(found.unstack("variant"), gains)
    assert len(gains) == 10
    assert gains.median() >= 0.02
    assert binomtest(int((gains > 0).sum()), 10, alternative="greater").pvalue < 0.05
    assert found["supervised-all"].median() > found[variant].median()


def test_holes_are_filled_from_their_context(tmp_path):
    found = scores_of("semi-supervised-holes", tmp_path / "out")["ema"]
    rows = frames.load(Store(tmp_path / "out")).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final")]
    beside = rows[rows["reference"].str.startswith("mean-fill")].groupby("metric")["value"].median()
    print(found[["hole_psnr", LABEL, "accuracy"]], beside)
    assert len(found) == 3
    assert found["hole_psnr"].median() >= beside["hole_psnr"] + 1.0
    assert found[LABEL].median() >= beside[LABEL] + 0.04
