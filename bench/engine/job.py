"""What the engine is asked for, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gan_bench.bench.engine.model import Model

Dtype = Literal["float32", "float64", "bfloat16"]


@dataclass(frozen=True)
class Budget:
    """How much a trial may consume.

    Attributes:
        kimg: thousands of real images entering rounds that train a critic.
        points: kimg at which to evaluate, ascending; the last is ``kimg``.
    """

    kimg: float
    points: tuple[float, ...]

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip((0.0, *self.points), self.points, strict=False))
        reached = ascending and bool(self.points) and math.isclose(self.points[-1], self.kimg)
        if not reached or math.isinf(self.kimg):
            raise ValueError(
                f"points must ascend from above 0 to the budget of {self.kimg} kimg, got {self.points}"
            )


@dataclass(frozen=True)
class Job:
    """A pack: trials that differ only in seed and in continuous hyperparameters.

    Attributes:
        variant: registered name.
        architecture: family and options.
        hyperparameters: one resolved set per replica.
        seeds: one per replica.
        budget: shared by all replicas.
        dtype: ``float32``, ``float64``, or ``bfloat16`` for its matrix products and convolutions only
            (autocast; weights, losses and optimisers stay in float32).
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        compile: whether the steps are compiled programs; a single replica is a pack of one then.
        solo: ``None`` trains a single replica by plain autograd and several packed; a bool forces it.
    """

    variant: str
    architecture: Mapping[str, Any]
    hyperparameters: tuple[Mapping[str, Any], ...]
    seeds: tuple[int, ...]
    budget: Budget
    dtype: Dtype = "float32"
    device: str = "cpu"
    compile: bool = False
    solo: bool | None = None

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.hyperparameters) or not self.seeds:
            raise ValueError("a job needs one seed and one set of hyperparameters per replica")
        if self.compile and self.solo:
            raise ValueError("plain autograd is not compiled: a compiled job is a pack, of one replica even")

    @property
    def alone(self) -> bool:
        """Whether its one replica is trained by plain autograd on live modules."""
        return len(self.seeds) == 1 and not self.compile if self.solo is None else self.solo


@dataclass(frozen=True)
class Point:
    """A scheduled moment of evaluation.

    Attributes:
        index: of the budget's points.
        kimg, iteration, critic_updates, generator_updates: consumed and done so far by each replica.
        seconds: of training so far, evaluation excluded.
        final: whether the budget is spent.
        models: one per replica, ``None`` for a diverged one.
    """

    index: int
    kimg: float
    iteration: int
    critic_updates: int
    generator_updates: int
    seconds: float
    final: bool
    models: list[Model | None]


@dataclass(frozen=True)
class Progress:
    """How far a running job is: of each of its ``replicas``."""

    iteration: int
    iterations: int
    kimg: float
    seconds: float
    replicas: int


@dataclass(frozen=True)
class Outcome:
    """What became of one replica.

    Attributes:
        status: ``diverged`` if a loss or weight was not finite, at iteration ``diverged_at`` (from 1).
        iterations, critic_updates, generator_updates, images: done and consumed, up to divergence.
        seconds: of training of the whole pack, evaluation and compilation excluded.
        compile_seconds: of the first iteration of a compiled pack, in which its programs are made or loaded.
        parameters: number of trained weights by role.
        history: columns ``iteration``, ``kimg``, ``seconds``, the mean of each loss since the last row, and
            traced parameters (``role.symbol``) as they are.
    """

    status: Literal["finished", "diverged"]
    diverged_at: int | None
    iterations: int
    critic_updates: int
    generator_updates: int
    images: int
    seconds: float
    compile_seconds: float
    parameters: dict[str, int]
    history: dict[str, list[float]] = field(default_factory=dict)
