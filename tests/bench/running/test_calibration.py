from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import gan_bench.bench.engine.compiled
from gan_bench.bench.planning.catalogue import dataset
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.calibration import SIZES, Calibration, Memory, compiler_trouble, interpolated


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "cache" / "machine.json")


def forbidden(*_: object) -> object:
    raise AssertionError("this was measured before")


def test_a_memory_keeps_facts_between_processes_and_survives_damage(memory: Memory) -> None:
    assert memory.recall("a") is None
    memory.keep("a", {"b": 1})
    memory.keep("c", True)
    again = Memory(memory.path)
    assert (again.recall("a"), again.recall("c")) == ({"b": 1}, True)
    memory.path.write_text("{")
    assert again.recall("a") is None
    again.keep("d", 2)
    assert again.recall("d") == 2


def test_a_memory_that_cannot_be_written_forgets(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file" / "machine.json")
    memory.keep("a", 1)
    assert memory.recall("a") is None


@pytest.mark.parametrize(
    ("seconds", "limit", "size"),
    [
        ({1: 1.0, 4: 1.1, 16: 1.6, 64: 6.0}, 64, 64),  # 1, 3.6, 10, 10.7 replicas per second
        ({1: 1.0, 4: 1.1, 16: 1.6, 64: 6.4}, 64, 16),  # 10 is as good as 10
        ({1: 1.0, 4: 4.2, 16: 17.0}, 10, 1),
        ({1: 1.0, 4: 2.0, 16: 8.0}, 5, 4),  # 4 and 5 replicas: 2 per second
        ({1: 1.0, 4: 1.0}, 3, 3),
    ],
)
def test_the_smallest_size_within_five_per_cent_of_the_fastest(
    memory: Memory, trial: Trial, monkeypatch, seconds, limit, size
) -> None:
    calibration = Calibration(memory, forbidden, "cpu")
    monkeypatch.setattr(calibration, "seconds_of_packs", lambda *_: seconds)
    assert calibration.best_size(trial, limit) == size


def test_between_two_sizes_the_time_is_on_a_straight_line() -> None:
    assert interpolated({1: 1.0, 4: 2.5, 16: 14.5}, 10) == 8.5


def test_packs_are_measured_once(memory: Memory, trial: Trial) -> None:
    from gan_bench import variants
    from gan_bench.variants.hyperparameters import resolve

    settings = resolve(variants.get("nsgan").hyperparameters, {"batch_size": 8, "latent_dim": 2})
    trial = SimpleNamespace(**{**vars(trial), "hyperparameters": settings})
    seconds = Calibration(memory, dataset, "cpu").seconds_of_packs(trial, 5)
    assert list(seconds) == list(SIZES[:3])
    assert all(value > 0 for value in seconds.values())
    assert Calibration(memory, forbidden, "cpu").seconds_of_packs(trial, 16) == seconds


def test_that_compiling_works_is_remembered_and_that_it_fails_is_not(memory: Memory, monkeypatch) -> None:
    answers = iter(["no compiler", None])
    monkeypatch.setattr(gan_bench.bench.engine.compiled, "compilation_error", lambda: next(answers))
    assert compiler_trouble(memory) == "no compiler"
    assert compiler_trouble(memory) is None
    assert compiler_trouble(memory) is None
