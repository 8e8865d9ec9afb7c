from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.overrides import by_owner, draws, grid, of_suite, parse_changes
from gan_bench.bench.planning.suite import SearchSpec, load_suite

SPACE: dict[str, Any] = {
    "lr": {"law": "log-uniform", "low": 1e-4, "high": 1e-2},
    "n_critic": {"choices": [1, 5]},
    "wgan": {"clip": {"law": "uniform", "low": 0.0, "high": 1.0}},
}


def test_overrides_are_toml_values() -> None:
    texts = ["lr=1e-4", "lsgan.lr = 3", "optimiser=adam", "wgangp.n_critic=2", "flag=true"]
    assert by_owner(parse_changes(texts)) == {
        None: {"lr": 1e-4, "optimiser": "adam", "flag": True},
        "lsgan": {"lr": 3},
        "wgan-gp": {"n_critic": 2},  # by its alias
    }


def test_a_schedule_is_a_value() -> None:
    parsed = by_owner(parse_changes(['lr={schedule = "linear", start = 1e-3, end = 0.0}']))
    assert parsed == {None: {"lr": {"schedule": "linear", "start": 1e-3, "end": 0.0}}}


def test_an_override_of_a_composition_takes_the_names_of_its_parts() -> None:
    texts = ["nsgan+r1.gamma=0.3", "nsgan+r1(gamma=0.5).lr=1e-4", "r3gan.gamma=1", "nsgan+pac(3)+sn.degree=2"]
    assert by_owner(parse_changes(texts)) == {
        "r1gan": {"r1_gamma": 0.3},
        "nsgan+r1(gamma=0.5)": {"lr": 1e-4},
        "r3gan": {"r1_gamma": 1, "r2_gamma": 1},
        "nsgan+sn+pac(3)": {"pac": 2},
    }


def test_an_override_of_a_game_with_another_objective() -> None:
    texts = ["cyclegan(objective=hinge).lr=1e-3", "cyclegan(objective=wgan)+gp.weight=3", "nsgan(lsgan).lr=1"]
    assert by_owner(parse_changes(texts)) == {
        "cyclegan(objective=hinge)": {"lr": 1e-3},
        "cyclegan(objective=wgan)+gp": {"penalty_weight": 3},
        "lsgan": {"lr": 1},
    }
    with pytest.raises(UsageError, match=r"cyclegan\(objective=hing\): unknown variant 'hing'; did you mean"):
        by_owner(parse_changes(["cyclegan(objective=hing).lr=1e-3"]))


def test_tables_of_a_suite_are_named_after_games_with_another_objective(suite_file: Path) -> None:
    table = '\n[hyperparameters."cyclegan(objective = {})"]\nlr = 1e-3\n'
    text = suite_file.read_text()
    suite_file.write_text(text + table.format("hinge"))
    (own,) = (a for a in of_suite(load_suite(str(suite_file))) if a.owner)
    assert (own.owner, own.name, own.value) == ("cyclegan(objective=hinge)", "lr", 1e-3)
    suite_file.write_text(text + table.format("hing"))
    with pytest.raises(UsageError, match=r"line \d+.*unknown variant 'hing'; did you mean 'hinge'"):
        of_suite(load_suite(str(suite_file)))


@pytest.mark.parametrize(
    "texts",
    [
        ["lr=1e-4", "beta1=0", "lr=2e-4"],
        ["wgan-gp.lr=1", "wgangp.lr=2"],
        ["nsgan+r1.gamma=1", "r1gan.r1_gamma=2"],
    ],
)
def test_two_values_of_one_hyperparameter_are_refused(texts: list[str]) -> None:
    with pytest.raises(
        UsageError, match=f"--set {re.escape(texts[-1])}: .* has another value already, by --set"
    ):
        parse_changes(texts)


def test_an_override_may_be_repeated_and_that_of_a_variant_differ() -> None:
    parsed = by_owner(parse_changes(["lr=1e-4", "lr=0.0001", "lsgan.lr=3"]))
    assert parsed == {None: {"lr": 1e-4}, "lsgan": {"lr": 3}}
    (only,) = parse_changes(["lr=nan"])  # unlike itself, and refused where its range is known
    assert only.value != only.value


