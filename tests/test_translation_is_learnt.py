"""Whether games of translation find the known maps at their suite's quick budget, on test data."""

from __future__ import annotations

import pytest

from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow
KEPT = "label_kept_lenet28_domains", "label_kept_back_lenet28_domains"
ERRORS = "l1", "l1_back"
of_domains = pytest.mark.parametrize("data", ["inverted-digits", "tinted-digits"])


def learnt(suite, out, variant, **options):
    """A variant's scores of every seed, and those of the reference rows."""
    scores = scores_of(suite, out, variants=(variant,), **options)["raw"].loc[variant]
    assert len(scores) == 3
    rows = frames.load(Store(out)).references
    rows = rows[(rows["split"] == "test") & (rows["when"] == "final")]
    beside = rows.groupby(["reference", "metric"])["value"].median().unstack()
    shown = [name for name in (*ERRORS, *KEPT, "domain_accuracy") if name in scores]
    print(variant, options, scores[shown], beside[shown], sep="\n")
    return scores, beside


@of_domains
@pytest.mark.parametrize(
    ("variant", "suite"),
    [
        pytest.param("cyclegan", "translation-domains", marks=pytest.mark.sample),
        ("discogan", "translation-domains"),
        ("unit", "translation-codes"),
        ("munit", "translation-codes"),
    ],
)
def test_every_seed_finds_the_map_in_both_directions(variant, suite, data, tmp_path):
    """Not their median: at most half of the error of the mean image, and labels kept."""
    scores, beside = learnt(suite, tmp_path / "out", variant, datasets=(data,))
    for error, kept in zip(ERRORS, KEPT, strict=True):
        assert scores[error].max() <= beside.loc["mean-image", error] / 2
        assert scores[kept].min() >= 0.9


@of_domains
def test_dualgan_reads_its_inputs(data, tmp_path):
    scores, beside = learnt("translation-domains", tmp_path / "out", "dualgan", datasets=(data,))
    for error, kept in zip(ERRORS, KEPT, strict=True):
        assert scores[error].median() < beside.loc["mean-image", error]
        assert scores[kept].median() >= 0.7


def test_stargan_finds_the_right_map_and_a_wrong_one_is_seen(tmp_path):
    """In two of three seeds at least. Domain accuracy does not tell maps apart, and ranks nothing."""
    scores, beside = learnt("translation-tints", tmp_path / "out", "stargan")
    right = (scores["l1"] <= beside.loc["identity", "l1"] / 2) & (scores[KEPT[0]] >= 0.9)
    assert right.sum() >= 2
    assert (scores["domain_accuracy"] >= 0.9).all()
