from __future__ import annotations

import pytest

from gan_bench.bench.metrics import MetricError, UnknownMetric, info, names, register
from gan_bench.bench.metrics.registry import METRICS


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
        ("a", {"direction": "min", "low": 1.0, "high": 1.0}, "low 1.0 must be below high 1.0"),
    ],
)
def test_contradictions_are_refused(name, fields, message):
    with pytest.raises(MetricError, match=message):
        register(name, title="A", **fields)(zero)
    assert name not in names()
