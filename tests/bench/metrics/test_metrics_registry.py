from __future__ import annotations

import re

import pytest

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, MetricError, UnknownMetric, info, names, register
from gan_bench.bench.metrics.registry import METRICS, UnknownSubject


def zero(fake, real, truth):
    """Always 0 (no source)."""
    return 0.0


def test_a_metric_says_what_it_is():
    fid = info("fid")
    assert (fid.name, fid.direction, fid.when, fid.low, fid.version) == ("fid", "min", "curve", 0.0, 1)
    assert "Heusel" in fid.doc


def test_unknown_name_lists_the_nearest():
    with pytest.raises(UnknownMetric, match="unknown metric 'precison'; did you mean 'precision'"):
        info("precison")
    with pytest.raises(UnknownMetric, match="choose from: fid, fid_train, is, kid"):
        info("zzz")


def test_plug_in_and_out():
    with METRICS.restored():
        register("zero", title="Zero", direction=None)(zero)
        assert info("zero").doc == "Always 0 (no source)."
        with pytest.raises(MetricError, match=r"'zero' is registered already, by .*_registry\.zero"):
            register("zero", title="Zero again", direction=None)(zero)
    assert "zero" not in names()


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("bad name", {"direction": None}, "letters, digits"),
        ("a", {"direction": "up"}, "'up' is not min, max or target"),
        ("a", {"direction": "min", "when": "often"}, "'often' is not curve, final or path"),
        ("a", {"direction": "min", "draws": 0}, "0 draws, expected 1 or more"),
        (
            "a",
            {"direction": "min", "draws": 2, "when": "path"},
            "2 draws, expected",
        ),
        ("a", {"direction": "min", "paired": True, "seen": True}, "belong to no input"),
        ("a", {"direction": "min", "kinds": ("image",)}, "kind 'image' is not one of scalar"),
        ("a", {"direction": "min", "low": 1.0, "high": 1.0}, "low 1.0 must be below high 1.0"),
    ],
)
def test_contradictions_are_refused(name, fields, message):
    with pytest.raises(MetricError, match=message):
        register(name, title="A", **fields)(zero)
    assert name not in names()


RING = datasets.load("ring")


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        (("ring",), ("own", "second")),  # the dataset's name goes before every group
        (("modes",), ("modes", "high_quality", "own", "second")),  # a group's: the package's metrics first
        (("grid",), ("modes", "high_quality")),
        (("planar",), ("modes", "high_quality")),  # a ring has modes, which go before its kind
    ],
)
def test_metrics_of_plug_ins_order_the_data_that_they_name(ranks, expected):
    with METRICS.restored():
        register("own", title="Own", direction="max", ranks=ranks)(zero)
        register("second", title="Second", direction="min", ranks=ranks)(zero)
        evaluator = Evaluator(RING, samples=10, final_samples=10)
        assert evaluator.ranking == expected
        assert evaluator.primary == expected[0]


def test_data_that_are_ranked_are_known_once_all_plug_ins_are_loaded():
    with METRICS.restored():
        register("own", title="Own", direction="max", ranks=("rings",))(zero)
        sentence = (
            "metric 'own': ranks 'rings' is neither a dataset nor a group of them; did you mean 'ring'?"
        )
        with pytest.raises(UnknownSubject, match=re.escape(sentence)):
            Evaluator(RING, samples=10, final_samples=10)
        with datasets.registry.DATASETS.restored():
            datasets.register_dataset("rings", kind="planar", title="Rings", source="")(lambda: RING)
            assert Evaluator(RING, samples=10, final_samples=10).ranking == ("modes", "high_quality")
