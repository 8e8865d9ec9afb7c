"""Games of translation find the known maps at their suite's quick budget, on test data."""

from __future__ import annotations

import pytest

from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
KEPT = "label_kept_lenet28_domains", "label_kept_back_lenet28_domains"
ERRORS = "l1", "l1_back"
of_domains = pytest.mark.parametrize("data", ["inverted-digits", "tinted-digits"])


def learnt(suite, out, variant, data):
    """A variant's scores of every seed on one dataset, and those of its reference rows; trained once."""
    scores_of(suite, out / variant, variants=(variant,))
    found = frames.load(Store(out / variant))
    scores, rows = (
        table[(table["split"] == "test") & (table["when"] == "final") & (table["dataset"] == data)]
        for table in (found.scores, found.references)
    )
    scores = scores.pivot_table(index="seed", columns="metric", values="value")
    beside = rows.groupby(["reference", "metric"])["value"].median().unstack()
    assert len(scores) == 3
    shown = [name for name in (*ERRORS, *KEPT, "domain_accuracy") if name in scores and name in beside]
    print(variant, data, scores[shown], beside[shown], sep="\n")
    return scores, beside


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of results that all tests share."""
    return tmp_path_factory.mktemp("translation")


@pytest.mark.parametrize(
    ("variant", "suite", "data"),
    [
        (variant, suite, data)
        for suite, variants in (
            ("translation-domains", ("cyclegan", "discogan")),
            ("translation-codes", ("unit",)), ("translation-contents", ("munit",)),
        )
        for variant in variants
        for data in ("inverted-digits", "tinted-digits")
    ],
)  # fmt: skip
def test_every_seed_finds_the_map_in_both_directions(variant, suite, data, out):
    """Not their median: at most half of the error of the mean image, and labels kept."""
    scores, beside = learnt(suite, out, variant, data)
    for error, kept in zip(ERRORS, KEPT, strict=True):
        assert scores[error].max() <= beside.loc["mean-image", error] / 2
        assert scores[kept].min() >= 0.9


@of_domains
def test_dualgan_reads_its_inputs(data, out):
    scores, beside = learnt("translation-domains", out, "dualgan", data)
    for error, kept in zip(ERRORS, KEPT, strict=True):
        assert scores[error].median() < beside.loc["mean-image", error]
        assert scores[kept].median() >= 0.7


def test_stargan_finds_the_right_map_and_a_wrong_one_is_seen(out):
    """In two of three seeds at least. Domain accuracy does not tell maps apart, and ranks nothing."""
    scores, beside = learnt("translation-tints", out, "stargan", "three-tints")
    right = (scores["l1"] <= beside.loc["identity", "l1"] / 2) & (scores[KEPT[0]] >= 0.9)
    assert right.sum() >= 2
    assert (scores["domain_accuracy"] >= 0.9).all()
