from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.planning.packs import Division
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.cost import Costs
from gan_bench.bench.running.packing import LARGEST, LARGEST_COMPILED, Load, Packing, Wish, balance, makespan


class Priced(Costs):
    """Every trial takes the same time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def trial(self, trial: Trial) -> float:
        return self.seconds


NO_WISH = Wish()


def never(*_: object) -> int:
    raise AssertionError("nothing is to be measured")


def packing(seconds=1.0, wish=NO_WISH, *, jobs=1, device="cpu", best_size=never, trouble=None) -> Packing:
    return Packing(lambda _: wish, Priced(seconds), device, jobs, best_size, lambda: trouble)


def seeds(trial: Trial, count: int, **changes: object) -> list[Trial]:
    return [replace(trial, seed=seed, **changes) for seed in range(count)]


def test_toy_networks_share_packs_and_images_do_only_on_a_gpu(trial: Trial) -> None:
    toys, images = seeds(trial, 40), seeds(trial, 40, kind="images")
    assert packing()([toys]) == [Division(-(-40 // LARGEST))]
    assert packing()([images]) == [Division(40)]
    assert packing(device="cuda:0")([images]) == [Division(-(-40 // LARGEST))]


def test_a_size_that_was_asked_for_is_kept(trial: Trial) -> None:
    assert packing(wish=Wish(size=7), jobs=8)([seeds(trial, 20)]) == [Division(3)]


def test_long_groups_are_measured_first_and_short_ones_are_not(trial: Trial) -> None:
    asked = []

    def best_size(measured: Trial, limit: int) -> int:
        asked.append((measured.variant, limit))
        return 2

    groups = [seeds(trial, 6, budget="quick"), seeds(trial, 1, budget="quick")]
    assert packing(100.0, best_size=best_size)(groups) == [Division(3), Division(1)]
    assert asked == [("nsgan", 6)]
    assert packing(1.0)(groups) == [Division(1), Division(1)]


def test_a_few_seeds_train_faster_one_by_one_unless_compiled(trial: Trial) -> None:
    assert packing()([seeds(trial, 4)]) == [Division(4)]
    assert packing(device="cuda:0")([seeds(trial, 4)]) == [Division(1)]
    assert packing(wish=Wish(compiled=True))([seeds(trial, 4)]) == [Division(1, True)]


def test_packs_are_not_split_into_smaller_ones_than_pay() -> None:
    assert Load(10, 1, 10.0, smallest=5).split(5.0).packs == 2
    assert Load(10, 1, 10.0, smallest=5).split(3.0).packs == 10
    assert Load(10, 2, 10.0, smallest=5).split(6.0).packs == 2
    assert Load(10, 1, 10.0, smallest=5, fixed=True).split(1.0).packs == 1


@pytest.mark.parametrize(
    ("budget", "seconds", "compiled"),
    [("full", 10.0, True), ("full", 0.5, False), ("quick", 10.0, False), ("smoke", 10.0, False)],
)
def test_long_runs_are_compiled(trial: Trial, budget: str, seconds: float, compiled: bool) -> None:
    group = seeds(trial, 2 * LARGEST_COMPILED, budget=budget)
    divided = packing(seconds, best_size=lambda *_: LARGEST)([group])
    assert divided == [Division(2 if compiled else 4, compiled)]


def test_what_was_asked_goes_before_the_rule(trial: Trial) -> None:
    group = seeds(trial, 4, budget="full")
    assert packing(wish=Wish(compiled=True))([group]) == [Division(1, True)]
    assert packing(1000.0, Wish(4, compiled=False))([group]) == [Division(1, False)]


def test_without_a_compiler_nothing_is_compiled(trial: Trial) -> None:
    assert packing(wish=Wish(compiled=True), trouble="no g++")([seeds(trial, 5)]) == [Division(1, False)]


def test_one_group_is_shared_by_all_workers(trial: Trial) -> None:
    assert packing(jobs=4)([seeds(trial, 20)]) == [Division(4)]


loads = st.builds(
    lambda count, packs, seconds: Load(count, min(packs, count), seconds),
    st.integers(1, 40), st.integers(1, 4), st.floats(0.1, 100.0),
)  # fmt: skip


@given(st.lists(loads, min_size=1, max_size=8), st.integers(1, 6))
def test_balancing_never_ends_later_and_never_joins_packs(loads: list[Load], jobs: int) -> None:
    balanced = balance(loads, jobs)
    assert makespan(balanced, jobs) <= makespan(loads, jobs) + 1e-9
    assert all(
        before.packs <= after.packs <= after.count for before, after in zip(loads, balanced, strict=True)
    )


@given(st.integers(8, 200), st.integers(1, 8))
def test_no_worker_idles_for_long_at_the_end(count: int, jobs: int) -> None:
    load = Load(count, 1, float(count))
    assert makespan(balance([load], jobs), jobs) <= 1.03 * max(1.0, count / jobs) + 1


def test_the_makespan_is_that_of_handing_out_the_longest_first() -> None:
    assert makespan([Load(2, 2, 10.0), Load(3, 3, 9.0)], 2) == 11.0  # 5 + 3 + 3, and 5 + 3
