"""Numbers of weights by role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import nn

from gan_bench.bench.engine.skeletons import own_parameters
from gan_bench.variants.base import Player


def sizes(modules: Mapping[str, nn.Module]) -> dict[str, int]:
    """Return the number of weights by role; tied ones count for their own role."""
    return {role: sum(p.numel() for p in own_parameters(m).values()) for role, m in modules.items()}


def critic_roles(players: Iterable[Player]) -> list[str]:
    """Return the roles that players which are critics train, each once."""
    return list(dict.fromkeys(role for player in players if player.critic for role in player.trains))
