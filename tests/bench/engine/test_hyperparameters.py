import pytest
import torch

from gan_bench.bench.engine.hyperparameters import PackHyperparameters

CPU = torch.device("cpu")
CONTINUOUS = {"lr", "ema", "clip"}
LINEAR = {"schedule": "linear", "start": 1.0, "end": 0.0}


def settings(*replicas):
    base = {"batch_size": 16, "lr": 1e-3, "ema": 0.0, "clip": 0.1}
    return PackHyperparameters([{**base, **own} for own in replicas], CONTINUOUS, CPU)


def test_shared_values_are_floats_and_differing_ones_tensors():
    hp = settings({"lr": 1e-3}, {"lr": 2e-3}).at(0.5)
    assert hp.lr.tolist() == [1e-3, 2e-3]
    assert hp.lr.dtype == torch.float64
    assert (hp.clip, hp.batch_size) == (0.1, 16)


def test_structural_ones_must_agree():
    with pytest.raises(ValueError, match=r"batch_size is structural.*\[16, 32\]"):
        settings({}, {"batch_size": 32})
    assert vars(settings({}).structure) == {"batch_size": 16}


def test_schedules_are_evaluated_and_joined():
    pack = settings({"lr": LINEAR}, {"lr": 0.25})
    assert pack.at(0.0).lr.tolist() == [1.0, 0.25]
    assert pack.at(0.75).lr == 0.25  # equal for a moment: a float again
    assert settings({"lr": LINEAR}, {"lr": LINEAR}).at(0.5).lr == 0.5


def test_what_never_changes_is_one_object():
    pack = settings({"lr": 1e-3}, {"lr": 2e-3})
    assert pack.at(0.0) is pack.at(0.9)


def test_whether_a_setting_is_on():
    assert not settings({}, {}).active("ema")
    assert settings({}, {"ema": 0.9}).active("ema")
    assert settings({"ema": {"schedule": "step", "start": 0.0, "end": 0.5}}).active("ema")
