"""Spectral normalisation (Miyato et al. 2018, arXiv:1802.05957) as a function; its vectors are state.

PyTorch's parametrisation keeps them in buffers, which may not change inside ``vmap`` or ``vjp``.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gan_bench.variants.network import Parameters


def _transposed(module: nn.Module) -> set[str]:
    """Return the names of the weights whose output dimension is the second: transposed convolutions."""
    kinds = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    return {
        f"{name}.weight".lstrip(".") for name, layer in module.named_modules() if isinstance(layer, kinds)
    }


def _matrix(weight: Tensor, transposed: bool) -> Tensor:
    """Return a weight as ``[outputs, everything else]`` (section 2.1)."""
    return (weight.transpose(0, 1) if transposed else weight).flatten(1)


def vectors(module: nn.Module) -> dict[str, Tensor]:
    """Return the first u of every weight of two or more dimensions: parameter name -> unit ``[outputs]``."""
    turned = _transposed(module)
    sizes = {n: p.shape[n in turned] for n, p in module.named_parameters() if p.ndim >= 2}
    return {name: torch.full((size,), size**-0.5) for name, size in sizes.items()}


def power_step(
    module: nn.Module, params: Parameters, left: Mapping[str, Tensor]
) -> tuple[Parameters, dict[str, Tensor]]:
    """Do one power iteration, and divide the weights by the spectral norms it estimates (algorithm 1).

    Singular vectors are constants of the gradient, as in the paper's equation 11.

    Args:
        module: says which weights are transposed.
        params: parameters by name; those without a vector (biases) stay as they are.
        left: the vectors u by parameter name.

    Returns:
        The normalised parameters, and the new vectors u.
    """
    turned, normalised, renewed = _transposed(module), dict(params), {}
    for name, u in left.items():
        matrix = _matrix(params[name], name in turned)
        constant = matrix.detach()
        v = normalize(constant.T @ u, dim=0)
        renewed[name] = normalize(constant @ v, dim=0)
        normalised[name] = params[name] / (renewed[name] @ matrix @ v)
    return normalised, renewed
