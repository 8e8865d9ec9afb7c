"""Trainings of a few iterations of any variant, and what is compared of two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_bench import variants
from gan_bench.bench.engine import Budget, Job
from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets import Dataset
from gan_bench.variants.hyperparameters import resolve

MLP: dict[str, Any] = {"family": "mlp", "hidden": [16, 16]}
SETTINGS = {"batch_size": 16, "latent_dim": 4, "lr": 1e-3}
"""Settings of small trainings, of the variants that have them."""
Weights = Mapping[str, Tensor]


def make_job(
    variant: str,
    seeds: Sequence[int] = (0,),
    *,
    iterations: int = 10,
    architecture: Mapping[str, Any] = MLP,
    settings: Any = (),
    solo: bool | None = None,
    dtype: Any = "float32",
) -> Job:
    """Return a job of a few iterations; ``settings`` is one mapping for all replicas or one per replica."""
    game = variants.get(variant)
    common = {k: v for k, v in SETTINGS.items() if k in game.hyperparameters}
    per_replica = (
        settings if isinstance(settings, (list, tuple)) and settings else [settings or {}] * len(seeds)
    )
    resolved = tuple(resolve(game.hyperparameters, common, own) for own in per_replica)
    images: Any = resolved[0]["batch_size"]
    images *= resolved[0].get("n_critic", 1)
    kimg = iterations * images / 1000
    return Job(variant, architecture, resolved, tuple(seeds), Budget(kimg, (kimg,)), dtype=dtype, solo=solo)


def trained_on(job: Job, data: Dataset) -> Trainer:
    """Return the trainer after its run."""
    trainer = Trainer(job, data)
    trainer.run()
    return trainer


def weights(trainer: Trainer, replica: int = 0) -> dict[str, Tensor]:
    """Return all weights of one replica by role and name."""
    params = trainer.replicas.of(replica)
    return {f"{role}.{name}": p.detach().clone() for role, ps in params.items() for name, p in ps.items()}


def outputs(trainer: Trainer, replica: int = 0, count: int = 64) -> Tensor:
    """Return what one replica generates on the shared evaluation noise, or what it says of data."""
    return made(trainer.models(1.0)[replica], count)


def made(model: Any, count: int = 64, weights: str = "raw") -> Tensor:
    """Return what a model generates, or makes of data by its first ability."""
    of_data = (name for name, ability in model.abilities.items() if ability.inputs)
    name = "sample" if "sample" in model.abilities else min(of_data)
    return model.apply(name, count, weights=weights)


def same(first: Weights, second: Weights) -> bool:
    """Return whether two sets of weights are bitwise the same."""
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def largest_difference(first: Weights, second: Weights) -> float:
    """Return the largest absolute difference between two sets of weights."""
    assert first.keys() == second.keys()
    return max((first[k] - second[k]).abs().max().item() for k in first)
