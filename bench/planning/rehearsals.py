"""Which networks and settings a variant can be trained with, tried once each while planning."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue


class Rehearsals:
    """What was tried on one dataset; `where` says whose plan it is, for messages.

    Continuous hyperparameters change no shape, so settings that differ in nothing else are tried once.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.data, self.where = data, where
        self._tried: dict[str, str] = {}
        self._fitting: set[str] = set()
        self._left_out: dict[tuple[str, str, str], None] = {}

    def fits(
        self, variant: str, label: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any]
    ) -> bool:
        """Whether a variant can be trained with these networks, called `label`, and settings."""
        free = catalogue.continuous(variant)
        structure = {name: value for name, value in hyperparameters.items() if name not in free}
        key = keys.digest([variant, dict(network), structure])
        if key not in self._tried:
            self._tried[key] = catalogue.misfit(variant, network, hyperparameters, self.data)
        if reason := self._tried[key]:
            self._left_out[variant, label, reason] = None
            return False
        self._fitting.add(variant)
        return True

    def report(self, named: Collection[str], notice: Callable[[str], None]) -> None:
        """Tell `notice` what is left out; raise UsageError where nothing is left of a `named` variant."""
        for variant, label, reason in self._left_out:
            if variant in named and variant not in self._fitting:
                raise UsageError(
                    f"{self.where}: {variant} cannot be trained on {self.data.name} with {label}: {reason}"
                )
            notice(f"{self.where}: {variant} with {label} is left out on {self.data.name}: {reason}")
