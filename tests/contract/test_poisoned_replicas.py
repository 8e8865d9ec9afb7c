"""A replica whose samples are not finite spoils its own record and no other, on every kind of data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from gan_bench import datasets
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.process import run_task
from gan_bench.bench.running.task import RunContext, Task
from gan_bench.datasets.base import Kind
from tests.contract.registered import PLUG_IN

CASES = {
    "gaussian1d": "nsgan",
    "dirac": "nsgan",
    "quadratic": "nsgan",  # restored by an affine map
    "ring": "acgan",  # asked for labels, too
    "turned": "cyclegan",  # translates held-out points
    "mixture-1200d": "nsgan",
    "digits": "acgan",
    PLUG_IN.name: "nsgan",  # streamed images without an extractor
}
pytestmark = pytest.mark.usefixtures("plugged_in")
BATCH, COUNT = 16, 20
LR, POISON = 1e-3, 1e25
"""One step of Adam at this rate leaves finite weights, whose products overflow single precision."""


def pack_of(name: str, rate: float, iterations: int) -> Pack:
    """Three trials, of which the one in the middle trains its generators at `rate`."""
    variant, data = catalogue.variant(CASES[name]), datasets.load(name)
    players = [key for key in variant.game.hyperparameters if key.endswith("_lr")]
    generators = [key for key in players if not key.startswith("critic")]
    points = tuple(BATCH * done / 1000 for done in sorted({1, iterations}))
    trial = Trial(
        suite="poisoned", budget="smoke", dataset=name, data_name=name, stand_in_for=None,
        content_hash=data.content_hash, kind=data.kind, variant=variant.name, paper="", year=2026,
        profile="paper", architecture="mlp", network=catalogue.network({"family": "mlp", "hidden": [8, 8]}),
        hyperparameters={}, seed=0, kimg=points[-1], points=points, dtype="float32", samples=COUNT,
        final_samples=COUNT, versions={"variant": variant.version, "engine": catalogue.engine_version()},
    )  # fmt: skip

    def settings(generator_rate: float) -> dict:
        chosen = {"batch_size": BATCH, "lr": LR, **dict.fromkeys(generators, generator_rate)}
        return catalogue.resolve(variant.name, chosen)

    rates = (LR, rate, 2 * LR)
    return Pack(
        tuple(replace(trial, seed=seed, hyperparameters=settings(each)) for seed, each in enumerate(rates))
    )


def kept(store: Store, trial: Trial) -> dict[str, bytes]:
    """Everything that a trial left, without times and places."""
    files = {}
    for path in sorted(store.folder(trial.key).rglob("*")):
        if path.suffix == ".json":
            files[path.name] = json.dumps(timeless(json.loads(path.read_text()))).encode()
        elif path.is_file():
            files[path.name] = path.read_bytes()
    return files


def timeless(value):
    if isinstance(value, dict):
        dropped = {"seconds", "compile_seconds", "created", "provenance", "sha256"}  # of what has times in it
        return {key: timeless(item) for key, item in value.items() if key not in dropped}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def test_every_kind_of_data_has_a_case():
    assert {datasets.info(name).kind for name in CASES} == set(get_args(Kind))


def poisonings():
    """Every kind of data at the end, and on the way, where the kind matters less; most of these are slow."""
    for name in CASES:
        yield pytest.param(name, 1, id=f"{name}-at-the-end")
        rare = name not in ("ring", "digits")
        yield pytest.param(name, 4, id=f"{name}-on-the-way", marks=[pytest.mark.slow] if rare else [])


@pytest.mark.parametrize(("name", "iterations"), [*poisonings()])
def test_a_poisoned_replica_leaves_its_neighbours_as_they_are(name, iterations, tmp_path):
    healthy, poisoned = (pack_of(name, rate, iterations) for rate in (3 * LR, POISON))
    stores = {}
    for folder, pack in (("healthy", healthy), ("poisoned", poisoned)):
        results = run_task(Task("train", pack), RunContext(tmp_path / folder))
        assert [result.error for result in results] == [None] * 3
        stores[folder] = Store(tmp_path / folder)
    for slot in (0, 2):
        trial = poisoned.trials[slot]
        left = kept(stores["poisoned"], trial)
        assert {"record.json", "samples.npz", "checkpoint.safetensors"} < left.keys()
        assert left == kept(stores["healthy"], trial)

    victim = poisoned.trials[1]
    record = stores["poisoned"].read(victim.key)
    (evaluation,) = stores["poisoned"].evaluations(victim.key)
    lost = [row for row in evaluation.rows if row["iteration"] == 1]
    assert lost, "it was alive at the first point"
    for row in lost:
        assert row["value"] is None, row["metric"]
        assert "are not finite" in row["reason"]
    if iterations == 1:
        assert record.status == "finished"
    else:
        assert record.status == "diverged"
        assert 1 < record.outcome["diverged_at"] <= iterations


def test_a_measurement_that_fails_fails_one_record(tmp_path, monkeypatch):
    from gan_bench.bench.running.recorder import Recorder

    pack, measure, seen = pack_of("ring", 3 * LR, 4), Recorder.measure, []

    def failing(self, model, at, **flags):
        seen.append(model.hp.generator_lr)
        if model.hp.generator_lr == pytest.approx(3 * LR):
            raise ValueError("no such picture")
        measure(self, model, at, **flags)

    monkeypatch.setattr(Recorder, "measure", failing)
    results = run_task(Task("train", pack), RunContext(tmp_path))
    assert [result.status for result in results] == ["finished", "failed", "finished"]
    assert results[1].error == "ValueError: no such picture"
    record = Store(tmp_path).read(pack.trials[1].key)
    assert (record.status, record.error) == ("failed", "ValueError: no such picture")
    assert "in failing" in record.traceback
    assert len(seen) == 2 + 1 + 2, "it is not measured again"
