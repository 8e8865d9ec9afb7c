from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.tuning import tune

Scores = list[tuple[float, float] | None]
"""(modes, high quality) per seed; None for one that diverged."""

RINGS: dict[tuple[str, float], Scores] = {
    ("nsgan", 0.001): [(8, 0.5), (8, 0.5), (1, 0.1)],  # median 8, 0.5
    ("nsgan", 0.002): [(8, 0.9), (8, 0.7), (1, 0.0)],  # the same modes, higher quality
    ("nsgan", 0.003): [(8, 1.0), None, None],  # the best seed, but most are lost
    ("lsgan", 0.001): [None, None, None],
    ("lsgan", 0.004): [(2, 0.1), (2, 0.1), (2, 0.1)],
}


def fill(
    store: Store,
    trial: Trial,
    scores: dict[tuple[str, float], Scores],
    settings: Mapping[str, Any] = MappingProxyType({}),
    **fields: Any,
) -> None:
    for (variant, lr), seeds in scores.items():
        for seed, score in enumerate(seeds):
            hyperparameters = catalogue.resolve(variant, {"lr": lr, "batch_size": 256, **settings})
            hyperparameters = catalogue.stated(variant, hyperparameters)
            one = replace(
                trial,
                suite="search-planar",
                variant=variant,
                seed=seed,
                profile=f"search {lr}",
                hyperparameters=hyperparameters,
                **fields,
            )
            rows = [
                {"metric": name, "value": value if split == "validation" else -value, "split": split}
                | {"reason": None, "direction": "max", "version": 1, "when": "final", "weights": "raw"}
                | {"kimg": 1.0, "iteration": 1, "seconds": 1.0, "generator_updates": 1, "critic_updates": 1}
                for name, value in zip(("modes", "high_quality"), score or (), strict=bool(score))
                for split in ("test", "validation")
            ]
            outcome = {"seconds": 1.0, "iterations": 1, "images": 1}
            record = Record(one, "finished" if score else "diverged", outcome=outcome)
            protocol: dict[str, Any] = {"metrics": {}}
            key = keys.evaluation_key(one.key, protocol)
            store.add(record, Evaluation(key, protocol, "modes,high_quality", rows, 1.0, "2026"))


@pytest.fixture
def store(tmp_path: Path, trial: Trial) -> Store:
    store = Store(tmp_path / "results")
    fill(store, trial, RINGS)
    return store


