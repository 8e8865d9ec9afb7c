"""Rehearsals of variants with networks and settings while planning, and those that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue


class Rehearsals:
    """Results of `bench.engine.rehearsal.rehearse` on one dataset.

    Args:
        data: the dataset.
        where: the plan, for messages.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.data, self.where = data, where
        self._fitting: set[str] = set()
        self._omitted: dict[tuple[str, str, str], None] = {}

    def fits(
        self, variant: str, label: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any]
    ) -> bool:
        """Return True if a variant can be trained with these networks, named `label`, and settings."""
        if reason := catalogue.rehearsal(variant, network, hyperparameters, self.data).reason:
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
