"""Losses and traced parameters during training, read from the device once per window, and divergence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

ROWS = 200
MAX_WINDOW = 100
AXES = ("iteration", "kimg", "seconds")
READ = ("at", "count", "value")
"""Tensors of what was read of a loss: last iteration, number of values, and their means by replica."""


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
        self.columns: list[dict[str, list[float]]] = [{name: [] for name in AXES} for _ in range(replicas)]
        self.diverged_at: list[int | None] = [None] * replicas
        self._pending: dict[str, list[Tensor]] = {}
        self._iterations: dict[str, list[int]] = {}
        self._read: dict[str, list[dict[str, Tensor]]] = defaultdict(list)

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
            self._keep(name, iterations[name], window)
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

    def _keep(self, name: str, iterations: Sequence[int], values: Tensor) -> None:
        """Keep what was read, ``[n, K]``, from which a longer training makes the rows of its own windows.

        Windows of the greatest length are those of every longer training, too: their means suffice.
        """
        counts = torch.ones(len(values), dtype=torch.int64)
        at = torch.tensor(iterations)
        if self.window == MAX_WINDOW:
            at, counts, values = at[-1:], counts.sum(0, keepdim=True), values.mean(0, keepdim=True)
        self._read[name].append({"at": at, "count": counts, "value": values})

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return what was read and all rows, for :meth:`load`: tensors, and plain values.

        Call it after :meth:`flush`.
        """
        tensors = {
            f"{name}/{what}": torch.cat([part[what] for part in parts])
            for name, parts in self._read.items()
            for what in READ
        }
        return tensors, {"columns": self.columns, "diverged_at": self.diverged_at}

    def load(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Continue from the :meth:`state` of another history of the same training."""
        self._load_read(tensors)
        self.columns = [{name: list(column) for name, column in of.items()} for of in state["columns"]]
        self.diverged_at = list(state["diverged_at"])

    def load_shorter(
        self,
        tensors: Mapping[str, Tensor],
        state: Mapping[str, Any],
        rows: Sequence[int],
        kimg: Callable[[int], float],
    ) -> None:
        """Continue from the :meth:`state` at the end of a shorter training, in which nothing diverged.

        Args:
            tensors, state: those.
            rows: the iterations, ascending, at which this training would have added rows; the last one is
                the shorter training's last.
            kimg: iteration -> kimg.
        """
        self._load_read(tensors)
        for replica, (columns, old) in enumerate(zip(self.columns, state["columns"], strict=True)):
            columns["iteration"] = list(rows)
            columns["kimg"] = [kimg(iteration) for iteration in rows]
            columns["seconds"] = np.interp(rows, old["iteration"], old["seconds"]).tolist()
            for name, parts in self._read.items():
                read = {what: torch.cat([part[what] for part in parts]) for what in READ}
                columns[name] = [_mean(read, replica, after, last) for after, last in pairwise([0, *rows])]
            for name in old.keys() - columns.keys():  # parameters as they were at an iteration
                there = dict(zip(old["iteration"], old[name], strict=True))
                columns[name] = [there.get(iteration, float("nan")) for iteration in rows]

    def _load_read(self, tensors: Mapping[str, Tensor]) -> None:
        self._read.clear()
        for name in {name.rpartition("/")[0]: None for name in tensors}:
            self._read[name] = [{what: tensors[f"{name}/{what}"] for what in READ}]

    def mark(self, replica: int, iteration: int) -> None:
        """Mark a replica as diverged at ``iteration``; an earlier mark stays."""
        known = self.diverged_at[replica]
        self.diverged_at[replica] = iteration if known is None else min(known, iteration)

    @property
    def all_diverged(self) -> bool:
        """True if every replica diverged."""
        return None not in self.diverged_at


def _mean(read: Mapping[str, Tensor], replica: int, after: int, last: int) -> float:
    """Return the mean of what was read of a replica after one iteration, up to the last one; NaN of none."""
    within = (read["at"] > after) & (read["at"] <= last)
    counts, values = read["count"][within], read["value"][within]
    if bool((counts == 1).all()):
        return values.mean(0)[replica].item()  # as in a window
    return ((values * counts[:, None]).sum(0) / counts.sum())[replica].item()
