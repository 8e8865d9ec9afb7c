"""A training that continues from a snapshot ends with the bits of one that was never interrupted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import load, save

from gan_bench import variants
from gan_bench.bench.engine import Budget, Snapshot
from gan_bench.bench.engine.compiled import compilation_error
from gan_bench.bench.engine.snapshots import fits, put_back, taken
from gan_bench.bench.engine.train import Trainer
from tests.bench.engine.recorded import Recorded
from tests.bench.engine.test_graphs import settings_of
from tests.bench.engine.toys import Breaking, job_of
from tests.toys import ones
from tests.training import CONV, dataset, ground, make_job

LENGTH = 12


class Stop(Exception):
    """The process ends here."""


class Kept:
    """Keeps a snapshot after an iteration as bytes, as a file does, and ends the training a little later."""

    def __init__(self, at: int) -> None:
        self.at, self.bytes, self.text, self.read = at, b"", "", 0

    def load(self) -> Snapshot | None:
        return Snapshot(load(self.bytes), json.loads(self.text)) if self.bytes else None

    def continued(self, snapshot: Snapshot) -> None:
        self.at = -1

    def due(self, seconds: float) -> bool:
        self.read += 1
        if self.bytes and self.at > 0:
            raise Stop
        return self.read == self.at

    def ended(self, seconds: float, take: Callable[[], Snapshot]) -> None:
        pass

    def keep(self, take: Callable[[], Snapshot]) -> None:
        snapshot = take()
        self.bytes, self.text = save(dict(snapshot.tensors)), json.dumps(snapshot.facts)


def everything(trainer: Trainer) -> tuple[dict[str, torch.Tensor], Any]:
    found = taken(trainer, trainer.iterations)
    history = [
        {name: column for name, column in columns.items() if name != "seconds"}
        for columns in found.facts["history"]["columns"]
    ]
    return dict(found.tensors), (repr(history), found.facts["history"]["diverged_at"])


def check_continues(job: Any, data: Any, at: int = LENGTH // 2, new_graph: Any = None) -> None:
    """Compare a training that ends after `at` iterations and continues in a new trainer with a whole one."""
    whole = Trainer(job, data, new_graph=new_graph)
    whole.run()
    kept = Kept(at)
    with pytest.raises(Stop):
        Trainer(job, data, new_graph=new_graph).run(snapshots=kept)
    continued = Trainer(job, data, new_graph=new_graph)
    continued.run(snapshots=kept)
    assert kept.at == -1, "the snapshot was not used"
    (tensors, read), (others, other_read) = everything(whole), everything(continued)
    assert tensors.keys() == others.keys()
    differ = [name for name in tensors if tensors[name].numpy().tobytes() != others[name].numpy().tobytes()]
    assert not differ
    assert read == other_read


STATEFUL = ["sngan", "clustergan"]


def check_variant(variant: str, seeds: tuple[int, ...]) -> None:
    job = make_job(variant, seeds, settings=settings_of(variant), iterations=LENGTH)
    check_continues(job, dataset(ground(variant)))


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["alone", "packed"])
@pytest.mark.parametrize("variant", variants.names())
def test_every_variant_continues_with_the_same_bits(variant: str, seeds: tuple[int, ...]) -> None:
    check_variant(variant, seeds)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["alone", "packed"])
@pytest.mark.parametrize("variant", STATEFUL)
def test_variants_with_state_continue_with_the_same_bits(variant: str, seeds: tuple[int, ...]) -> None:
    check_variant(variant, seeds)


@pytest.mark.parametrize("way", ["streams", "products"])
def test_other_ways_of_packs_continue(way: str) -> None:
    job = make_job("wgan-gp", (0, 1), architecture=CONV, iterations=6, settings=settings_of("wgan-gp"))
    check_continues(dataclasses.replace(job, way=way), dataset("digits"), 3)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["alone", "packed"])
def test_captured_iterations_continue(seeds: tuple[int, ...]) -> None:
    """Graphs are recorded anew, after iterations that warm up."""
    job = make_job("nsgan", seeds, settings=settings_of("nsgan"), iterations=16)
    check_continues(job, dataset("ring"), 8, Recorded)


@pytest.mark.slow
def test_compiled_packs_continue() -> None:
    if (why := compilation_error()) is not None:
        pytest.skip(f"nothing compiles here: {why}")
    job = make_job("wgan-gp", (0, 1), settings=settings_of("wgan-gp"), iterations=LENGTH)
    check_continues(dataclasses.replace(job, compile=True), dataset("ring"))


def test_diverged_replicas_stay_diverged(toy: Any) -> None:
    settings = [{"weight": 0.0}, {"weight": 3.0}, {"weight": 9.0}]
    job = job_of(toy(Breaking), (0, 1, 2), iterations=LENGTH, settings=settings)
    check_continues(job, ones())


def test_a_snapshot_of_another_training_does_not_fit() -> None:
    one = Trainer(make_job("nsgan", (0, 1)), dataset("ring"))
    snapshot = taken(one, 0)
    assert fits(one, snapshot)
    others = [make_job("nsgan", (0,)), make_job("nsgan", (0, 1), settings={"optimiser": "rmsprop"})]
    others.append(make_job("nsgan", (0, 1), architecture={"family": "mlp", "hidden": [8]}))
    others.append(make_job("began", (0, 1)))
    others.append(make_job("nsgan", (0, 1), dtype="float64"))
    assert not any(fits(Trainer(job, dataset("ring")), snapshot) for job in others)
    on_gpu = Snapshot(snapshot.tensors, {**snapshot.facts, "device": "cuda"})
    assert not fits(one, on_gpu)


def test_a_snapshot_does_not_change_with_the_training() -> None:
    trainer = Trainer(make_job("nsgan", settings=settings_of("nsgan"), iterations=3), dataset("ring"))
    snapshot = taken(trainer, 0)
    before = {name: tensor.clone() for name, tensor in snapshot.tensors.items()}
    trainer.run()
    assert [name for name, tensor in before.items() if not torch.equal(tensor, snapshot.tensors[name])] == []


def test_times_and_operations_without_a_repeatable_algorithm_are_continued() -> None:
    trainer = Trainer(make_job("nsgan"), dataset("ring"))
    trainer.seconds, trainer.compile_seconds, trainer.not_deterministic = 12.5, 3.5, {"cumsum"}
    continued = Trainer(make_job("nsgan"), dataset("ring"))
    continued.not_deterministic = {"scatter"}
    put_back(continued, taken(trainer, 0))
    assert (continued.seconds, continued.compile_seconds) == (12.5, 3.5)
    assert continued.not_deterministic == {"cumsum", "scatter"}


def test_a_longer_training_has_rows_at_its_points_between_its_windows_too() -> None:
    job = make_job("nsgan", iterations=600)
    kimg = job.budget.kimg
    points = (kimg / 6, kimg / 2, kimg)
    longer = Trainer(dataclasses.replace(job, budget=Budget(kimg, points)), dataset("ring"))
    assert longer.history.window == 3
    assert [iteration % 3 for iteration in longer.points] == [1, 0, 0]
    shorter = Trainer(dataclasses.replace(job, budget=Budget(kimg / 2, points[:2])), dataset("ring"))
    for iteration in range(1, 301):
        shorter.history.note(iteration, "critic_loss", torch.tensor([float(iteration)]))
        shorter.history.flush(iteration, 0.0, 0.0)
    assert put_back(longer, taken(shorter, 300)) == 300
    (columns,) = longer.history.columns
    assert columns["iteration"] == sorted({*range(3, 301, 3), 100})
    means = dict(zip(columns["iteration"], columns["critic_loss"], strict=True))
    assert (means[99], means[100], means[102], means[105]) == (98.0, 100.0, 101.5, 104.0)
