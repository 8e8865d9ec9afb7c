"""Hyperparameters of a pack: shared ones as plain values, others as ``[replicas]`` tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.base import Game
from gan_bench.variants.hyperparameters import completed, continuous
from gan_bench.variants.schedules import Schedule


class PackHyperparameters:
    """Hyperparameters of all replicas of a pack, as functions of the progress of training.

    Args:
        replicas: one full set of hyperparameters per replica; structural ones must agree.
        continuous: names of the hyperparameters that may differ or follow a schedule.
        device: of the tensors.
        shape: of the values of a schedule if they enter as float64 tensors, which a captured graph reads
            and every call of :meth:`at` fills again: ``(K,)`` in packs, ``()`` solo. ``None``: scheduled
            values are as any others.

    Attributes:
        structure: the structural hyperparameters, as attributes.
        continuous: as given.

    Raises:
        ValueError: if a structural hyperparameter differs between replicas.
    """

    def __init__(
        self,
        replicas: Sequence[Mapping[str, Any]],
        continuous: set[str],
        device: torch.device,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self.device, self._shape = device, shape
        self._places: dict[str, Tensor] = {}
        self._replicas, self.continuous = replicas, continuous
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

    @classmethod
    def of(
        cls,
        game: type[Game],
        replicas: Sequence[Mapping[str, Any]],
        device: torch.device,
        shape: tuple[int, ...] | None = None,
    ) -> PackHyperparameters:
        """Return those of a game's replicas; implied ones that are left out have their default."""
        declared = game.hyperparameters
        return cls([completed(declared, own) for own in replicas], continuous(declared), device, shape)

    def only(self, replica: int) -> PackHyperparameters:
        """Return those of one replica alone."""
        one = self._replicas[replica : replica + 1]
        return PackHyperparameters(one, self.continuous, self.device, None if self._shape is None else ())

    def first(self) -> PackHyperparameters:
        """Return those of the first replica alone, on the CPU, as plain values."""
        return PackHyperparameters(self._replicas[:1], self.continuous, torch.device("cpu"))

    def _join(self, values: Sequence[float]) -> float | Tensor:
        if all(value == values[0] for value in values):
            return float(values[0])
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def _namespace(self, progress: float) -> SimpleNamespace:
        values = {
            name: [v.at(progress) if isinstance(v, Schedule) else v for v in scheduled]
            for name, scheduled in self._scheduled.items()
        }
        now = {
            name: self._join(value) if self._shape is None else self._filled(name, value)
            for name, value in values.items()
        }
        return SimpleNamespace(**self._fixed, **now)

    def _filled(self, name: str, values: Sequence[float]) -> Tensor:
        """Return the fixed tensor of a scheduled hyperparameter, filled without waiting for the device."""
        assert self._shape is not None
        if name not in self._places:
            self._places[name] = torch.zeros(self._shape, dtype=torch.float64, device=self.device)
        now = torch.tensor(values, dtype=torch.float64).reshape(self._shape)
        return self._places[name].copy_(now, non_blocking=True)

    def at(self, progress: float) -> SimpleNamespace:
        """Return all hyperparameters at ``progress`` in [0, 1], as attributes.

        A shared value is a plain value; others are float64 tensors ``[replicas]``. Scheduled values are
        tensors of the shape asked for, which the next call changes.
        """
        return self._namespace(progress) if self._scheduled else self._constant

    def active(self, name: str) -> bool:
        """Return True if a continuous hyperparameter is above 0 in some replica, or follows a schedule."""
        values = (replica[name] for replica in self._replicas)
        return any(isinstance(value, Mapping) or value > 0 for value in values)
