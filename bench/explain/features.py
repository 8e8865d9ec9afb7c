"""A critic's features: the input of its last linear layer."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from gan_bench.bench.common.errors import UsageError

UNITS = 2
SUPPORTED_NORMS = ("none", "layer", "batch")
"""Normalisations that are layers of the critic; the game applies the others outside the network."""


class FeatureLayer:
    """Read the features that a critic computes.

    Args:
        critic: the network, with any weights; the features are the input of its last linear layer.
        shape: of one sample.
        norm: the critic's normalisation, by name.
        owner: the variant, for messages.

    Raises:
        UsageError: for a critic that has not two features, that does not score single samples, or whose
            normalisation is not one of `SUPPORTED_NORMS`.
    """

    def __init__(self, critic: nn.Module, shape: tuple[int, ...], norm: str, owner: str) -> None:
        # In training mode BatchNorm uses the statistics of the batch, as it does for the critic's updates.
        self.module = copy.deepcopy(critic).train()
        linear = [layer for layer in self.module.modules() if isinstance(layer, nn.Linear)]
        if norm not in SUPPORTED_NORMS:
            known = ", ".join(SUPPORTED_NORMS)
            raise UsageError(f"{owner}: critic_norm = {norm} is not supported; expected one of {known}")
        if linear[0].in_features != math.prod(shape):
            raise UsageError(f"{owner}: its critic does not score single samples; expected one that does")
        if (units := linear[-1].in_features) != UNITS:
            raise UsageError(
                f"{owner}: its critic has {units} features, expected {UNITS} (the critic must not be an "
                "autoencoder)"
            )
        self._features = torch.empty(0, UNITS)
        linear[-1].register_forward_pre_hook(self._store)

    def _store(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._features = inputs[0]

    @torch.no_grad()
    def __call__(self, parameters: Mapping[str, Tensor], samples: Tensor) -> Tensor:
        """Return the features ``[n, 2]`` of prepared samples ``[n, *shape]`` for these weights."""
        functional_call(self.module, dict(parameters), (samples,))
        return self._features
