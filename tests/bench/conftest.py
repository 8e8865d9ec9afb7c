from __future__ import annotations

import functools
import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pytest
import torch
from rich.console import Console

import gan_bench.bench.engine
import gan_bench.bench.running.training
from gan_bench.bench.commands import app as cli
from gan_bench.bench.common import interrupt
from gan_bench.bench.common.errors import Interrupted
from gan_bench.bench.engine import EvaluationPoint, Outcome, Progress
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.session import run
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

Start = Callable[..., tuple[int, str]]
Run = Callable[..., tuple[int, str, str]]

TINY = """
title = "Tiny"
datasets = ["ring"]
variants = ["nsgan", "lsgan"]
profile = "paper"

[architectures.mlp]
family = "mlp"
hidden = [8]

[hyperparameters]
batch_size = 32

[budgets.quick]
kimg = 0.32
points = 2
samples = 100
final_samples = 100
seeds = 3
pack = 16
"""


@pytest.fixture
def trial() -> Trial:
    return Trial(
        suite="tiny",
        budget="quick",
        dataset="ring",
        data_name="ring",
        stand_in_for=None,
        content_hash="abc",
        kind="planar",
        variant="nsgan",
        paper="arXiv:1406.2661",
        year=2014,
        profile="paper",
        architecture="mlp",
        network={"family": "mlp", "hidden": [8]},
        hyperparameters={"lr": 1e-3, "batch_size": 32, "n_critic": 1},
        seed=0,
        kimg=1.0,
        points=(0.5, 1.0),
        dtype="float32",
        samples=100,
        final_samples=100,
        versions={"variant": 1, "engine": 1},
    )


@pytest.fixture
def trials(trial: Trial) -> list[Trial]:
    return [replace(trial, seed=seed) for seed in range(3)]


@pytest.fixture
def suite_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


class FakeModel:
    """Samples around the ring; an average that is better than the raw weights."""

    has_ema = True
    abilities: ClassVar = {"sample": Ability()}

    def __init__(self, seed: int, spread: float) -> None:
        self.seed, self.spread = seed, spread

    def make(self, name: str, count: int, given: Any, *, weights: str, draws: int) -> Restored:
        generator = torch.Generator().manual_seed(self.seed)
        angle = torch.randint(8, (count,), generator=generator) * (torch.pi / 4)
        points = torch.stack([angle.cos(), angle.sin()], 1)
        spread = self.spread if weights == "raw" else self.spread / 2
        return Restored(points + spread * torch.randn(count, 2, generator=generator), 0)

    def state(self) -> dict[str, torch.Tensor]:
        return {"generator/weight": torch.full((3,), float(self.seed))}


