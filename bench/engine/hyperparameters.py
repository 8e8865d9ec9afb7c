"""Hyperparameters of a pack: shared ones as plain values, others as ``[replicas]`` tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.schedules import Schedule


class PackHyperparameters:
    """Hyperparameters of all replicas of a pack, as functions of the progress of training.

    Args:
        replicas: one full set of hyperparameters per replica; structural ones must agree.
        continuous: names of the hyperparameters that may differ or follow a schedule.
        device: of the tensors.

    Attributes:
        structure: the structural hyperparameters, as attributes.

    Raises:
        ValueError: if a structural hyperparameter differs between replicas.
    """

    def __init__(
        self, replicas: Sequence[Mapping[str, Any]], continuous: set[str], device: torch.device
    ) -> None:
        self.device = device
        self._replicas = replicas
        self._scheduled: dict[str, list[Schedule | float]] = {}
        self._fixed: dict[str, Any] = {}
        for name, first in replicas[0].items():
            values = [replica[name] for replica in replicas]
            if name not in continuous:
                if any(value != first for value in values):
                    raise ValueError(
                        f"{name} is structural and must be the same for all replicas of a pack, got {values}"
                    )
                self._fixed[name] = first
            elif any(isinstance(value, Mapping) for value in values):
                self._scheduled[name] = [
                    Schedule.parse(value) if isinstance(value, Mapping) else value for value in values
                ]
            else:
                self._fixed[name] = self._join(values)
        self.structure = SimpleNamespace(**{k: v for k, v in replicas[0].items() if k not in continuous})
        self._constant = self._namespace(0.0)

    def first(self) -> PackHyperparameters:
        """Return those of the first replica alone, on the CPU."""
        free = set(self._replicas[0]) - set(vars(self.structure))
        return PackHyperparameters(self._replicas[:1], free, torch.device("cpu"))

    def _join(self, values: Sequence[float]) -> float | Tensor:
        if all(value == values[0] for value in values):
            return float(values[0])
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def _namespace(self, progress: float) -> SimpleNamespace:
        now = {
            name: self._join([v.at(progress) if isinstance(v, Schedule) else v for v in values])
            for name, values in self._scheduled.items()
        }
        return SimpleNamespace(**self._fixed, **now)

    @property
    def scheduled(self) -> frozenset[str]:
        """Names of the hyperparameters that follow a schedule in some replica."""
        return frozenset(self._scheduled)

    def at(self, progress: float) -> SimpleNamespace:
        """Return all hyperparameters at ``progress`` in [0, 1], as attributes.

        A shared value is a plain value; others are float64 tensors ``[replicas]``.
        """
        return self._namespace(progress) if self._scheduled else self._constant

    def active(self, name: str) -> bool:
        """Return True if a continuous hyperparameter is above 0 in some replica, or follows a schedule."""
        values = (replica[name] for replica in self._replicas)
        return any(isinstance(value, Mapping) or value > 0 for value in values)