@pytest.mark.parametrize("text", ["lr", "=1", "lsgan.=3", "nsgan+r1(gamma=3)"])
def test_an_override_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(UsageError, match="expected NAME=VALUE"):
        by_owner(parse_changes([text]))


def test_an_override_of_an_unknown_variant() -> None:
    with pytest.raises(UsageError, match=r"--set lsgam\.lr=1: unknown variant 'lsgam'; did you mean 'lsgan'"):
        by_owner(parse_changes(["lsgam.lr=1"]))


def test_grid_is_the_product_of_the_known_axes() -> None:
    points = grid({"lr": [1, 2], "clip": [3, 4], "n_critic": [5]}, {"lr", "n_critic"})
    assert points == [{"lr": 1, "n_critic": 5}, {"lr": 2, "n_critic": 5}]
    assert grid({}, {"lr"}) == [{}]


def test_draws_follow_their_laws() -> None:
    search = SearchSpec(settings=400, space=SPACE)
    drawn = draws(search, "wgan", {"lr", "n_critic", "clip"})
    rates = np.log10([setting["lr"] for setting in drawn])
    assert rates.min() >= -4
    assert rates.max() <= -2
    assert abs(np.median(rates) + 3) < 0.15
    assert {setting["n_critic"] for setting in drawn} == {1, 5}
    assert abs(np.mean([setting["clip"] for setting in drawn]) - 0.5) < 0.05


def test_every_variant_has_as_many_draws_of_its_own_and_always_the_same() -> None:
    search = SearchSpec(settings=5, seed=3, space=SPACE)
    one, other = draws(search, "gan", {"lr", "n_critic"}), draws(search, "lsgan", {"lr"})
    assert len(one) == len(other) == 5
    assert [s["lr"] for s in one] != [s["lr"] for s in other]
    assert one == draws(search, "gan", {"lr", "n_critic"})
    assert all(s.keys() == {"lr"} for s in other)


def test_sobol_points_follow_the_same_laws_and_fill_the_space_evenly() -> None:
    search = SearchSpec(settings=64, method="sobol", space=SPACE)
    drawn = draws(search, "wgan", {"lr", "n_critic", "clip"})
    rates = np.log10([setting["lr"] for setting in drawn])
    clips = np.array([setting["clip"] for setting in drawn])
    # Every quarter of every axis has its share of the 64.
    assert np.histogram(rates, np.linspace(-4, -2, 5))[0].tolist() == [16] * 4
    assert np.histogram(clips, 4, range=(0, 1))[0].tolist() == [16] * 4
    assert sum(setting["n_critic"] == 1 for setting in drawn) == 32
    assert drawn == draws(search, "wgan", {"lr", "n_critic", "clip"})
    assert drawn[:10] == draws(search.model_copy(update={"settings": 10}), "wgan", {"lr", "n_critic", "clip"})
    assert drawn != draws(search.model_copy(update={"seed": 1}), "wgan", {"lr", "n_critic", "clip"})
    numbers = {"n": {"law": "integer", "low": 2, "high": 5}}
    whole = draws(SearchSpec(settings=64, method="sobol", space=numbers), "gan", {"n"})
    assert sorted(setting["n"] for setting in whole) == [2] * 16 + [3] * 16 + [4] * 16 + [5] * 16


def test_draws_of_shipped_searches_are_those_of_the_recorded_ones() -> None:
    """The tuned profiles name the settings that were tried; other draws would be other searches."""
    search = SearchSpec(settings=3, space={k: v for k, v in SPACE.items() if k != "wgan"})
    assert draws(search, "gan", {"lr", "n_critic"}) == [
        {"lr": 0.00284, "n_critic": 1},
        {"lr": 0.00034, "n_critic": 5},
        {"lr": 0.00494, "n_critic": 1},
    ]
