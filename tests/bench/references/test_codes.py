"""Reference rows of games with codes: PCA, the mean, draws of the prior; rows per value of a setting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from gan_bench import datasets
from gan_bench.bench.metrics.outputs import Query, query_of
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references import Ask, Start, info, wanted_rows
from gan_bench.bench.references.planning import Wanted

DIGITS = datasets.load("digits")
SUITE = """
title = "codes"
datasets = ["digits", "ring"]
variants = ["aae", "bigan", "nsgan"]
profile = "default"
seeds = [0]
references = ["pca", "mean", "prior"]
[architectures.mlp]
family = "mlp"
hidden = [8]
[hyperparameters]
batch_size = 16
[hyperparameters.aae]
latent_dim = 2
[hyperparameters.bigan]
latent_dim = 3
latent_law = "uniform"
[budgets.quick]
kimg = 0.064
points = 1
samples = 50
final_samples = 50
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    path = tmp_path / "mine.toml"
    path.write_text(SUITE)
    return load_suite(str(path))


@pytest.fixture
def trials(suite: Suite) -> list[Trial]:
    return plan(suite, catalogue.dataset)


def of_digits(trials: list[Trial], variant: str) -> Trial:
    return next(t for t in trials if (t.variant, t.dataset) == (variant, "digits"))


def rows(name: str, trial: Trial, ability: str, count: int = 40) -> torch.Tensor:
    """Return the output of a row in answer to the query of an ability with test inputs."""
    maker = info(name).start(Start(DIGITS, trial, 0, "cpu"))
    query: Query = query_of(ability, maker.abilities, DIGITS, count, "test")
    return maker(Ask(DIGITS, ability, query.count, query.given, torch.Generator())).rows


def test_there_is_a_row_for_each_size_of_codes_and_none_for_games_without(
    suite: Suite, trials: list[Trial]
) -> None:
    found = wanted_rows(suite, trials, catalogue.dataset)
    on_digits = sorted(row.name for row in found if row.trial.dataset == "digits")
    assert on_digits == [
        "mean",
        "pca(latent_dim=2)",
        "pca(latent_dim=3)",
        "prior(latent_dim=2, latent_law=normal, latent_scale=1.0)",
        "prior(latent_dim=3, latent_law=uniform, latent_scale=1.0)",
    ]
    titles = {row.name: info("pca").title.format(**row.values) for row in found if row.name.startswith("pca")}
    assert titles["pca(latent_dim=3)"] == "PCA of 3 dimensions"


def test_the_key_holds_the_values(trials: list[Trial]) -> None:
    keys = [Wanted(info("pca"), of_digits(trials, v)).key({}) for v in ("aae", "bigan", "aae")]
    assert keys[0] == keys[2] != keys[1]
    assert not Wanted(info("pca"), of_digits(trials, "nsgan")).fits


def test_pca_is_scikit_learns_on_the_scale_of_networks(trials: list[Trial]) -> None:
    trial = of_digits(trials, "bigan")
    train = DIGITS.prepare(DIGITS.stream("real", "train").gather(torch.arange(1085)))
    test = DIGITS.prepare(DIGITS.reference("test", 40))
    other = PCA(3, svd_solver="full").fit(train.flatten(1).double().numpy())
    codes = other.transform(test.flatten(1).double().numpy())
    np.testing.assert_allclose(rows("pca", trial, "encode").numpy(), codes, atol=1e-6)
    back = torch.from_numpy(other.inverse_transform(codes)).reshape(40, 1, 28, 28).clamp(-1, 1)
    assert torch.equal(rows("pca", trial, "reconstruct"), DIGITS.restore(back))


def test_the_mean_is_that_of_the_training_images(trials: list[Trial]) -> None:
    made = rows("mean", of_digits(trials, "aae"), "reconstruct")
    train = DIGITS.stream("real", "train").gather(torch.arange(1085)).double().mean(0)
    assert made.shape == (40, 1, 28, 28)
    assert (made[0].double() - train).abs().max() <= 0.5 + 1e-6
    assert torch.equal(made[0], made[-1])


def test_codes_that_are_the_priors_draws_are_other_draws_than_the_prior(trials: list[Trial]) -> None:
    trial = of_digits(trials, "bigan")
    codes, prior = (rows("prior", trial, ability, 500) for ability in ("encode", "prior"))
    for drawn in (codes[:355], prior):
        assert drawn.shape[1] == 3
        assert -1 <= drawn.min() < -0.9 < 0.9 < drawn.max() <= 1
    assert not torch.equal(codes[:100], prior[:100])
