"""Networks of a game, layer by layer: purposes, shapes and numbers of weights, without storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from gan_bench.bench.engine.skeletons import networks_of, own_parameters, tied_parameters
from gan_bench.spaces import Space
from gan_bench.variants.base import Game
from gan_bench.variants.declarations import Build
from gan_bench.variants.network import Network
from gan_bench.variants.networks.norms import is_virtual

META = torch.device("meta")
ROWS = 2
"""Samples of the batch that shapes are read from; BatchNorm needs two."""


class Request(NamedTuple):
    """One request of a game to its architecture.

    Attributes:
        purpose: generator, critic ...
        inputs: spaces of the inputs.
        details: the other arguments.
    """

    purpose: str
    inputs: tuple[Space, ...]
    details: Mapping[str, Any]


class Asked:
    """An architecture that remembers what it is asked for.

    Args:
        build: the architecture.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self.requests: dict[nn.Module, Request] = {}

    def __getattr__(self, purpose: str) -> Callable[..., nn.Module]:
        """Return the method of the architecture, which then notes its arguments."""
        method = getattr(self.build, purpose)

        def ask(*inputs: Space, **details: Any) -> nn.Module:
            module = method(*inputs, **details)
            self.requests[module] = Request(purpose, inputs, details)
            return module

        return ask


def networks(game: Game, build: Build) -> list[dict[str, Any]]:
    """Return the networks of a game, in the order of its roles, as JSON values.

    Each has its role, purpose, inputs, output, number of weights (without those that are another role's) and
    layers: name, kind, shape of the output for one sample, weights, and the other role that shares them.

    Raises:
        Misfit: where the architecture has no such network.
    """
    asked = Asked(build)
    trained, frozen = networks_of(game, asked, META, torch.float32)
    found = []
    for role, module in {**trained, **frozen}.items():
        request = asked.requests.get(module)
        shapes, output = _shapes(module, request.inputs) if request else ({}, None)
        found.append(
            {
                "role": role,
                "purpose": request.purpose if request else "",
                "inputs": [str(space) for space in request.inputs] if request else [],
                "output": output,
                "weights": sum(parameter.numel() for parameter in own_parameters(module).values()),
                "trained": role in trained,
                "layers": _layers(module, shapes),
            }
        )
    return found


def _layers(module: nn.Module, shapes: Mapping[nn.Module, Any]) -> list[dict[str, Any]]:
    """Return the innermost modules in the order in which they are called."""
    inner = {layer: name for name, layer in module.named_modules() if _innermost(layer)}
    called = [layer for layer in shapes if layer in inner]
    roles = {name.rpartition(".")[0]: role for name, (role, _) in tied_parameters(module).items()}
    return [
        {
            "name": inner[layer],
            "kind": _kind(layer),
            "output": shapes.get(layer),
            "weights": sum(parameter.numel() for parameter in layer.parameters(recurse=False)),
            "shared_with": roles.get(inner[layer], ""),
        }
        for layer in dict.fromkeys([*called, *inner])
    ]


def _innermost(layer: nn.Module) -> bool:
    return not any(layer.children()) or any(True for _ in layer.parameters(recurse=False))


def _kind(layer: nn.Module) -> str:
    """Return the class of a layer, with kernel and stride of a convolution or pooling."""
    kind = type(layer).__name__
    kernel, stride = (getattr(layer, name, None) for name in ("kernel_size", "stride"))
    if kernel is None:
        return kind
    return f"{kind} {_sides(kernel)}" + (f", stride {_sides(stride)}" if _sides(stride) != "1x1" else "")


def _sides(value: Any) -> str:
    return "x".join(map(str, value if isinstance(value, tuple) else (value, value)))


def _shapes(module: nn.Module, inputs: tuple[Space, ...]) -> tuple[dict[nn.Module, Any], Any]:
    """Return the shapes of outputs for one sample: of every layer, in the order of calls, and of all."""
    shapes: dict[nn.Module, Any] = {}

    def note(layer: nn.Module, _: Any, output: Any) -> None:
        shapes.setdefault(layer, _of_one(output))

    hooks = [layer.register_forward_hook(note) for layer in module.modules() if _innermost(layer)]
    batch = tuple(
        torch.empty(ROWS, *s.shape, dtype=torch.int64 if s.is_label else torch.float32, device=META)
        for s in inputs
    )
    try:
        output = Network(module, reference=batch if is_virtual(module) else ())(*batch)
    finally:
        for hook in hooks:
            hook.remove()
    return shapes, _of_one(output)


def _of_one(output: Any) -> list[list[int]]:
    return [list(part.shape[1:]) for part in tree_leaves(output) if isinstance(part, Tensor)]
