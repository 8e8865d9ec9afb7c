"""MLflow: a data base RESULTS/logs/mlflow/mlflow.db, with an experiment per suite and a run per trial."""

from __future__ import annotations

import re
import time
from pathlib import Path

from gan_bench.bench.running.loggers.base import Logged

KEY = "gan-bench.trial"
BATCH = 1000
"""Numbers of one call, the most that MLflow takes."""


class MLflow:
    """Writes runs, by a client of its own: what a program has set up for itself is not touched.

    Args:
        folder: `mlflow ui --backend-store-uri sqlite:///FOLDER/mlflow.db` shows it.
    """

    def __init__(self, folder: Path) -> None:
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=f"sqlite:///{(folder / 'mlflow.db').resolve()}")

    def add(self, trial: Logged) -> None:
        """Write a trial's settings and numbers; an earlier run of the trial is deleted."""
        from mlflow.entities import Metric, Param

        known = self._client.get_experiment_by_name(trial.suite)
        experiment = known.experiment_id if known else self._client.create_experiment(trial.suite)
        for old in self._client.search_runs([experiment], f"tags.`{KEY}` = '{trial.key}'"):
            self._client.delete_run(old.info.run_id)
        tags = {KEY: trial.key, "status": trial.status}
        run = self._client.create_run(experiment, run_name=trial.title, tags=tags).info.run_id
        self._client.log_batch(
            run, params=[Param(name, str(value)) for name, value in trial.settings.items()]
        )
        stamp = int(time.time() * 1000)
        found = [Metric(re.sub(r"[^\w./ -]", "_", p.name), p.value, stamp, p.step) for p in trial.points]
        for start in range(0, len(found), BATCH):
            self._client.log_batch(run, found[start : start + BATCH])
        self._client.set_terminated(run, "FAILED" if trial.status == "failed" else "FINISHED")

    def close(self) -> None:
        """Do nothing: every run is complete."""
