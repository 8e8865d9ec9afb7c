"""Replicas of a pack measured one by one, and with the features of all extracted in one pass."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.extractors.lenet import LeNetExtractor
from gan_bench.bench.running.measuring import PackMeasuring
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

COUNT = 500
"""As many as the extractor takes at a time on a CPU, so that both ways give the same bits."""


class Fake:
    """A model whose samples are held-out images, other ones for every seed."""

    has_ema = True

    def __init__(self, seed: int, broken: int = 0, fails: bool = False) -> None:
        self.seed, self.broken, self.fails = seed, broken, fails
        self.abilities = {"sample": Ability(makes="real")}
        self.hp = SimpleNamespace(lr=1e-3)

    def make(self, name: str, count: int, given: Any, *, weights: str, draws: int) -> Restored:
        if self.fails:
            raise RuntimeError("a bug of the game")
        images = datasets.load("digits").reference("validation")
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(self.seed))
        rows = images[order].roll(int(weights == "ema"), dims=-1)
        rows = rows.repeat(count // len(rows) + 1, 1, 1, 1)[: count - self.broken]
        return Restored(rows, self.broken)

    def state(self) -> dict[str, torch.Tensor]:
        return {"generator/weight": torch.full((3,), float(self.seed))}


def point(*models: Fake | None, final: bool = False) -> Any:
    costs = {"seconds": 1.0, "critic_updates": 1, "generator_updates": 1, "flop": 1}
    return SimpleNamespace(kimg=1.0, iteration=5, final=final, models=list(models), **costs)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[PackMeasuring, list[int]]]:
    """Measure points one by one or together; return that and the sizes of all passes of the extractor."""
    data = datasets.load("digits")
    passes: list[int] = []
    outputs = LeNetExtractor._outputs

    def counted(self: LeNetExtractor, images: torch.Tensor) -> Any:
        passes.append(len(images))
        return outputs(self, images)

    def measure(points: list[Any], together: bool) -> tuple[PackMeasuring, list[int]]:
        evaluator = Evaluator(data, samples=COUNT, final_samples=100)
        found = PackMeasuring(data, evaluator, len(points[0].models), together)
        found.measure(points[0])  # the real side is extracted here
        with monkeypatch.context() as patch:
            patch.setattr(LeNetExtractor, "_outputs", counted)
            passes.clear()
            for one in points[1:]:
                found.measure(one)
        return found, list(passes)

    return measure


def rows(found: PackMeasuring) -> list[Any]:
    return [recorder.rows for recorder in found.recorders]


def test_one_pass_for_all_replicas_measures_what_a_pass_for_each_does(measured) -> None:
    models = [Fake(seed) for seed in range(3)]
    points = [point(*models), point(*models[::-1]), point(*models, final=True)]
    alone, passes = measured(points, together=False)
    assert passes == [COUNT] * 12  # raw and averaged weights of three replicas at two points
    together, passes = measured(points, together=True)
    assert passes == [6 * COUNT] * 2
    assert rows(together) == rows(alone)
    assert rows(together)[0] != rows(together)[1]
    assert not any(recorder.ahead for recorder in together.recorders)
    assert all(seconds > 0 for seconds in together.seconds)


@pytest.mark.parametrize("together", [False, True])
def test_diverged_failed_and_broken_replicas_leave_the_others_as_they_are(measured, together: bool) -> None:
    good = [Fake(0), Fake(1), Fake(2), Fake(3)]
    points = [point(*good), point(good[0], None, Fake(2, fails=True), Fake(3, broken=7))]
    found, _ = measured(points, together)
    assert list(found.failed) == [2]
    assert found.failed[2][0] == "RuntimeError: a bug of the game"
    assert "Traceback" in found.failed[2][1]
    alone, _ = measured([point(good[0]), point(good[0])], together=False)
    assert rows(found)[0] == rows(alone)[0]
    last = [row for row in rows(found)[3] if row["iteration"] == 5 and row["value"] is None]
    assert {row["reason"] for row in last} == {"7 of 500 samples are not finite"}


@pytest.mark.parametrize("together", [False, True])
def test_an_error_of_all_replicas_is_raised(measured, together: bool) -> None:
    broken = [Fake(0, fails=True), Fake(1, fails=True)]
    with pytest.raises(RuntimeError, match="a bug of the game"):
        measured([point(*broken)], together)


@pytest.mark.parametrize("together", [False, True])
def test_a_lack_of_memory_is_raised_so_that_the_pack_is_tried_again(measured, together: bool) -> None:
    full = Fake(1)
    full.make = _full  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        measured([point(Fake(0), Fake(1)), point(Fake(0), full)], together)


def _full(*_: Any, **__: Any) -> Restored:
    raise MemoryError
