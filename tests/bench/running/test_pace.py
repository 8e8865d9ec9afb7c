"""Iterations of packs, timed on this device and remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.running import pace
from gan_bench.bench.running.calibration import Memory
from gan_bench.bench.running.pace import PackTimes


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "cache" / "machine.json")


@pytest.fixture
def packs(suite_file: Path) -> list[Pack]:
    trials = plan(load_suite(str(suite_file)), catalogue.dataset, seeds=[0, 1], profile="paper")
    return [Pack((trial,)) for trial in trials]


def cheap(_: Pack) -> float:
    return 0.001


def test_like_packs_are_measured_once_and_remembered(memory: Memory, packs, monkeypatch) -> None:
    measured: list[str] = []
    true = PackTimes._seconds

    def counted(self: PackTimes, pack: Pack) -> float:
        measured.append(pack.trials[0].variant)
        return true(self, pack)

    monkeypatch.setattr(PackTimes, "_seconds", counted)
    monkeypatch.setattr(pace, "ALLOWANCE", 60.0)  # however busy this machine is
    times = PackTimes(memory, catalogue.dataset, "cpu")
    assert [times.recall(pack) for pack in packs] == [None] * 4
    times.measure(packs, cheap)
    assert sorted(measured) == ["lsgan", "nsgan"]  # two seeds of each are like packs
    again = PackTimes(Memory(memory.path), catalogue.dataset, "cpu")
    again.measure(packs, cheap)
    assert len(measured) == 2
    found = [again.recall(pack) for pack in packs]
    assert found[0] == found[1]
    assert all(0 < seconds < 10 for seconds in found if seconds is not None)
    assert None not in found


def test_a_measurement_belongs_to_a_device_a_version_and_a_pack(memory: Memory, packs, monkeypatch) -> None:
    monkeypatch.setattr(PackTimes, "_seconds", lambda *_: 0.5)
    PackTimes(memory, catalogue.dataset, "cpu").measure(packs, cheap)
    times = PackTimes(memory, catalogue.dataset, "cpu")
    assert times.recall(packs[0]) == 0.5
    assert times.recall(Pack(packs[0].trials * 2)) is None
    assert times.recall(Pack(packs[0].trials, "compiled")) is None
    for name, value in (("device_kind", lambda _: "another"), ("torch_version", lambda: "0")):
        with monkeypatch.context() as other:
            other.setattr(pace, name, value)
            assert times.recall(packs[0]) is None
    assert times.recall(packs[0]) == 0.5


def test_two_seconds_are_enough_and_every_family_has_its_turn(memory: Memory, packs, monkeypatch) -> None:
    """A clock that the measurements move: families first, then as many as there is time for."""
    now, measured = [0.0], list[Any]()
    monkeypatch.setattr("time.perf_counter", lambda: now[0])

    def spend(_: PackTimes, pack: Pack) -> float:
        measured.append(pack.trials[0].network["family"])
        now[0] += 0.9
        return 0.1

    monkeypatch.setattr(PackTimes, "_seconds", spend)
    other = [Pack((replace(packs[0].trials[0], network={"family": "other"}),))]
    PackTimes(memory, catalogue.dataset, "cpu").measure([*packs, *other], lambda _: 0.1)
    assert measured == ["mlp", "other"]
    assert now[0] < pace.ALLOWANCE


def test_compiled_packs_and_what_is_too_slow_are_left_out(memory: Memory, packs, monkeypatch) -> None:
    monkeypatch.setattr(PackTimes, "_seconds", lambda *_: pytest.fail("this takes too long"))
    times = PackTimes(memory, catalogue.dataset, "cpu")
    times.measure([Pack(packs[0].trials, "compiled")], cheap)
    times.measure(packs, lambda _: 1.0)
