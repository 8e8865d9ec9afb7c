"""The suites learn at their standard budget: medians over seeds, never one lucky run. Not timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.planning.evaluators import new_evaluator
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.planned import PlannedRun
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.session import run

pytestmark = pytest.mark.slow


def scores_of(suite: str, out: Path, **options):
    """Run a suite at its standard budget and return its final scores on test, one row per trial."""
    assert run(Request(suite=suite, command="test", out=out, **options), Console(quiet=True)) == 0
    scores = frames.load(Store(out)).scores
    final = scores[(scores["when"] == "final") & (scores["split"] == "test")]
    return final.pivot_table(index=["variant", "seed"], columns=["weights", "metric"], values="value")


@pytest.mark.parametrize("variants", [pytest.param(("gan",), marks=pytest.mark.sample), None])
def test_the_best_variant_matches_the_gaussians_mean_and_std(variants, tmp_path):
    scores = scores_of("gaussian1d", tmp_path / "out", variants=variants)
    medians = scores["raw"].groupby("variant").median()
    best = medians.loc[medians["w1"].idxmin()]
    print(medians[["mean", "std", "w1", "ks"]])
    assert abs(best["mean"] - 4.0) < 0.1
    assert abs(best["std"] - 1.25) < 0.15


def test_two_variants_find_the_modes_of_the_ring(tmp_path):
    scores = scores_of("ring", tmp_path / "out", variants=("nsgan", "ragan"), seeds=tuple(range(10)))
    print(scores.xs("modes", axis=1, level="metric"), scores.xs("high_quality", axis=1, level="metric"))
    for variant in ("nsgan", "ragan"):
        modes = scores.loc[variant]["raw"]["modes"]
        assert len(modes) == 10
        assert "ema" in scores.columns.get_level_values("weights")
        assert modes.median() >= 7
        assert (modes == 8).sum() >= 4


def test_the_best_variant_beats_untrained_samples_on_mnist_fourfold(tmp_path):
    request = Request(suite="mnist", command="test", out=tmp_path / "out", require_dataset=True)
    try:
        session = PlannedRun.of(request, Console(quiet=True))
    except UsageError as error:
        if not isinstance(error.__cause__, datasets.Unreachable):
            raise
        pytest.skip(str(error))
    trial = next(t for t in session.trials if t.variant == "nsgan")
    dataset = session.load(trial.dataset)
    evaluator = new_evaluator(dataset, *trial.measuring, None, "cpu")
    untrained = Trainer(job_of(Pack((trial,)), "cpu"), dataset).models(0.0)[0]
    start = evaluator.measure(dataset.restore(untrained.sample(evaluator.count_of("sample"))), final=False)
    baseline = next(m.value for m in start if m.metric == evaluator.primary and m.split == "test")
    medians = scores_of("mnist", tmp_path / "out")["raw"][evaluator.primary].groupby("variant").median()
    print("untrained", baseline, medians)
    assert medians.min() < baseline / 4
