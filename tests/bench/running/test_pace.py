"""The speed of a device: measured once and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.efforts import effort
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running import pace
from gan_bench.bench.running.calibration import Memory
from gan_bench.bench.running.pace import SHARE, USUAL, Pace, Speed


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "cache" / "machine.json")


def of(memory: Memory) -> Pace:
    return Pace(memory, catalogue.dataset, "cpu")


def machine(operation: float, flop: float):
    """Return a stand-in for timing: the seconds of an iteration on a machine of this speed."""

    def seconds(_: Pace, trial: Trial) -> float:
        work = effort(trial, catalogue.dataset(trial.dataset))
        iterations = catalogue.course(trial, catalogue.dataset(trial.dataset)).iterations
        return (work.operations * operation + work.flop * flop) / iterations

    return seconds


def test_both_constants_are_found_from_two_timings(memory: Memory, monkeypatch) -> None:
    monkeypatch.setattr(Pace, "_seconds", machine(3e-5, 2e-11))
    found = of(memory).measure()
    assert found.operation == pytest.approx(3e-5)
    assert found.flop == pytest.approx(2e-11 / SHARE)


def test_a_speed_is_measured_once_for_a_device_and_a_version(memory: Memory, monkeypatch) -> None:
    assert of(memory).recall() is None
    monkeypatch.setattr(Pace, "_seconds", machine(3e-5, 2e-11))
    measured = of(memory).measure()
    monkeypatch.setattr(Pace, "_seconds", lambda *_: pytest.fail("this is known"))
    assert of(Memory(memory.path)).measure() == of(memory).recall() == measured
    for name, value in (("device_kind", lambda _: "another"), ("torch_version", lambda: "0")):
        with monkeypatch.context() as other:
            other.setattr(pace, name, value)
            assert of(memory).recall() is None


def test_timings_without_sense_leave_the_usual_speed_and_are_not_kept(memory: Memory, monkeypatch) -> None:
    monkeypatch.setattr(Pace, "_seconds", lambda *_: 0.5)  # small and large networks alike
    assert of(memory).measure() == USUAL
    assert of(memory).recall() is None


def test_a_real_measurement_has_a_plausible_size(memory: Memory) -> None:
    """A millionth to a thousandth of a second for an operation, one GFLOP to 10 TFLOP per second."""
    found = of(memory).measure()
    assert isinstance(found, Speed)
    assert 1e-6 < found.operation < 1e-3
    assert 1e-13 < found.flop < 1e-9
