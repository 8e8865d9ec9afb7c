"""TensorBoard: a folder of event files per trial, RESULTS/logs/tensorboard/SUITE/TRIAL."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from gan_bench.bench.running.loggers.base import Logged


class TensorBoard:
    """Writes event files.

    Args:
        folder: what `tensorboard --logdir` is given.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, trial: Logged) -> None:
        """Write a trial's numbers, and its settings as a text."""
        from torch.utils.tensorboard import SummaryWriter

        folder = self._folder / trial.suite / trial.title
        shutil.rmtree(folder, ignore_errors=True)  # TensorBoard would show both
        with SummaryWriter(str(folder)) as writer:
            settings = json.dumps({**trial.settings, "status": trial.status}, indent=1)
            writer.add_text("settings", f"```json\n{settings}\n```")
            for name, step, value in trial.points:
                writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Do nothing: every trial's file is complete."""
