"""The registry of architecture families, which build a network between two shapes."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from gan_bench.errors import UnknownEntry, UserError
from gan_bench.names import Registry, suggestion
from gan_bench.variants import order
from gan_bench.variants.base import Build, Role
from gan_bench.variants.hyperparameters import number
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.initialise import LAWS
from gan_bench.variants.networks.layers import ACTIVATIONS, NORMS, POOLINGS

Function = Callable[..., nn.Module]

OPTIONS: dict[str, tuple[str, ...]] = {
    "activation": ACTIVATIONS,
    "critic_activation": ACTIVATIONS,
    "norm": NORMS,
    "pooling": POOLINGS,
    "init": LAWS,
}
"""The choices of textual options, which mean the same in every family; others take any text."""
FRACTIONS = ("dropout",)
"""Options that are a share, in [0, 1)."""
OFFERED = ("critic_norm", "bounds")
"""Arguments that a family's function gets if it takes them."""
RESERVED = ("family", "role", "inputs", "outputs", *OFFERED)
FORM = "family(role, inputs, outputs, *, critic_norm, bounds, **options)"


class ArchitectureError(Misfit, UserError):
    """An unknown family or option, or shapes that a family cannot connect."""


class UnknownFamily(ArchitectureError, UnknownEntry):
    """No family has this name; the message gives the nearest that exists."""


@dataclass(frozen=True)
class Family:
    """One entry of the registry.

    Attributes:
        function: makes a network.
        defaults: every option and its default; ``init`` is among them, and for the engine to apply.
        version: raised whenever the networks may change.
        taken: those of `OFFERED` that the function takes.
    """

    function: Function
    defaults: Mapping[str, Any]
    version: int
    taken: tuple[str, ...]


FAMILIES: Registry[Family] = Registry(
    "architecture family", refused=ArchitectureError, unknown=UnknownFamily, order=order.FAMILIES
)


def register_family(
    name: str, *, version: int = 1, init: str = "default", **defaults: Any
) -> Callable[[Function], Function]:
    """Register a function as a family of networks.

    The function is called as ``family(role, inputs, outputs, *, critic_norm, bounds, **options)`` and returns
    a module, see :class:`gan_bench.variants.base.Build`. It may leave out ``critic_norm``; variants that ask
    for a normalisation by layers in the critic are then refused. It may leave out ``bounds``, if its outputs
    are in the range of the data in any case.

    Args:
        name: unique; a suite names it as ``family``.
        version: raised whenever the networks may change.
        init: default law of the initial weights; the engine applies it, the function does not get it.
        defaults: the options and their defaults. A default's type is the option's: a boolean, a whole number
            from 1, a number, a text, or a list of whole numbers from 1.

    Raises:
        ArchitectureError: for a name that is taken, or a function that does not take these options.
    """

    def add(function: Function) -> Function:
        own = {**defaults, "init": init}
        for key, default in own.items():
            if key in RESERVED:
                raise ArchitectureError(
                    f"architecture {name}: an option cannot be called {key!r}, which is taken"
                )
            if not isinstance(default, (bool, int, float, str, list)):
                raise ArchitectureError(
                    f"architecture {name}.{key} = {default!r}: a default is a boolean, a number, a text or a "
                    "list of whole numbers"
                )
            _check_value(name, key, default, default)
        FAMILIES.add(name, Family(function, own, version, _taken(name, function, defaults)), function)
        return function

    return add


def _taken(name: str, function: Function, defaults: Mapping[str, Any]) -> tuple[str, ...]:
    """Return those of `OFFERED` that the function takes; refuse one that does not take its options."""
    signature = inspect.signature(function)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    taken = tuple(key for key in OFFERED if open_ended or key in signature.parameters)
    try:
        signature.bind("critic", (1,), (), **dict.fromkeys(taken), **defaults)
    except TypeError as error:
        called = getattr(function, "__name__", "family")
        raise ArchitectureError(
            f"architecture {name}: {called}{signature} does not take its options: {error}; expected {FORM} "
            f"with these options: {', '.join(defaults) or 'none'} (critic_norm and bounds may be left out)"
        ) from error
    return taken


def families() -> list[str]:
    """Return the names of all families."""
    return list(FAMILIES)


def check(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Return the full description of an architecture: family, version and every option.

    Raises:
        ArchitectureError: for an unknown family, an unknown option or a value of the wrong type.
    """
    name = str(architecture.get("family"))
    family = FAMILIES.get(name)
    options = {key: value for key, value in architecture.items() if key not in ("family", "version")}
    for key, value in options.items():
        if key not in family.defaults:
            raise ArchitectureError(
                f"architecture {name} has no option {key!r}; {suggestion(key, family.defaults)}"
            )
        default = family.defaults[key]
        value = _numbers(value, default)
        _check_value(name, key, value, default)
        options[key] = type(default)(value)  # 0 and 0.0 are one architecture, with one training key
    return {"family": name, "version": family.version, **family.defaults, **options}


def _numbers(value: Any, default: Any) -> Any:
    """Return an option with its numbers read, where the option takes numbers."""
    if isinstance(default, list):
        return [number(item) for item in value] if isinstance(value, list | tuple) else value
    return value if isinstance(default, str) else number(value)


def _check_value(family: str, key: str, value: Any, default: Any) -> None:
    """Raise ArchitectureError unless a value is of the type of the default."""
    number = not isinstance(value, bool) and isinstance(value, (int, float))
    if isinstance(default, list):
        fine = isinstance(value, (list, tuple)) and all(type(v) is int and v > 0 for v in value)
        expected = "a list of positive integers expected"
    elif isinstance(default, bool):
        fine, expected = isinstance(value, bool), "true or false expected"
    elif isinstance(default, str) and key in OPTIONS:
        fine, expected = value in OPTIONS[key], f"unknown choice; {suggestion(value, OPTIONS[key])}"
    elif isinstance(default, str):
        fine, expected = isinstance(value, str), "a text expected"
    elif isinstance(default, float) and key in FRACTIONS:
        fine, expected = number and 0.0 <= value < 1.0, "a number in [0, 1) expected"
    elif isinstance(default, float):
        fine, expected = number and math.isfinite(value), "a number expected"
    else:
        fine, expected = type(value) is int and value > 0, "a positive integer expected"
    if not fine:
        raise ArchitectureError(f"architecture {family}.{key} = {value!r}: {expected}")


def builder(architecture: Mapping[str, Any]) -> Build:
    """Return the family's builder with its options bound; networks come without storage (meta device)."""
    options = check(architecture)
    name = options.pop("family")
    family = FAMILIES.get(name)
    del (
        options["version"],
        options["init"],
    )  # the law of the initial weights is the engine's to apply, per seed

    def build(
        role: Role,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...] = (),
        *,
        critic_norm: str = "none",
        bounds: tuple[float, float] | None = None,
    ) -> nn.Module:
        if critic_norm != "none" and "critic_norm" not in family.taken:
            raise ArchitectureError(
                f"architecture {name} takes no critic_norm, so no {critic_norm} normalisation; mlp does"
            )
        taken = {"critic_norm": critic_norm, "bounds": bounds}
        with torch.device("meta"):
            module = family.function(role, inputs, outputs, **{k: taken[k] for k in family.taken}, **options)
        if not isinstance(module, nn.Module):
            raise ArchitectureError(
                f"architecture {name} made a {type(module).__name__} for the role {role}, expected a module"
            )
        return module

    return build
