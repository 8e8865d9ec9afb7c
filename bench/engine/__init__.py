"""Games played: batched training of packs of replicas."""

from gan_bench.bench.engine.job import Budget, Job, Outcome, Point, Progress
from gan_bench.bench.engine.model import Model
from gan_bench.bench.engine.train import restore, train, untrained

__all__ = ["Budget", "Job", "Model", "Outcome", "Point", "Progress", "restore", "train", "untrained"]
