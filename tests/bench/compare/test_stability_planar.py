"""The stability tier on real runs of `stability-planar` at `quick`: 64 settings each of nsgan and wgan-gp.

`stability-planar.parquet` has their final scores, made by `bench run --suite stability-planar`: nsgan with
seeds 1 and 2, wgan-gp with 1, 2, 5 and 6; and by code with a fault (`--plugin
tests/bench/compare/faults/FAULT.py`): beta2, nsgan, seed 3; no_penalty, wgan-gp, seeds 3, 4, 7 and 8.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.bench.compare import compare
from gan_bench.bench.compare.evidence import ALPHA
from gan_bench.bench.compare.findings import Finding
from gan_bench.bench.compare.layout import uniform
from gan_bench.bench.compare.survival import bound_rows

RUNS = pd.read_parquet(Path(__file__).with_name("stability-planar.parquet"))
UNCHANGED = RUNS[RUNS["fault"] == "none"]
SWEEPS = 8
"""Variants of the whole suite: each is held to an eighth of the tier's share of false alarms."""


def framed(rows: pd.DataFrame) -> pd.DataFrame:
    return uniform(pd.concat([rows, *bound_rows(rows)], ignore_index=True))


def survival(before: pd.DataFrame, after: pd.DataFrame) -> Finding:
    variant = after["variant"].iloc[0]
    found = compare(framed(before[before["variant"] == variant]), framed(after))
    (finding,) = (f for f in found.findings if f.tier == "stability")
    return finding


@pytest.mark.slow
def test_unchanged_code_with_other_seeds_raises_no_alarm() -> None:
    """Either seed of each setting is the baseline's at random, 20 times; and one seed of all, both ways."""
    runs = UNCHANGED[UNCHANGED["seed"] <= 2]
    settings = runs.groupby(["variant", "hyperparameters"]).ngroup()
    rng = np.random.default_rng(0)
    choices = [rng.integers(1, 3, settings.max() + 1)[settings] for _ in range(20)]
    for choice in (*choices, 1, 2):
        first = runs["seed"] == choice
        assert compare(framed(runs[first]), framed(runs[~first])).outcome() == "fine"


@pytest.mark.parametrize("pair", list(itertools.permutations([1, 2, 5, 6], 2)))
def test_no_seed_of_wgan_gp_is_worse_than_another(pair: tuple[int, int]) -> None:
    before, after = (UNCHANGED[UNCHANGED["seed"] == seed] for seed in pair)
    assert survival(before, after[after["variant"] == "wgan-gp"]).numbers["p_value"] > ALPHA["stability"]


@pytest.mark.parametrize("seed", [1, 2])
def test_another_beta2_raises_an_alarm(seed: int) -> None:
    found = survival(UNCHANGED[UNCHANGED["seed"] == seed], RUNS[RUNS["fault"] == "beta2"])
    assert found.verdict == "regression"
    assert found.numbers["p_value"] < ALPHA["stability"] / SWEEPS


def test_wgan_gp_without_its_penalty_raises_an_alarm_at_four_seeds() -> None:
    """A sixth of the settings survives with the penalty, a twelfth without: for one seed, maybe chance."""
    found = survival(UNCHANGED, RUNS[RUNS["fault"] == "no_penalty"])
    assert found.verdict == "regression"
    assert (found.numbers["before"], found.numbers["after"]) == (41 / 256, 22 / 256)
