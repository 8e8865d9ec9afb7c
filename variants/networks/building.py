"""Networks by purpose: an architecture's description turned into the object that games ask."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.declarations import Build
from gan_bench.variants.hyperparameters import completed
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.family import Purpose
from gan_bench.variants.networks.registry import FAMILIES, ArchitectureError, check, families_with


def builder(architecture: Mapping[str, Any]) -> Build:
    """Return the object that builds an architecture's networks.

    Raises:
        ArchitectureError: see :func:`~gan_bench.variants.networks.registry.check`.
    """
    return Builder(check(architecture))


class Builder:
    """The networks of one architecture; they come without storage (meta device).

    Initial weights are the engine's, per seed. A network that the architecture describes apart states the law
    of its own weights, as its attribute ``init_law`` (:mod:`~gan_bench.variants.networks.initialise`).

    Args:
        description: the full one, of :func:`~gan_bench.variants.networks.registry.check`.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.description = description

    def _build(self, purpose: Purpose, *inputs: Space, **details: Any) -> nn.Module:
        makes = details.get("makes")
        if makes is not None and makes.is_label:
            raise Misfit(f"no {purpose} makes {makes}: networks make numbers, a classifier makes logits")
        table = self.description.get(purpose, self.description)
        name, law = table["family"], table["init"]
        entry = FAMILIES.get(name)
        options = completed(entry.family.declared, table)
        family = entry.family(SimpleNamespace(**options))
        if purpose not in entry.purposes:
            others = families_with(purpose)
            having = f"; {', '.join(others)} {'has' if len(others) == 1 else 'have'} one" if others else ""
            raise Misfit(f"{family.lacks(purpose, inputs)}{having}")
        with torch.device("meta"):
            module = getattr(family, purpose)(*(inputs if purpose == "autoencoder" else (inputs,)), **details)
        if not isinstance(module, nn.Module):
            raise ArchitectureError(
                f"architecture {name} made a {type(module).__name__} as {purpose}, expected a module"
            )
        if purpose in self.description:
            module.init_law = law
        module.channels_last = family.channels_last  # type: ignore[assignment]
        return module

    def generator(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from a vector, and further inputs such as labels, to data."""
        return self._build("generator", *inputs, makes=makes)

    def decoder(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from a code, and further inputs such as a style, to data."""
        return self._build("decoder", *inputs, makes=makes)

    def translator(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from data, and further inputs such as a domain, to data."""
        return self._build("translator", *inputs, makes=makes)

    def encoder(self, *inputs: Space, makes: Space | None = None, gaussian: bool = False) -> nn.Module:
        """Return a network from data to a code, or to mean and log-variance of one (``gaussian``)."""
        return self._build("encoder", *inputs, makes=makes, gaussian=gaussian)

    def critic(self, *inputs: Space, norm: str = "none", classes: int = 0) -> nn.Module:
        """Return a network that scores its inputs; with ``classes`` it returns scores and logits."""
        return self._build("critic", *inputs, norm=norm, classes=classes)

    def autoencoder(self, data: Space, *, norm: str = "none") -> nn.Module:
        """Return a network from data to data, at most as large as the critic of such data."""
        return self._build("autoencoder", data, norm=norm)

    def classifier(self, *inputs: Space, classes: int) -> nn.Module:
        """Return a network from data to logits ``[batch, classes]``."""
        return self._build("classifier", *inputs, classes=classes)
