"""Losses and traced parameters along training, read back only now and then, and who diverged when."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

ROWS = 200
MAX_WINDOW = 100


class History:
    """Collects the losses and traced parameters of a pack's replicas.

    Args:
        replicas: how many.
        iterations: planned; decides the window between two rows.
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
        """Note one column's value for every replica, ``[K]`` (a scalar solo); nothing is read back yet."""
        self._pending.setdefault(name, []).append(value)
        self._iterations.setdefault(name, []).append(iteration)

    def flush(
        self, iteration: int, kimg: float, seconds: float, traced: Mapping[str, Tensor] | None = None
    ) -> None:
        """Read the window back: a row of means for every replica alive, and who diverged when.

        ``traced`` are parameters as they are now, ``[K, size]`` by ``role.symbol``: no means, and a column
        for each entry (``critic.psi[0]`` where there are several).
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

    def mark(self, replica: int, iteration: int) -> None:
        """Note that a replica diverged at ``iteration``, unless it had done so before."""
        known = self.diverged_at[replica]
        self.diverged_at[replica] = iteration if known is None else min(known, iteration)

    @property
    def all_diverged(self) -> bool:
        """Whether no replica is left alive."""
        return None not in self.diverged_at
