"""Reasons why a longer training cannot continue a shorter one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered
from gan_bench.bench.planning.longer import obstacle
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial


def trials_of(suite: str, variant: str, *kimgs: float, **options: Any) -> list[Trial]:
    found = []
    for kimg in kimgs:
        whole = altered(load_suite(suite), kimg=kimg)
        found.append(plan(whole, catalogue.dataset, budget="smoke", only=[variant], seeds=[0], **options)[0])
    return found


def test_course_and_key() -> None:
    short, long = trials_of("ring", "lsgan", 64, 128)
    (other,) = trials_of("ring", "lsgan", 128, changes=["lr=0.5"])
    assert short.key != long.key
    assert short.course == long.course != other.course


@pytest.mark.parametrize(
    ("kimg", "why"),
    [
        (128, None),
        (96, "the shorter training was not measured at 48 kimg"),
        (256, "the longer training is not measured at 64 kimg, where the shorter one ended"),
    ],
)
def test_points(kimg: float, why: str | None) -> None:
    """All are measured at a half and at the end: that of 64 kimg at 32 and 64."""
    short, long = trials_of("ring", "lsgan", 64, kimg)
    assert obstacle(long, short.kimg, short.points, catalogue.dataset("ring")) == why


def test_schedules_depend_on_the_length() -> None:
    schedule = 'lr={schedule="linear", start=1e-3, end=0.0}'
    short, long = trials_of("ring", "lsgan", 64, 128, changes=[schedule])
    found = obstacle(long, short.kimg, short.points, catalogue.dataset("ring"))
    assert found == "the schedule of lr, critic_lr, generator_lr depends on the length"


def test_phases_depend_on_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = trials_of("ring", "lsgan", 64, 128)
    course = catalogue.course(long, catalogue.dataset("ring"))
    phases = [replace(each, active=(0.25, 1.0)) for each in course.rounds]
    monkeypatch.setattr(catalogue, "course", lambda *_: replace(course, rounds=phases))
    found = obstacle(long, short.kimg, short.points, None)
    assert found == "the game has phases, whose lengths are shares of the whole"
