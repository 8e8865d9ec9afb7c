"""Statistics of BatchNorm for evaluation, estimated from one pass in training mode."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from torch import Tensor, nn

from gan_bench.variants.networks.norms import BatchNorm, recording


def batch_statistics(
    modules: Mapping[str, nn.Module], trained: Collection[str], play: Callable[[], None]
) -> dict[str, dict[str, Tensor]]:
    """Return the BatchNorm buffers of networks by role and name, as a pass in training mode leaves them.

    Args:
        modules: role -> network; empty dicts are returned where none has a BatchNorm, without a pass.
        trained: roles whose statistics are estimated; frozen networks keep theirs.
        play: uses the networks on one fixed batch.
    """
    layers = {
        role: [layer for layer, module in network.named_modules() if isinstance(module, BatchNorm)]
        for role, network in modules.items()
    }
    if not any(layers.values()):
        return {}
    with recording(modules[role] for role in trained):
        play()
    return {
        role: {
            f"{layer}.{buffer}": tensor.clone()
            for layer in names
            for buffer, tensor in modules[role].get_submodule(layer).named_buffers()
        }
        for role, names in layers.items()
    }
