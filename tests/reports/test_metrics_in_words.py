from __future__ import annotations

from gan_bench.bench.metrics import info, names
from gan_bench.reports.metrics import METRICS, family_of, meanings


def test_every_registered_metric_has_its_words_and_no_others_have():
    own = {name for name in names() if info(name).compute.__module__.startswith("gan_bench.bench.")}
    assert own == METRICS.keys()


def test_an_extractors_name_and_a_version_do_not_hide_the_family():
    assert family_of("fid_lenet28 v2") == "fid"
    assert family_of("class_mode_kl_lenet28") == "class_mode_kl"
    assert family_of("mean_error") == "mean_error"
    assert family_of("fidelity") is None
    assert list(meanings(["fid_lenet28 v2", "unheard_of"])) == ["FID (lenet28)"]
