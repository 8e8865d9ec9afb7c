"""Games played: batched training of packs of replicas."""

from bench.engine.job import Budget, Job, Outcome, Point, Progress
from bench.engine.model import Model
from bench.engine.train import restore, train, untrained

__all__ = ["Budget", "Job", "Model", "Outcome", "Point", "Progress", "restore", "train", "untrained"]
