"""Networks that are watched while a game is rehearsed: the layer at work, and the shapes of their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.declarations import Build
from gan_bench.variants.misfits import Misfit

Check = Callable[[Any, int], str]
"""Outputs and rows of the input -> what was expected instead, or an empty text."""


class WatchedBuild:
    """A build whose networks carry the check of their outputs, as the attribute ``output_check``."""

    def __init__(self, build: Build) -> None:
        self._build = build

    def __getattr__(self, purpose: str) -> Callable[..., nn.Module]:
        def built(*inputs: Space, **details: Any) -> nn.Module:
            module = getattr(self._build, purpose)(*inputs, **details)
            module.output_check = _check(purpose, inputs, details)
            return module

        return built


class Layers:
    """The layers of networks that are at work; after an error, those in which it was raised."""

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._working: list[tuple[str, nn.Module]] = []
        for role, module in modules.items():
            for name, layer in module.named_modules():
                self._watch(f"{role}.{name}".rstrip("."), layer)

    def _watch(self, name: str, layer: nn.Module) -> None:
        def left(module: nn.Module, inputs: tuple, outputs: Any) -> None:
            if check := getattr(module, "output_check", None):
                _refuse(name, check, inputs, outputs)
            self._working.pop()

        layer.register_forward_pre_hook(lambda *_: self._working.append((name, layer)))
        layer.register_forward_hook(left)

    @property
    def innermost(self) -> tuple[str, nn.Module] | None:
        """Return name and module of the layer at work, None where there is none."""
        return self._working[-1] if self._working else None


def _refuse(name: str, check: Check, inputs: tuple, outputs: Any) -> None:
    if expected := check(outputs, len(inputs[0])):
        raise Misfit(f"{name} returns {shapes(outputs)}; expected {expected}")


def shapes(outputs: Any) -> str:
    """Return the words for outputs: shapes of tensors, and the type of anything else."""
    if isinstance(outputs, Tensor):
        return f"shape {list(outputs.shape)}"
    if isinstance(outputs, tuple | list):
        return " and ".join(map(shapes, outputs)) or "nothing"
    return f"a {type(outputs).__name__}"


def _check(purpose: str, inputs: tuple[Space, ...], details: Mapping[str, Any]) -> Check | None:
    """Return the check of a purpose's outputs, see :class:`variants.networks.family.Family`."""
    if purpose == "critic":
        return lambda outputs, rows: _of_critic(outputs, rows, details.get("classes", 0))
    if purpose == "classifier":
        return lambda outputs, rows: _of_shape(outputs, (rows, details["classes"]))
    makes = inputs[0] if purpose == "autoencoder" else details.get("makes")
    if makes is None:
        return None
    if details.get("gaussian"):
        return lambda outputs, rows: _of_pair(outputs, (rows, *makes.shape))
    return lambda outputs, rows: _of_shape(outputs, (rows, *makes.shape))


def _of_critic(outputs: Any, rows: int, classes: int) -> str:
    scores, logits = outputs if classes and _is_pair(outputs) else (outputs, None)
    fits = isinstance(scores, Tensor) and scores.ndim in (1, 3) and len(scores) == rows
    words = f"scores of shape [{rows}] or [{rows}, height, width]"
    if not classes:
        return "" if fits else words
    if fits and logits is not None and not _of_shape(logits, (rows, classes)):
        return ""
    return f"{words}, and logits of shape [{rows}, {classes}]"


def _of_shape(outputs: Any, shape: tuple[int, ...]) -> str:
    fits = isinstance(outputs, Tensor) and outputs.shape == torch.Size(shape)
    return "" if fits else f"shape {list(shape)}"


def _of_pair(outputs: Any, shape: tuple[int, ...]) -> str:
    if _is_pair(outputs) and not any(_of_shape(output, shape) for output in outputs):
        return ""
    return f"mean and logarithm of the variance, of shape {list(shape)} each"


def _is_pair(outputs: Any) -> bool:
    return isinstance(outputs, tuple | list) and len(outputs) == 2
