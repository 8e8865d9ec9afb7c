"""Small jobs for tests: a few iterations of any variant, with what is needed to compare two runs."""

from __future__ import annotations

import functools

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine import Budget, Job
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets import load
from gan_bench.datasets.photographs import photographs
from gan_bench.datasets.super_resolution import low_high
from gan_bench.variants.hyperparameters import resolve

MLP = {"family": "mlp", "hidden": [16, 16]}
CONV = {"family": "conv", "width": 4}
SETTINGS = {"batch_size": 16, "latent_dim": 4, "lr": 1e-3}

PICTURES = "small-pictures"
GROUNDS = (
    *("ring", "turned", "digits", "digit-outlines", "inverted-digits", "three-tints"),
    PICTURES,
)
"""Data on which perceptrons can play any variant."""


@functools.cache
def dataset(name):
    """A dataset by name; pictures of 16 pixels with half their resolution, which no suite needs."""
    if name != PICTURES:
        return load(name)
    china, _ = photographs()
    parts = {"train": china[:, :48, :48], "validation": china[:, 48:80, :32], "test": china[:, 80:128, :48]}
    return low_high(name, *({split: part} for split, part in parts.items()), 2, side=8)


both_ways = pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])


def make_job(
    variant, seeds=(0,), *, iterations=10, architecture=MLP, settings=(), solo=None, dtype="float32"
):
    """A job of a few iterations; ``settings`` is one mapping for all replicas or one per replica."""
    game = variants.get(variant)
    common = {k: v for k, v in SETTINGS.items() if k in game.hyperparameters}
    per_replica = (
        settings if isinstance(settings, (list, tuple)) and settings else [settings or {}] * len(seeds)
    )
    resolved = tuple(resolve(game.hyperparameters, common, own) for own in per_replica)
    images = resolved[0]["batch_size"] * resolved[0].get("n_critic", 1)
    kimg = iterations * images / 1000
    return Job(variant, architecture, resolved, tuple(seeds), Budget(kimg, (kimg,)), dtype=dtype, solo=solo)


def ground(variant, candidates=GROUNDS):
    """The first of some datasets that a variant can be played on; skips the test where there is none."""
    reasons = {name: variants.get(variant).refuses(data_spec(dataset(name))) for name in candidates}
    fitting = [name for name, reason in reasons.items() if not reason]
    return fitting[0] if fitting else pytest.skip(f"{variant} has no data here: {reasons}")


def trained(job, data=None):
    """The trainer after its run, on the dataset given or the first that fits the variant."""
    data = data or ground(job.variant)
    trainer = Trainer(job, dataset(data) if isinstance(data, str) else data)
    trainer.run()
    return trainer


def weights(trainer, replica=0):
    """All weights of one replica by role and name."""
    params = trainer.replicas.of(replica)
    return {f"{role}.{name}": p.detach().clone() for role, ps in params.items() for name, p in ps.items()}


def outputs(trainer, replica=0, count=64):
    """What one replica generates on the shared evaluation noise, or what it says of data."""
    return made(trainer.models(1.0)[replica], count)


def made(model, count=64, weights="raw"):
    """What a model generates, or makes of data by its first ability."""
    of_data = (name for name, ability in model.abilities.items() if ability.inputs)
    name = "sample" if "sample" in model.abilities else min(of_data)
    return model.apply(name, count, weights=weights)


def same(first, second):
    """Whether two sets of weights are bitwise the same."""
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def largest_difference(first, second):
    """The largest absolute difference between two sets of weights."""
    assert first.keys() == second.keys()
    return max((first[k] - second[k]).abs().max().item() for k in first)
