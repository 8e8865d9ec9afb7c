"""Options in place of entries of a suite give the trials that a file with these entries gives."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.alterations import altered, parse_architecture
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite

FILE = """
title = "Two families"
datasets = [{datasets}]
variants = ["nsgan"]
profile = "default"

[architectures.{label}]
family = "mlp"
hidden = [{hidden}]

[budgets.quick]
kimg = {kimg}
points = 2
{budget}
"""
load = functools.cache(catalogue.dataset)


def keys_of(path: Path, **options: object) -> list[tuple[str, str, str]]:
    suite = altered(load_suite(str(path)), **options)  # type: ignore[arg-type]
    return [(trial.key, trial.architecture, trial.dataset) for trial in plan(suite, load)]


def test_options_plan_what_a_file_with_these_entries_plans(tmp_path: Path) -> None:
    usual = {"label": "small", "hidden": "8, 8", "kimg": 64, "datasets": '"ring", "grid"'}
    file, same = tmp_path / "suite.toml", tmp_path / "same.toml"
    file.write_text(FILE.format(**usual, budget='datasets = ["ring"]\narchitectures = ["small"]'))
    ring = 'datasets = ["ring"]'
    for options, entries in (
        ({"kimg": 128}, {"budget": ring, "kimg": 128}),
        ({"dataset": "gaussian1d"}, {"datasets": '"gaussian1d"', "budget": ""}),
        ({"architecture": "small, hidden=[4]"}, {"hidden": "4", "budget": ring}),
        ({"architecture": "mlp, hidden=[4]"}, {"label": "mlp", "hidden": "4", "budget": ring}),
    ):  # fmt: skip
        same.write_text(FILE.format(**{**usual, **entries}))
        assert keys_of(file, **options) == keys_of(same), options
        assert keys_of(file, **options) != keys_of(file)


@pytest.mark.parametrize(
    ("suite", "dataset", "title"),
    [
        ("mnist", "mnist", "MNIST"),
        ("mnist", "images:photos", "images:photos, with the settings of mnist"),
        ("mnist", "ring", "Ring of 8 Gaussians, with the settings of mnist"),
        ("toy", "ring", "Toy distributions: Ring of 8 Gaussians only"),
    ],
)
def test_the_title_names_the_data_that_is_trained_on(suite: str, dataset: str, title: str) -> None:
    found = altered(load_suite(suite), dataset=dataset)
    assert found.title == title
    assert altered(load_suite(suite), kimg=1.0).title == load_suite(suite).title


def test_of_included_suites_those_with_the_dataset_remain() -> None:
    suite = load_suite("toy")
    assert [part.name for part in altered(suite, dataset="ring").parts] == ["ring"]
    (first,) = altered(suite, dataset="digits").parts
    assert (first.name, first.datasets) == (suite.parts[0].name, ["digits"])
    assert len(altered(suite).parts) == len(suite.parts) > 1


def test_architectures_build_on_what_the_suite_has() -> None:
    known = {"small": {"family": "mlp", "hidden": [3], "dropout": 0.5}}
    assert parse_architecture("small, hidden=[5]", known) == {
        "small": {"family": "mlp", "hidden": [5], "dropout": 0.5}
    }
    assert parse_architecture("conv", known) == {"conv": {}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dataset": "rign"}, "--dataset rign.*ring"),
        ({"architecture": "mlpp"}, "--architecture mlpp: .*mlp"),
        ({"architecture": "mlp, hiden=[2]"}, "--architecture mlp, hiden.*hidden"),
        ({"architecture": "mlp, hidden=2,3"}, "--architecture mlp, hidden=2,3"),
    ],
)
def test_what_cannot_be_chosen_is_named_by_its_option(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(altered(load_suite("ring"), **options), load)
