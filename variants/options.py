"""Hyperparameters of training tricks, common to all games with critics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError

SMOOTHING = {
    "label_smoothing": Hyperparameter(
        0.0, doc="one-sided: the target of real scores is 1 minus this", low=0.0, high=0.5
    )
}

TRICKS = {
    "n_critic": Hyperparameter(1, "structural", "critic updates per iteration", low=1),
    "n_generator": Hyperparameter(1, "structural", "generator updates per iteration", low=1),
    "updates": Hyperparameter(
        "alternating", "structural", "players in turns, each on new draws, or together on the same draws",
        choices=("alternating", "simultaneous"),
    ),
    "critic_norm": Hyperparameter(
        "none", "structural", "normalisation inside the critic",
        choices=("none", "batch", "instance", "layer", "spectral", "virtual"),
    ),
    "critic_batches": Hyperparameter(
        "separate", "structural", "whether BatchNorm critics see real and fake apart or in one batch",
        choices=("separate", "joint"),
    ),
    "pac": Hyperparameter(1, "structural", "samples that the critic judges together (PacGAN)", low=1),
    "instance_noise": Hyperparameter(
        "none", "structural", "law of the noise on the critic's inputs (antithetic: in opposite pairs)",
        choices=("none", "normal", "antithetic"),
    ),
    "instance_noise_std": Hyperparameter(0.1, doc="its standard deviation, in prepared data units", low=0.0),
}  # fmt: skip

PRIOR = {
    "latent_dim": Hyperparameter(64, "structural", "dimensions of the latent", low=1),
    "latent_law": Hyperparameter(
        "normal", "structural", "prior of the latent", choices=("normal", "uniform", "sphere")
    ),
    "latent_scale": Hyperparameter(
        1.0, "structural", "factor of every latent; 3**0.5 gives the uniform law variance 1",
        low=0.0, open_low=True, implied=True,
    ),
}  # fmt: skip
"""Hyperparameters of games with a latent."""


def refuse_groups(settings: Mapping[str, Any]) -> None:
    """Raise HyperparameterError for critics of groups of samples, where single samples have classes."""
    if settings["pac"] != 1:
        raise HyperparameterError(f"pac = {settings['pac']}: 1 expected, since single samples have classes")
