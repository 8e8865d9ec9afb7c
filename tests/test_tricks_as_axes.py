"""Every trick of training can be swept by a suite: as a hyperparameter, an architecture or a composition."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from gan_bench import datasets
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite

load = functools.cache(datasets.load)

NOISE = '{ schedule = "linear", start = 0.5, end = 0.0 }'
AXES = {
    "label_smoothing": "[0.0, 0.1]",
    "n_critic": "[1, 5]",
    "n_generator": "[1, 2]",
    "updates": '["alternating", "simultaneous"]',
    "latent_law": '["normal", "uniform", "sphere"]',
    "latent_scale": "[0.5, 2.0]",
    "critic_norm": '["none", "batch", "layer", "spectral", "virtual"]',
    "critic_batches": '["separate", "joint"]',
    "instance_noise": '["none", "normal"]',
    "instance_noise_std": f"[0.1, {NOISE}]",
    "ema": "[0.0, 0.999]",
    "pac": "[1, 2, 4]",
    "critic_lr": "[1e-4, 4e-4]",
    "generator_lr": f"[1e-4, {NOISE}]",
    "optimiser": '["adam", "rmsprop", "sgd"]',
    "history_weight": "[0.1, 1.0]",
}
SUITE = """
title = "One trick"
datasets = ["{dataset}"]
variants = {variants}
profile = "default"
seeds = 1

[budgets.quick]
kimg = 0.64
points = 1

{tables}
"""


def planned(folder: Path, tables: str, variants="['nsgan+history']", dataset="ring"):
    """The trials of a suite file with these tables."""
    path = folder / "trick.toml"
    path.write_text(SUITE.format(tables=tables, variants=variants, dataset=dataset))
    return plan(load_suite(str(path)), load)


@pytest.mark.parametrize("trick", AXES)
def test_a_suite_sweeps_a_hyperparameter(tmp_path, trick):
    trials = planned(tmp_path, f'[architectures.mlp]\nfamily = "mlp"\n[axes]\n{trick} = {AXES[trick]}')
    values = [trial.hyperparameters[trick] for trial in trials]
    assert len(values) == len({str(value) for value in values}) == len({t.key for t in trials}) > 1
    schedules = [value for value in values if isinstance(value, dict)]
    assert len(schedules) == AXES[trick].count("schedule")


def test_a_suite_sweeps_activations_poolings_and_norms_as_architectures(tmp_path):
    options = ['pooling = "strided"', 'pooling = "average"', 'pooling = "max"', 'activation = "leaky_relu"',
               'critic_activation = "relu"', 'norm = "virtual"']  # fmt: skip
    tables = "\n".join(f'[architectures.a{i}]\nfamily = "conv"\n{o}' for i, o in enumerate(options))
    trials = planned(tmp_path, tables, dataset="digits")
    assert len({trial.key for trial in trials}) == len(options)
    for trial, option in zip(trials, options, strict=True):
        name, value = option.split(" = ")
        assert trial.network[name] == value.strip('"')


def test_a_suite_sweeps_parts_as_compositions(tmp_path):
    named = ["nsgan", "nsgan+smooth", "nsgan+noise", "nsgan+history", "nsgan+ema", "nsgan+vbn", "nsgan+sn"]
    trials = planned(tmp_path, '[architectures.mlp]\nfamily = "mlp"', variants=str(named))
    assert [trial.variant for trial in trials] == named
    assert len({trial.key for trial in trials}) == len(named)
