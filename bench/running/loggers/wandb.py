"""Weights & Biases, offline: RESULTS/logs/wandb/wandb/offline-run-*, which `wandb sync` can send later."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from gan_bench.bench.running.loggers.base import Logged


class WandB:
    """Writes offline runs; nothing is sent.

    Args:
        folder: in which the package makes its folder `wandb`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, trial: Logged) -> None:
        """Write a trial's settings and numbers."""
        import wandb

        rows: dict[int, dict[str, float]] = defaultdict(dict)
        for name, step, value in trial.points:
            rows[step][name] = value
        with wandb.init(
            mode="offline", dir=str(self._folder), project="gan-bench", group=trial.suite, id=trial.key,
            name=trial.title, config={**trial.settings, "status": trial.status}, reinit="create_new",
            settings=wandb.Settings(silent=True),
        ) as run:  # fmt: skip
            for step, values in sorted(rows.items()):
                run.log(values, step=step)

    def close(self) -> None:
        """Do nothing: every run is complete."""
