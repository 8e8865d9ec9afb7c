"""The register of backbone families, which turn two shapes into a network."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from variants.base import Build, Role
from variants.hyperparameters import number
from variants.networks.initialise import LAWS
from variants.networks.layers import ACTIVATIONS, NORMS, POOLINGS

Family = Callable[..., nn.Module]

_families: dict[str, tuple[Family, dict[str, Any], int]] = {}


OPTIONS: dict[str, tuple[str, ...]] = {
    "activation": ACTIVATIONS,
    "critic_activation": ACTIVATIONS,
    "norm": NORMS,
    "pooling": POOLINGS,
    "init": LAWS,
}
"""The choices of textual options, which mean the same in every family."""


class ArchitectureError(ValueError):
    """An unknown family or option, or shapes that a family cannot join."""


def register_family(name: str, *, version: int = 1, **defaults: Any) -> Callable[[Family], Family]:
    """Register ``family(role, inputs, outputs, *, critic_norm, bounds, **options)`` and its defaults."""

    def add(family: Family) -> Family:
        if name in _families:
            raise ValueError(f"architecture family {name!r} is registered already")
        _families[name] = (family, defaults, version)
        return family

    return add


def families() -> list[str]:
    """Names of all families."""
    return list(_families)


def check(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Return the full description of an architecture: family, version and every option.

    Raises:
        ArchitectureError: for an unknown family, an unknown option or a value of the wrong type.
    """
    name = architecture.get("family")
    if name not in _families:
        near = difflib.get_close_matches(str(name), _families, n=1, cutoff=0.0)[0]
        raise ArchitectureError(
            f"unknown architecture family {name!r}; one of {', '.join(_families)} (nearest: {near})"
        )
    _, defaults, version = _families[name]
    options = {key: value for key, value in architecture.items() if key not in ("family", "version")}
    for key, value in options.items():
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, n=1, cutoff=0.0)[0]
            raise ArchitectureError(f"architecture {name} has no option {key!r}; did you mean {near}?")
        value = _numbers(value, defaults[key])
        _check_value(name, key, value, defaults[key])
        options[key] = type(defaults[key])(value)  # 0 and 0.0 are one architecture, with one training key
    return {"family": name, "version": version, **defaults, **options}


def _numbers(value: Any, default: Any) -> Any:
    """Return an option with its numbers read, where the option takes numbers."""
    if isinstance(default, list):
        return [number(item) for item in value] if isinstance(value, list | tuple) else value
    return value if isinstance(default, str) else number(value)


def _check_value(family: str, key: str, value: Any, default: Any) -> None:
    if isinstance(default, list):
        if not isinstance(value, (list, tuple)) or not all(type(v) is int and v > 0 for v in value):
            raise ArchitectureError(
                f"architecture {family}.{key} = {value!r}: a list of positive integers expected"
            )
    elif isinstance(default, str):
        choices = OPTIONS[key]
        if value not in choices:
            near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.0)[0]
            raise ArchitectureError(
                f"architecture {family}.{key} = {value!r}: one of {', '.join(choices)} (nearest: {near})"
            )
    elif isinstance(default, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < 1.0:
            raise ArchitectureError(f"architecture {family}.{key} = {value!r}: a number in [0, 1) expected")
    elif type(value) is not int or value < 1:
        raise ArchitectureError(f"architecture {family}.{key} = {value!r}: a positive integer expected")


def builder(architecture: Mapping[str, Any]) -> Build:
    """Return the family's builder with its options bound; networks come without storage (meta device)."""
    options = check(architecture)
    family = _families[options.pop("family")][0]
    options.pop("version")
    options.pop("init", None)  # the law of the initial weights is the engine's to apply, per seed

    def build(
        role: Role,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...] = (),
        *,
        critic_norm: str = "none",
        bounds: tuple[float, float] | None = None,
    ) -> nn.Module:
        with torch.device("meta"):
            return family(role, inputs, outputs, critic_norm=critic_norm, bounds=bounds, **options)

    return build