def test_the_best_median_is_chosen_and_everything_tried_is_kept(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "tuned.toml"
    text = tune(store, out, "python -m bench tune results -o tuned.toml")
    assert "planar nsgan" in text
    content = tomllib.loads(out.read_text())
    tuned = content["tuned"]["planar"]
    assert tuned["nsgan"]["lr"] == 0.002
    assert tuned["lsgan"]["lr"] == 0.004
    assert tuned["nsgan"]["batch_size"] == 256  # differs from the default
    assert "beta1" not in tuned["nsgan"]
    tried = {row["hyperparameters"]["lr"]: row for row in content["search"]["planar"]["nsgan"]}
    assert tried.keys() == {0.001, 0.002, 0.003}
    assert tried[0.002]["scores"] == {"ring/mlp/modes": 8, "ring/mlp/high_quality": 0.7}
    assert tried[0.003]["scores"]["ring/mlp/modes"] == "worst"
    assert [tried[lr]["rank"] for lr in (0.002, 0.001, 0.003)] == [1, 2, 3]
    assert [tried[lr]["finished"] for lr in (0.002, 0.003)] == [3, 1]
    assert [row.get("chosen", False) for row in tried.values()].count(True) == 1
    assert tried[0.002]["chosen"]
    [facts] = content["provenance"]["planar"]
    assert facts["settings"] == {"nsgan": 3, "lsgan": 2}
    assert facts["command"].startswith("python -m bench tune")
    assert facts["datasets"] == ["ring"]


def test_ranks_are_averaged_over_datasets(store: Store, trial: Trial, tmp_path: Path) -> None:
    grid = {("nsgan", 0.001): [(25, 1.0)], ("nsgan", 0.002): [(5, 1.0)], ("nsgan", 0.003): [(20, 1.0)]}
    fill(store, trial, grid, data_name="grid", content_hash="grid")  # type: ignore[arg-type]
    tune(store, tmp_path / "tuned.toml", "again")
    content = tomllib.loads((tmp_path / "tuned.toml").read_text())
    ranks = {r["hyperparameters"]["lr"]: r["rank"] for r in content["search"]["planar"]["nsgan"]}
    assert ranks == {0.001: 1.5, 0.002: 2.0, 0.003: 2.5}
    assert content["tuned"]["planar"]["nsgan"]["lr"] == 0.001


def test_other_kinds_in_the_file_stay(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "tuned.toml"
    out.write_text('[tuned.images.wgan-gp]\nlr = 0.5\nschedule = { start = 1.0, name = "é\\"" }\n')
    before = tomllib.loads(out.read_text())["tuned"]["images"]
    tune(store, out, "one")
    first = out.read_text()
    tune(store, out, "one")
    content = tomllib.loads(out.read_text())
    assert content["tuned"]["images"] == before
    assert content["tuned"] == tomllib.loads(first)["tuned"]


def test_other_variants_in_the_file_stay_with_the_facts_of_their_search(
    store: Store, trial: Trial, tmp_path: Path
) -> None:
    out = tmp_path / "tuned.toml"
    tune(store, out, "first")
    before = tomllib.loads(out.read_text())
    later = Store(tmp_path / "later")
    fill(later, trial, {("lsgan", 0.003): [(8, 1.0)], ("hinge", 0.005): [(7, 1.0)]})
    tune(later, out, "second")
    content = tomllib.loads(out.read_text())
    assert content["tuned"]["planar"]["nsgan"] == before["tuned"]["planar"]["nsgan"]
    assert content["search"]["planar"]["nsgan"] == before["search"]["planar"]["nsgan"]
    assert {name: profile["lr"] for name, profile in content["tuned"]["planar"].items()} == {
        "nsgan": 0.002,
        "lsgan": 0.003,
        "hinge": 0.005,
    }
    first, second = content["provenance"]["planar"]
    assert (first["command"], first["settings"]) == ("first", {"nsgan": 3})
    assert (second["command"], second["settings"]) == ("second", {"hinge": 1, "lsgan": 1})
    tune(store, out, "third")  # whoever is searched again is named once
    assert [facts["settings"] for facts in tomllib.loads(out.read_text())["provenance"]["planar"]] == [
        {"hinge": 1},
        {"nsgan": 3, "lsgan": 2},
    ]


def test_a_profile_from_the_file_resolves_to_what_was_tried(store: Store, tmp_path: Path) -> None:
    tune(store, tmp_path / "tuned.toml", "one")
    chosen = tomllib.loads((tmp_path / "tuned.toml").read_text())["tuned"]["planar"]["nsgan"]
    assert catalogue.resolve("nsgan", chosen) == catalogue.resolve("nsgan", {"lr": 0.002, "batch_size": 256})


def test_stand_ins_and_empty_stores_are_refused(tmp_path: Path, trial: Trial) -> None:
    store = Store(tmp_path / "results")
    with pytest.raises(UsageError, match="holds no results"):
        tune(store, tmp_path / "tuned.toml", "one")
    fill(store, trial, RINGS, stand_in_for="mnist")
    with pytest.raises(UsageError, match="results of a stand-in"):
        tune(store, tmp_path / "tuned.toml", "one")
    assert not (tmp_path / "tuned.toml").exists()


def test_other_budgets_and_lengths_are_not_mixed(store: Store, trial: Trial, tmp_path: Path) -> None:
    out, alone = tmp_path / "tuned.toml", tmp_path / "alone.toml"
    tune(store, alone, "one")
    smoke = {("nsgan", 0.005): [(8, 1.0)] * 3, ("nsgan", 0.001): [(8, 1.0)] * 3}
    fill(store, trial, smoke, budget="smoke", kimg=trial.kimg / 2)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"budgets quick, smoke, .*choose one with --budget"):
        tune(store, out, "one")
    with pytest.raises(UsageError, match=r"no results of budget full; it has those of quick, smoke"):
        tune(store, out, "one", "full")
    assert not out.exists()
    tune(store, out, "one", "quick")
    found, expected = (tomllib.loads(path.read_text()) for path in (out, alone))
    assert found["tuned"] == expected["tuned"]
    assert found["search"] == expected["search"]
    assert [facts["kimg"] for facts in found["provenance"]["planar"]] == [[trial.kimg]]
    fill(store, trial, smoke, kimg=2 * trial.kimg)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"trainings on ring with mlp of .* and .* kimg"):
        tune(store, out, "one", "quick")


@pytest.mark.parametrize("best", [1.0, 4.0])
@pytest.mark.parametrize("order", [(1.0, 4.0), (4.0, 1.0)])
def test_a_hyperparameter_that_trials_leave_out_at_its_default_can_be_searched(
    order: tuple[float, float], best: float, trial: Trial, tmp_path: Path
) -> None:
    store, out = Store(tmp_path / "scales"), tmp_path / "tuned.toml"
    for scale in order:
        scores: Scores = [(8, 1.0) if scale == best else (2, 1.0)]
        fill(store, trial, {("bigan", 0.001): scores}, {"latent_scale": scale})
    tune(store, out, "one")
    content = tomllib.loads(out.read_text())
    tried = {row["hyperparameters"]["latent_scale"] for row in content["search"]["planar"]["bigan"]}
    assert tried == {1.0, 4.0}
    chosen = catalogue.resolve("bigan", content["tuned"]["planar"]["bigan"])
    assert chosen["latent_scale"] == best
