"""Initial weights from an explicit generator, so that a replica's weights depend on its own seed alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from gan_bench.variants.networks.norms import BatchNorm, InstanceNorm, VirtualBatchNorm

LAWS = ("default", "xavier", "normal")


def initialise(module: nn.Module, generator: torch.Generator, law: str = "default") -> None:
    """Fill all parameters of ``module`` in place, in the order of its submodules.

    Args:
        module: made of linear, convolution, normalisation and embedding layers, or of modules that have
            a method ``reset(generator)`` of their own.
        generator: draws every number.
        law: ``default`` as PyTorch's layers, U(+-1/sqrt(fan_in)) for weights and biases; ``xavier``
            (Glorot & Bengio 2010, eq. 16) with zero biases; ``normal`` N(0, 0.02) with zero biases and
            norm weights N(1, 0.02) (Radford et al. 2016, DCGAN). Otherwise norms begin with weights 1; with
            every law norms have biases 0, embeddings are N(0, 1) and slopes of PReLU 0.25. A submodule's
            attribute ``init_law`` replaces the law for this submodule.

    Raises:
        TypeError: for a layer with parameters that none of this covers.
    """
    for layer, own_law in _with_laws(module, law, set()):
        own = dict(layer.named_parameters(recurse=False))
        if not own:
            continue
        with torch.no_grad():
            _fill(layer, own, generator, own_law)


def _with_laws(module: nn.Module, law: str, seen: set[nn.Module]) -> Iterator[tuple[nn.Module, str]]:
    """Yield every submodule once, in the order of `nn.Module.modules`, with the law of its weights."""
    if module in seen:
        return
    seen.add(module)
    law = getattr(module, "init_law", law)
    yield module, law
    for child in module.children():
        yield from _with_laws(child, law, seen)


def _fill(layer: nn.Module, own: Mapping[str, Tensor], generator: torch.Generator, law: str) -> None:
    if callable(reset := getattr(layer, "reset", None)):
        reset(generator)
    elif isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        _fill_weights(layer.weight, layer.bias, generator, law)
    elif isinstance(
        layer, (BatchNorm, VirtualBatchNorm, InstanceNorm, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)
    ):
        if law == "normal":
            own["weight"].normal_(1.0, 0.02, generator=generator)
        else:
            own["weight"].fill_(1.0)
        own["bias"].zero_()
    elif isinstance(layer, nn.Embedding):
        own["weight"].normal_(0.0, 1.0, generator=generator)
    elif isinstance(layer, nn.PReLU):
        own["weight"].fill_(0.25)
    else:
        raise TypeError(
            f"{type(layer).__name__} has parameters but no known initialisation: give it reset(generator)"
        )


def _fill_weights(weight: Tensor, bias: Tensor | None, generator: torch.Generator, law: str) -> None:
    if law == "normal":
        weight.normal_(0.0, 0.02, generator=generator)
    elif law == "xavier":
        nn.init.xavier_uniform_(weight, generator=generator)
    else:
        # As nn.Linear and nn.Conv2d do it: kaiming_uniform with a = sqrt(5) is U(+-1/sqrt(fan_in)).
        bound = 1.0 / math.sqrt(weight[0].numel())
        weight.uniform_(-bound, bound, generator=generator)
        if bias is not None:
            bias.uniform_(-bound, bound, generator=generator)
            return
    if bias is not None:
        bias.zero_()
