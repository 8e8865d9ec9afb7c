"""Settings of a plan: axes, searches, budgets and parts of suites."""

from __future__ import annotations

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.packs import signature
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from tests.bench.planning.planar import load, with_


def test_axes_make_a_grid(suite: Suite) -> None:
    axes = {"lr": [0.1, 0.2], "n_critic": [1, 2]}
    trials = plan(with_(suite, profile="default", axes=axes), load, seeds=[0])
    settings = [(t.hyperparameters["lr"], t.hyperparameters["n_critic"]) for t in trials[:4]]
    assert settings == [(0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2)]
    assert len(trials) == 8


def test_settings_that_come_out_the_same_are_trained_once(suite: Suite) -> None:
    assert len(plan(with_(suite, axes={"lr": [1, 1.0]}), load, seeds=[0])) == 2


def test_a_search_gives_each_variant_as_many_settings() -> None:
    suite = load_suite("search-scalar")
    trials = plan(suite, load, only=["wgan", "began"], seeds=[0])
    assert suite.search is not None
    for variant in ("wgan", "began"):
        mine = [t for t in trials if t.variant == variant]
        assert len(mine) == suite.search.settings
        assert [t.profile for t in mine][:2] == ["search 00", "search 01"]


def test_a_budget_may_have_a_search_and_datasets_of_its_own_and_parts_may_lack_it() -> None:
    suite = load_suite("stability")
    quick = plan(suite, load, only=["nsgan", "wgan-gp"])
    assert {t.data_name for t in quick} == {"ring"}
    assert [len([t for t in quick if t.variant == name]) for name in ("nsgan", "wgan-gp")] == [64, 64]
    assert {t.kimg * 1000 / t.hyperparameters["batch_size"] for t in quick} == {5_000}
    assert {signature(t) for t in quick if t.variant == "nsgan"} == {signature(quick[0])}
    full = plan(suite, load, budget="full", only=["nsgan"])
    assert {t.data_name for t in full} == {"ring", "grid", "digits"}
    assert {t.hyperparameters["critic_norm"] for t in full} == {"none", "layer"}
    with pytest.raises(UsageError, match="unknown budget 'ful' in suite stability; did you mean 'full'"):
        plan(suite, load, budget="ful")


def test_included_suites_keep_their_own_trials() -> None:
    toy = plan(load_suite("toy"), load, only=["nsgan"], seeds=[0], profile="paper")
    ring = plan(load_suite("ring"), load, only=["nsgan"], seeds=[0], profile="paper")
    assert [t.suite for t in toy] == ["gaussian1d", "quadratic", "ring", "grid"]
    assert toy[2] == ring[0]
