"""Losses and traced parameters during training, read from the device once per window, and divergence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

ROWS = 200
MAX_WINDOW = 100


class History:
    """Collect the losses and traced parameters of a pack's replicas.

    Args:
        replicas: their number K.
        iterations: the planned number; it sets the window between two rows.

    Attributes:
        window: iterations between two rows.
        columns: per replica, column -> values.
        diverged_at: per replica, the iteration (from 1) of divergence, or None.
    """

    def __init__(self, replicas: int, iterations: int) -> None:
        self.window = max(1, min(MAX_WINDOW, iterations // ROWS))
        self.columns: list[dict[str, list[float]]] = [
            {"iteration": [], "kimg": [], "seconds": []} for _ in range(replicas)
        ]
        self.diverged_at: list[int | None] = [None] * replicas
        self._pending: dict[str, list[Tensor]] = {}
        self._iterations: dict[str, list[int]] = {}

    def note(self, iteration: int, name: str, value: Tensor) -> None:
        """Add one column's value for every replica, ``[K]`` (a scalar solo), without reading it back."""
        self._pending.setdefault(name, []).append(value)
        self._iterations.setdefault(name, []).append(iteration)

    def flush(
        self, iteration: int, kimg: float, seconds: float, traced: Mapping[str, Tensor] | None = None
    ) -> None:
        """Read the window from the device: add a row of means per live replica, and mark diverged ones.

        Args:
            iteration, kimg, seconds: position of the row.
            traced: current parameters ``[K, size]`` by ``role.symbol``. They are stored without averaging,
                each entry in a column (``critic.psi[0]`` where there are several).
        """
        means: dict[str, list[float]] = {}
        pending, self._pending = self._pending, {}
        iterations, self._iterations = self._iterations, {}
        for name, values in pending.items():
            window = torch.stack(values).reshape(len(values), -1).double().cpu()
            means[name] = window.mean(0).tolist()
            for replica in (~window.isfinite().all(0)).nonzero().flatten().tolist():
                first = int((~window[:, replica].isfinite()).nonzero()[0])
                self.mark(replica, iterations[name][first])
        for name, parameter in (traced or {}).items():
            entries = parameter.detach().double().cpu()
            for entry in range(entries.shape[1]):
                column = name if entries.shape[1] == 1 else f"{name}[{entry}]"
                means[column] = entries[:, entry].tolist()
        for replica, columns in enumerate(self.columns):
            if self.diverged_at[replica] is None:
                row = {"iteration": iteration, "kimg": kimg, "seconds": seconds}
                row |= {name: values[replica] for name, values in means.items()}
                length = len(columns["iteration"])
                for name, value in row.items():
                    columns.setdefault(name, [float("nan")] * length).append(value)
                for name in columns.keys() - row.keys():
                    columns[name].append(float("nan"))

    def state(self) -> dict[str, Any]:
        """Return all rows and marks as plain values, for :meth:`load`; call it after :meth:`flush`."""
        return {"columns": self.columns, "diverged_at": self.diverged_at}

    def load(self, state: Mapping[str, Any]) -> None:
        """Continue from the :meth:`state` of another history."""
        self.columns = [{name: list(column) for name, column in of.items()} for of in state["columns"]]
        self.diverged_at = list(state["diverged_at"])

    def mark(self, replica: int, iteration: int) -> None:
        """Mark a replica as diverged at ``iteration``; an earlier mark stays."""
        known = self.diverged_at[replica]
        self.diverged_at[replica] = iteration if known is None else min(known, iteration)

    @property
    def all_diverged(self) -> bool:
        """True if every replica diverged."""
        return None not in self.diverged_at
