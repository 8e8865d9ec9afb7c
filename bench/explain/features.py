"""A critic's features: what enters its last linear layer."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from gan_bench.bench.common.errors import UsageError

UNITS = 2
FOLLOWED = ("none", "layer", "batch")
"""Normalisations that are the network's own; others are put around it by the game."""


class FeatureLayer:
    """Reads the features that a critic computes, whatever its game does with the score.

    Args:
        critic: the network, with any weights; the features are the input of its last linear layer.
        shape: of one sample.
        norm: the critic's normalisation, by name.
        owner: the variant, for messages.

    Raises:
        UsageError: for a critic of other than two features, or one that does not judge single samples as
            they are.
    """

    def __init__(self, critic: nn.Module, shape: tuple[int, ...], norm: str, owner: str) -> None:
        self.module = copy.deepcopy(critic).train()  # BatchNorm as in training: by the batch's statistics
        linear = [layer for layer in self.module.modules() if isinstance(layer, nn.Linear)]
        if norm not in FOLLOWED:
            raise UsageError(f"{owner}: critic_norm = {norm} cannot be watched; one of {', '.join(FOLLOWED)}")
        if linear[0].in_features != math.prod(shape):
            raise UsageError(f"{owner}: its critic judges something else than single samples")
        if (units := linear[-1].in_features) != UNITS:
            raise UsageError(
                f"{owner}: its critic has {units} features where {UNITS} can be drawn (an autoencoder has "
                "no layer of features before its last one)"
            )
        self._seen = torch.empty(0, UNITS)
        linear[-1].register_forward_pre_hook(self._keep)

    def _keep(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._seen = inputs[0]

    @torch.no_grad()
    def __call__(self, parameters: Mapping[str, Tensor], samples: Tensor) -> Tensor:
        """Features ``[n, 2]`` of prepared samples ``[n, *shape]`` under these weights."""
        functional_call(self.module, dict(parameters), (samples,))
        return self._seen