class FakeEngine:
    """`gan_bench.bench.engine.train` without training; `fail` maps seeds to what happens to them."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []
        self.fail: dict[int, BaseException] = {}
        self.diverge: set[int] = set()

    def train(
        self, job: Any, dataset: Any, *, on_point: Callable, on_progress: Callable, snapshots: Any
    ) -> list[Outcome]:
        self.jobs.append(job)
        for seed in job.seeds:
            if seed in self.fail:
                raise self.fail[seed]
        for index, kimg in enumerate(job.budget.points):
            iteration = 10 * (index + 1)
            on_progress(Progress(iteration, 20, kimg, 0.1, len(job.seeds)))
            models: Any = [
                None if seed in self.diverge else FakeModel(seed, 0.005 * (index + 1)) for seed in job.seeds
            ]
            final = kimg == job.budget.kimg
            on_point(
                EvaluationPoint(index, kimg, iteration, iteration, iteration, 0.1 * iteration, final, models)
            )
        return [self.outcome(seed) for seed in job.seeds]

    def outcome(self, seed: int) -> Outcome:
        lost = seed in self.diverge
        return Outcome(
            status="diverged" if lost else "finished",
            diverged_at=7 if lost else None,
            iterations=7 if lost else 20,
            critic_updates=20,
            generator_updates=20,
            images=640,
            pretraining_images=0,
            flop=1_000,
            seconds=2.0,
            compile_seconds=0.0,
            parameters={"critic": 33, "generator": 50},
            frozen_parameters={},
            critics=["critic"],
            history={
                "iteration": [10.0, 20.0],
                "kimg": [0.5, 1.0],
                "seconds": [1.0, 2.0],
                "critic_loss": [0.7, float("nan") if lost else 0.6],
            },
        )

    def restore(self, job: Any, dataset: Any, state: dict[str, torch.Tensor]) -> FakeModel:
        assert state["generator/weight"].shape == (3,)
        return FakeModel(job.seeds[0], 0.01)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(gan_bench.bench.engine, "train", fake.train)
    monkeypatch.setattr(gan_bench.bench.engine, "restore", fake.restore)
    return fake


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replaces the report by a note of what it was asked for."""
    asked: list[Any] = []

    def write_report(
        store: Any, console: Any, command: str, title: str, trials: Any, evaluations: Any, **more: Any
    ) -> Path:
        facts = {"title": title, "trials": trials, "evaluations": evaluations, **more}
        asked.append(SimpleNamespace(store=store, **facts))
        return store.root / "report" / "index.html"

    monkeypatch.setattr("gan_bench.bench.running.session.write_report", write_report)
    return asked


@pytest.fixture(scope="session")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that gives results of the tiny suite, made once for the same options: copy them."""

    @functools.cache
    def results(diverge: tuple[int, ...] = (), **options: Any) -> Path:
        folder, fake = tmp_path_factory.mktemp("remembered"), FakeEngine()
        (folder / "tiny.toml").write_text(TINY)
        fake.diverge = set(diverge)
        own = {"out": folder / "out", "jobs": 1, "executor": "inline", **options}
        request = Request(str(folder / "tiny.toml"), "python -m bench run --suite tiny", **own)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gan_bench.bench.engine, "train", fake.train)
            patch.setattr(gan_bench.bench.engine, "restore", fake.restore)
            patch.setattr("gan_bench.bench.running.session.write_report", lambda store, *_, **__: store.root)
            run(request, Console(file=io.StringIO()))
        return folder / "out"

    return results


@pytest.fixture
def trained(
    remembered: Callable[..., Path], engine: FakeEngine, no_report: list[Any], tmp_path: Path
) -> Path:
    """Return a copy of what a session of the tiny suite leaves, where the test's own sessions continue it."""
    return Path(shutil.copytree(remembered(), tmp_path / "out"))


@pytest.fixture
def forget_evaluators() -> None:
    gan_bench.bench.running.training._loaded.cache_clear()


@pytest.fixture
def session(suite_file: Path, tmp_path: Path) -> Start:
    """Runs the tiny suite in this process: (exit status, what the terminal showed)."""

    def start(**options: Any) -> tuple[int, str]:
        console = Console(record=True, width=200, file=io.StringIO())
        defaults: dict[str, Any] = {"out": tmp_path / "out", "jobs": 1, "executor": "inline"}
        request = Request(str(suite_file), "python -m bench run --suite tiny", **{**defaults, **options})
        return run(request, console), console.export_text()

    return start


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command line in this process: exit status, stdout, stderr.

    A signal from outside, of `timeout` say, ends the tests: it is not the interruption of the command.
    """
    signals: list[BaseException] = []

    class Noted(Interrupted):
        def __init__(self) -> None:
            signals.append(self)

    monkeypatch.setattr(interrupt, "Interrupted", Noted)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["/somewhere/bench/__main__.py", *arguments])
        status = cli.main()
        if signals:
            pytest.exit("a signal from outside ended a command of the tests", returncode=130)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def scores(store: Store) -> pd.DataFrame:
    """Return the scores of a store in one order, without times."""
    found = frames.load(store).scores.drop(columns="seconds")
    return found.sort_values(["trial", "metric", "when", "weights", "split", "kimg"]).reset_index(drop=True)
