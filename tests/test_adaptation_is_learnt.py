"""Labels of a source carry over to a target at the suites' quick budget, seed by seed. Not timed."""

from __future__ import annotations

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.datasets import Unreachable
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
ACCURACY, AGREEMENT = "target_accuracy", "pair_agreement_lenet28_domains"


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    scores = scores_of("adaptation-digits", tmp_path_factory.mktemp("digits") / "out")["raw"]
    print(scores[[ACCURACY, "source_accuracy", AGREEMENT]])
    return scores


def usps(out, **options):
    """Return the accuracies on USPS of every seed."""
    try:
        scores = scores_of("adaptation-mnist-usps", out, require_dataset=True, **options)["raw"]
    except UsageError as error:
        if not isinstance(error.__cause__, Unreachable):
            raise
        pytest.skip(str(error))
    print(scores[[ACCURACY, "source_accuracy"]])
    return scores[ACCURACY]


def test_pixelda_classifies_inverted_and_tinted_digits(digits):
    found = digits[ACCURACY]
    assert len(found["pixelda"]) == 3
    assert found["pixelda"].min() >= 0.85
    assert found["source-only"].max() < 0.2
    assert found["target-only"].min() > 0.9


def test_pairs_of_cogan_agree_and_its_critic_classifies_the_target(digits):
    cogan = digits.loc["cogan"]
    assert len(cogan) == 3
    assert cogan[AGREEMENT].min() > 0.5
    assert cogan["classes_lenet28_domains"].min() >= 8  # pairs of one class would agree as well
    assert cogan[ACCURACY].min() >= 0.7


def test_pixelda_gains_from_mnist_to_usps(tmp_path):
    found = usps(tmp_path / "out", variants=("pixelda", "source-only"))
    gains = found["pixelda"] - found["source-only"]
    assert len(gains) == 3
    assert gains.min() >= 0.05


def test_cogan_gains_from_mnist_to_usps(tmp_path):
    """In the median, and in two of three seeds at least: one seed fell back over the last thousand."""
    found = usps(tmp_path / "out", variants=("cogan", "source-only"), budget="long")
    gains = found["cogan"] - found["source-only"]
    assert len(gains) == 3
    assert found["cogan"].median() > found["source-only"].median()
    assert (gains > 0.0).sum() >= 2
