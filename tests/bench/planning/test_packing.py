from __future__ import annotations

from dataclasses import replace

import pytest

from gan_bench.bench.planning.pack_table import Timing
from gan_bench.bench.planning.packing import Packing, Wish, Work
from gan_bench.bench.planning.packs import Division
from gan_bench.bench.planning.trial import Trial

NO_WISH = Wish()


def timed(device="cpu", **milliseconds) -> Timing:
    return Timing(
        device=device, torch="2", date="2026-11-27", source="a test", workload="ring", variant="nsgan",
        family="mlp", work=1000.0, milliseconds=milliseconds,
    )  # fmt: skip


SOONER_IN_PACKS = timed(batched={1: 1.0, 4: 1.0, 16: 1.6}, compiled={1: 0.5, 32: 1.6})
EQUALLY_SOON = timed(batched={1: 1.0, 4: 4.0, 16: 16.0})
ON_A_GPU = timed("H200", batched={10: 6.27, 32: 15.1}, streams={10: 2.88, 32: 9.11})


def packing(
    *timings, wish=NO_WISH, iterations=1000, work=1000.0, device="cpu", trouble=None, asked=None
) -> Packing:
    def why() -> str | None:
        if asked is not None:
            asked.append(True)
        return trouble

    return Packing(lambda _: wish, lambda _: Work(iterations, work), device, why, timings)


def seeds(trial: Trial, count: int, **changes: object) -> list[Trial]:
    return [replace(trial, seed=seed, **changes) for seed in range(count)]


def test_the_table_decides_on_packs(trial: Trial) -> None:
    assert packing(SOONER_IN_PACKS)([seeds(trial, 40, budget="quick")]) == [Division(3)]  # 14, 13, 13
    assert packing(SOONER_IN_PACKS)([seeds(trial, 3, budget="quick")]) == [Division(1)]
    assert packing(EQUALLY_SOON)([seeds(trial, 40, budget="quick")]) == [Division(40)]


def test_the_fastest_way_of_this_kind_of_device_is_chosen(trial: Trial) -> None:
    by_kind = packing(EQUALLY_SOON, ON_A_GPU, device="NVIDIA H200")
    assert by_kind([seeds(trial, 40, budget="quick")]) == [Division(4, "streams")]
    assert by_kind([seeds(trial, 5, budget="quick")]) == [Division(1, "streams")]


def test_a_size_that_was_asked_for_is_kept(trial: Trial) -> None:
    assert packing(SOONER_IN_PACKS, wish=Wish(size=7))([seeds(trial, 20)]) == [Division(3)]
    assert packing(SOONER_IN_PACKS, wish=Wish(size=1))([seeds(trial, 20)]) == [Division(20)]
    assert packing(SOONER_IN_PACKS, wish=Wish(size=10**400))([seeds(trial, 20)]) == [Division(1)]


@pytest.mark.parametrize(
    ("budget", "iterations", "compiled"),
    [("full", 40_000, True), ("full", 10_000, False), ("quick", 40_000, False), ("smoke", 40_000, False)],
)
def test_long_runs_are_compiled(trial: Trial, budget: str, iterations: int, compiled: bool) -> None:
    # 64 replicas take 6.4 ms in packs of 16, 3.2 ms compiled; two programs take 120 s of compiling at most.
    group = seeds(trial, 64, budget=budget)
    divided = packing(SOONER_IN_PACKS, iterations=iterations)([group])
    assert divided == [Division(2, "compiled") if compiled else Division(4)]


def test_work_beyond_the_measured_takes_longer_in_proportion(trial: Trial) -> None:
    group = seeds(trial, 64, budget="full")
    assert packing(SOONER_IN_PACKS, iterations=10_000, work=4000.0)([group]) == [Division(2, "compiled")]


def test_what_was_asked_goes_before_the_rule(trial: Trial) -> None:
    group = seeds(trial, 4, budget="full")
    assert packing(SOONER_IN_PACKS, wish=Wish(compiled=True))([group]) == [Division(1, "compiled")]
    never = packing(SOONER_IN_PACKS, wish=Wish(4, compiled=False), iterations=10**9)
    assert never([group]) == [Division(1)]


def test_where_compiling_was_not_measured_packs_are_compiled_only_if_asked(trial: Trial) -> None:
    group = seeds(trial, 4, budget="full")
    assert packing(EQUALLY_SOON, iterations=10**9)([group]) == [Division(4)]
    assert packing(EQUALLY_SOON, wish=Wish(compiled=True))([group]) == [Division(1, "compiled")]


def test_without_a_compiler_nothing_is_compiled(trial: Trial) -> None:
    without = packing(SOONER_IN_PACKS, wish=Wish(compiled=True), trouble="no g++")
    assert without([seeds(trial, 64)]) == [Division(4)]


def test_the_compiler_is_tried_only_if_something_is_to_be_compiled(trial: Trial) -> None:
    asked: list[bool] = []
    packing(SOONER_IN_PACKS, asked=asked)([seeds(trial, 5, budget="quick")])
    assert asked == []
    packing(SOONER_IN_PACKS, wish=Wish(compiled=True), asked=asked)([seeds(trial, 5)])
    assert asked == [True]
