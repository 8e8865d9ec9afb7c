"""Train packs of replicas: batches, losses, gradients, updates, and the trained models."""

from gan_bench.bench.engine.job import Budget, EvaluationPoint, Job, Outcome, Progress
from gan_bench.bench.engine.model import Model
from gan_bench.bench.engine.snapshots import Snapshot, Snapshots
from gan_bench.bench.engine.train import restore, train, untrained

__all__ = [
    "Budget",
    "EvaluationPoint",
    "Job",
    "Model",
    "Outcome",
    "Progress",
    "Snapshot",
    "Snapshots",
    "restore",
    "train",
    "untrained",
]
