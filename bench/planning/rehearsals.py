"""Checks of networks and settings with each variant while planning, one per combination."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue


class Rehearsals:
    """Results of `bench.engine.rehearsal.misfit` on one dataset.

    Continuous hyperparameters do not change shapes, so settings that differ only in them are checked once.

    Args:
        data: the dataset.
        where: the plan, for messages.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.data, self.where = data, where
        self._reasons: dict[str, str] = {}
        self._fitting: set[str] = set()
        self._omitted: dict[tuple[str, str, str], None] = {}

    def fits(
        self, variant: str, label: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any]
    ) -> bool:
        """Return True if a variant can be trained with these networks, named `label`, and settings."""
        free = catalogue.continuous(variant)
        structure = {name: value for name, value in hyperparameters.items() if name not in free}
        key = keys.digest([variant, dict(network), structure])
        if key not in self._reasons:
            self._reasons[key] = catalogue.misfit(variant, network, hyperparameters, self.data)
        if reason := self._reasons[key]:
            self._omitted[variant, label, reason] = None
            return False
        self._fitting.add(variant)
        return True

    def report(self, named: Collection[str], notice: Callable[[str], None]) -> None:
        """Call `notice` for every omitted combination.

        Raises:
            UsageError: for a variant of `named` without any combination left.
        """
        for variant, label, reason in self._omitted:
            if variant in named and variant not in self._fitting:
                raise UsageError(
                    f"{self.where}: {variant} cannot be trained on {self.data.name} with {label}: {reason}"
                )
            notice(f"{self.where}: {variant} with {label} is left out on {self.data.name}: {reason}")
