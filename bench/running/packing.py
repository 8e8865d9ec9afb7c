"""Division of trials into packs, and the choice of packs to compile: made once, when they are planned."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gan_bench.bench.planning.packs import Division
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.cost import Costs

LARGEST = 16
"""Replicas in a pack of toy networks that was not measured: from here on a core gains little more."""
SMALLEST = 5
"""Fewer replicas than these train faster one by one on a CPU, unless they are compiled."""
LARGEST_COMPILED = 32
"""The same for compiled packs, whose steps cost less beside the work itself."""
MEASURE_FROM = 150.0
"""Seconds of estimated training of a group from which the two seconds of a calibration are worth while."""
SHORT = ("smoke", "quick")
"""Budgets too short for compiling to pay."""
COMPILE_SECONDS = 30.0
"""Of one variant on one core, nothing cached."""
FINEST = 4
"""Packs may be split until a worker has at least this many of them to do."""
GAIN, GAIN_OF_IMAGES = 0.6, 0.15
"""Share of the training time that compiling saves: images' networks are bound by matrix products already."""


@dataclass(frozen=True)
class Wish:
    """Replicas per pack and compilation as asked for; None leaves the choice to :class:`Packing`."""

    size: int | None = None
    compiled: bool | None = None


@dataclass(frozen=True)
class Packing:
    """Divides groups of like trials.

    Attributes:
        wish: of a trial.
        costs: estimates in seconds.
        device: where to train.
        jobs: tasks at a time.
        best_size: measures the fastest number of replicas, at most a limit, on this machine.
        trouble: why nothing can be compiled here, or None; asked only when something should be.
    """

    wish: Callable[[Trial], Wish]
    costs: Costs
    device: str
    jobs: int
    best_size: Callable[[Trial, int], int]
    trouble: Callable[[], str | None]

    def __call__(self, groups: Sequence[Sequence[Trial]]) -> list[Division]:
        """Divide every group; see :class:`~gan_bench.bench.planning.packs.Division`."""
        compiled = [self._compiled(group) for group in groups]
        if any(compiled) and self.trouble() is not None:
            compiled = [False] * len(groups)
        loads = [self._load(group, c) for group, c in zip(groups, compiled, strict=True)]
        return [Division(load.packs, c) for load, c in zip(balance(loads, self.jobs), compiled, strict=True)]

    def _compiled(self, group: Sequence[Trial]) -> bool:
        wish = self.wish(group[0]).compiled
        if wish is not None:
            return wish
        saved = (GAIN_OF_IMAGES if group[0].kind == "images" else GAIN) * self._seconds(group)
        return group[0].budget not in SHORT and saved > 2 * COMPILE_SECONDS * min(self.jobs, len(group))

    def _load(self, group: Sequence[Trial], compiled: bool) -> Load:
        trial, count = group[0], len(group)
        asked = self.wish(trial).size
        size = min(asked or self._size(trial, compiled, self._seconds(group), count), count)
        smallest = 1 if compiled or self._on_gpu else SMALLEST
        return Load(count, math.ceil(count / size), self._seconds(group), smallest, fixed=asked is not None)

    @property
    def _on_gpu(self) -> bool:
        return self.device.startswith("cuda")

    def _size(self, trial: Trial, compiled: bool, seconds: float, count: int) -> int:
        """Return replicas per pack: measured for long groups, else by a rule measured on another machine."""
        light = trial.kind != "images" or self._on_gpu
        if compiled and light:
            return LARGEST_COMPILED
        if count > 1 and seconds > MEASURE_FROM:
            return self.best_size(trial, count)
        return LARGEST if light and (self._on_gpu or count >= SMALLEST) else 1

    def _seconds(self, group: Sequence[Trial]) -> float:
        return sum(map(self.costs.trial, group))


@dataclass(frozen=True)
class Load:
    """`count` like trials that take `seconds` together, in `packs` packs.

    Packs of fewer than `smallest` are split into single trials; `fixed` says to split none.
    """

    count: int
    packs: int
    seconds: float
    smallest: int = 1
    fixed: bool = False

    def split(self, longest: float) -> Load:
        """Return the same in packs of at most `longest` seconds, or of one trial."""
        packs = max(self.packs, math.ceil(self.seconds / longest - 1e-9))
        if self.fixed or packs == self.packs:
            return self
        return replace(self, packs=packs if packs * self.smallest <= self.count else self.count)


def balance(loads: Sequence[Load], jobs: int) -> list[Load]:
    """Split packs further where that ends the whole run sooner, as little as suffices.

    Tasks are handed out longest first. A pack that is still running when nothing is left to hand out keeps
    the other workers idle: it is divided, unless its size was asked for.
    """
    share = sum(load.seconds for load in loads) / jobs
    options = [list(loads)]
    options += [[load.split(share / parts) for load in loads] for parts in range(1, FINEST + 1)]
    ends = [makespan(option, jobs) for option in options]
    return next(option for option, end in zip(options, ends, strict=True) if end <= 1.03 * min(ends))


def makespan(loads: Sequence[Load], jobs: int) -> float:
    """Return the seconds until the last of `jobs` workers is done, tasks handed out longest first."""
    packs = sorted((load.seconds / load.packs for load in loads for _ in range(load.packs)), reverse=True)
    busy = [0.0] * jobs
    for seconds in packs:
        first = busy.index(min(busy))
        busy[first] += seconds
    return max(busy)
