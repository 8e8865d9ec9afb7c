"""Loggers: what a run has trained and measured, for programs that show experiments.

They take each trial when its task ends, by one hook on the events of a run (`bench.running.loggers.hook`),
write beside the results in RESULTS/logs, and reach no server.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from gan_bench.bench.common.errors import UsageError, check_name

LOGGERS = {"tensorboard": "TensorBoard", "mlflow": "MLflow", "wandb": "WandB"}
"""Module here, and package that it needs -> its class."""


def check(names: Sequence[str]) -> None:
    """Raise UsageError for a logger that there is not, or whose package is not installed."""
    for name in names:
        check_name("logger", name, LOGGERS, "--log")
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"--log {name}: the package {name} is not installed; install gan-bench[{name}]")
