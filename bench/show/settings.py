"""Resolved hyperparameters, each with the place where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gan_bench.variants.hyperparameters import Hyperparameter, without
from gan_bench.variants.parts import Use


class Layer(NamedTuple):
    """Settings from one place.

    Attributes:
        origin: the place, in words.
        settings: values by hyperparameter.
    """

    origin: str
    settings: Mapping[str, Any]


def origins(
    declared: Mapping[str, Hyperparameter], uses: Sequence[Use], layers: Sequence[Layer]
) -> dict[str, str]:
    """Return where the value of every hyperparameter comes from.

    Args:
        declared: the variant's hyperparameters.
        uses: its parts, which set or declare defaults.
        layers: in rising precedence, as for :func:`~gan_bench.variants.hyperparameters.resolve`.

    Returns:
        Per hyperparameter the origin of the last layer that sets it; else ``as lr`` where it inherits the
        value of another, ``part r1(gamma=1)`` where a part sets or declares its default, or ``default``.
    """
    found: dict[str, str] = {}
    for layer in layers:
        found = {**without(declared, found, layer.settings), **dict.fromkeys(layer.settings, layer.origin)}
    parts = {name: f"part {use.text}" for use in uses for name in (*use.part.declared, *use.settings)}
    return {name: found.get(name) or _default(name, declared[name], parts) for name in declared}


def _default(name: str, declaration: Hyperparameter, parts: Mapping[str, str]) -> str:
    if declaration.default is None and declaration.inherits:
        return f"as {declaration.inherits}"
    return parts.get(name, "default")
