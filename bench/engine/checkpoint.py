"""Checkpoints: weights, averages and state of one replica as a flat mapping of tensors."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from gan_bench.bench.engine.skeletons import own_parameters

Tree = dict[str, dict[str, Tensor]]
"""Tensors by role and name."""


def flat(
    params: Mapping[str, Mapping[str, Tensor]],
    ema: Mapping[str, Mapping[str, Tensor]],
    game_state: Mapping[str, Tensor],
) -> dict[str, Tensor]:
    """Return weights, averaged weights and the game's state as contiguous CPU tensors, copied.

    Names are ``raw/ROLE/NAME``, ``ema/ROLE/NAME`` and ``state/game/NAME``.
    """
    tensors = {
        f"{kind}/{role}/{name}": tensor
        for kind, tree in (("raw", params), ("ema", ema), ("state", {"game": game_state}))
        for role, named in tree.items()
        for name, tensor in named.items()
    }
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}


def trees(state: Mapping[str, Tensor]) -> tuple[Tree, Tree, dict[str, Tensor]]:
    """Return weights and averages by role, and the game's state, from :func:`flat`."""
    kinds: dict[str, Tree] = {"raw": {}, "ema": {}, "state": {}}
    for key, tensor in state.items():
        kind, role, name = key.split("/", 2)
        kinds[kind].setdefault(role, {})[name] = tensor
    return kinds["raw"], kinds["ema"], kinds["state"].get("game", {})


def check_fit(skeletons: Mapping[str, nn.Module], params: Tree) -> None:
    """Check the names and shapes of a checkpoint's weights against the networks.

    Raises:
        ValueError: for a role whose weights have other names or shapes.
    """
    for role, skeleton in skeletons.items():
        expected = {name: tuple(parameter.shape) for name, parameter in own_parameters(skeleton).items()}
        found = {name: tuple(tensor.shape) for name, tensor in params.get(role, {}).items()}
        if expected != found:
            raise ValueError(f"checkpoint does not fit the {role}: expected {expected}, found {found}")
