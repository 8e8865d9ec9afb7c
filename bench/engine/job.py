"""Input and output of the engine: a job, its budget, evaluation points, progress and outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gan_bench.bench.engine.model import Model

Dtype = Literal["float32", "float64", "tf32", "bfloat16"]
Way = Literal["batched", "products", "streams"]
NARROW = 5
"""Between 1 channel, for which products were measured to be faster, and 32, for which they were not."""


@dataclass(frozen=True)
class Budget:
    """Training budget of a trial.

    Attributes:
        kimg: thousands of samples, counted as in :mod:`bench.engine.iteration_budget`, above 0 and finite.
        points: kimg at which to evaluate, ascending; the last is ``kimg``.

    Raises:
        ValueError: for points that are not ascending, or do not end at ``kimg``.
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
        dtype: ``float32``, ``float64``, or ``tf32`` or ``bfloat16`` for its matrix products and convolutions
            only (weights, losses and optimisers stay in float32). ``tf32`` has an effect on CUDA only.
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        compile: compile the steps; a single replica is then a pack of one.
        solo: ``True`` trains one replica by plain autograd, ``False`` as a pack; ``None`` chooses plain
            autograd for a single replica that is not compiled.
        way: the calculation of a pack that is not compiled: ``batched`` by ``vmap``; ``products``, the same
            with narrow convolutions as matrix products (:mod:`bench.engine.convolutions`); ``streams``,
            replica by replica (:mod:`bench.engine.side_by_side`).
        narrow: channels of a narrow convolution, at most.
        capture: record iterations as CUDA graphs, on CUDA.

    Raises:
        ValueError: if the numbers of seeds and hyperparameters differ or are 0, or for ``solo`` with
            ``compile``, or another way with ``compile``.
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
    way: Way = "batched"
    narrow: int = NARROW
    capture: bool = True

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.hyperparameters) or not self.seeds:
            raise ValueError("a job needs one seed and one set of hyperparameters per replica")
        if self.compile and self.solo:
            raise ValueError("solo training cannot be compiled: leave solo or compile out")
        if self.compile and self.way != "batched":
            raise ValueError(f"a compiled pack is batched, not {self.way}: leave way or compile out")

    def only(self, replica: int) -> Job:
        """Return the job of one replica alone, trained by plain autograd."""
        one = slice(replica, replica + 1)
        return replace(
            self, seeds=self.seeds[one], hyperparameters=self.hyperparameters[one],
            compile=False, solo=True, way="batched",
        )  # fmt: skip

    @property
    def alone(self) -> bool:
        """True if the single replica is trained by plain autograd on live modules."""
        return len(self.seeds) == 1 and not self.compile if self.solo is None else self.solo


@dataclass(frozen=True)
class EvaluationPoint:
    """The models of a pack at one point of its budget, with the cost so far.

    Attributes:
        index: position among the budget's points, from 0.
        kimg, iteration, critic_updates, generator_updates: consumed and done so far by each replica.
        seconds: of training so far, without evaluation.
        final: True at the end of the budget.
        models: one per replica, ``None`` for a diverged one.
        flop: of training each replica so far, see :func:`bench.engine.flop.flop_of_rounds`.
    """

    index: int
    kimg: float
    iteration: int
    critic_updates: int
    generator_updates: int
    seconds: float
    final: bool
    models: list[Model | None]
    flop: int = 0


@dataclass(frozen=True)
class Progress:
    """Progress of a running job: iterations, kimg and seconds so far of each of its ``replicas``."""

    iteration: int
    iterations: int
    kimg: float
    seconds: float
    replicas: int


@dataclass(frozen=True)
class Outcome:
    """Result of training one replica.

    Attributes:
        status: ``diverged`` if a loss or weight was not finite, at iteration ``diverged_at`` (from 1).
        iterations, critic_updates, generator_updates, images: done and consumed, up to divergence.
        pretraining_images: those of ``images`` that were used before a critic first trained.
        flop: of training, see :func:`bench.engine.flop.flop_of_rounds`.
        seconds: of training of the whole pack, without evaluation and compilation.
        compile_seconds: of the first iteration of a compiled pack, which compiles or loads its programs.
        parameters: number of trained weights by role.
        frozen_parameters: number of weights by role that no player trains.
        critics: the roles that players which are critics train.
        history: columns ``iteration``, ``kimg``, ``seconds``, the mean of each loss since the last row, and
            the current values of traced parameters (``role.symbol``).
        captured: True if iterations were replayed as CUDA graphs.
        not_captured: the reason why they were not on CUDA, or an empty text.
        not_deterministic: operations that have no deterministic algorithm on the device, so that another run
            may give other bits.
    """

    status: Literal["finished", "diverged"]
    diverged_at: int | None
    iterations: int
    critic_updates: int
    generator_updates: int
    images: int
    pretraining_images: int
    flop: int
    seconds: float
    compile_seconds: float
    parameters: dict[str, int]
    frozen_parameters: dict[str, int]
    critics: list[str]
    history: dict[str, list[float]] = field(default_factory=dict)
    captured: bool = False
    not_captured: str = ""
    not_deterministic: list[str] = field(default_factory=list)
