"""The speed of a device: seconds of an operation of training and of a FLOP, measured once and remembered.

It serves estimates only: no pack is divided and no way is chosen by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.provenance import device_kind, provenance
from gan_bench.bench.planning.efforts import effort
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.calibration import Memory, torch_version

TRIALS = Path(__file__).with_name("calibration.toml")
TURN = 0.2
"""Seconds of iterations of each of the two trials, after the first one, which loads what it needs."""
LEAST = 3
"""Iterations that are timed at least."""


@dataclass(frozen=True)
class Speed:
    """Seconds that one replica's training takes on a device.

    Attributes:
        operation: of one operation of a loss or its gradient, with the part of the engine's own work
            (draws, optimiser, history) that falls to it.
        flop: of one FLOP of matrix products and convolutions.
    """

    operation: float
    flop: float

    def seconds(self, trial: Trial, data: Any) -> float:
        """Return the seconds of the whole training of a trial on its dataset, measuring left out."""
        work = effort(trial, data)
        return work.operations * self.operation + work.flop * self.flop


USUAL = Speed(operation=2e-5, flop=1 / 3.9e10)
"""Of one core, where none was measured: the best fit to 66 kinds of trials, see docs/performance.md."""
SHARE = 0.55
"""Of the FLOP per second of large matrix products, what layers of all kinds and sizes reach: the same fit."""


class Pace:
    """The measured speed of a device.

    Args:
        memory: of earlier measurements, of this device and version of torch among others.
        load: name of a dataset -> the dataset.
        device: where to train.
    """

    def __init__(self, memory: Memory, load: Callable[[str], Any], device: str) -> None:
        self.memory, self.load, self.device = memory, load, device

    def recall(self) -> Speed | None:
        """Return the speed that was measured before, or None."""
        value = self.memory.recall(self._key)
        return Speed(*value) if isinstance(value, list) and len(value) == 2 and min(value) > 0 else None

    def measure(self) -> Speed:
        """Return the speed, measured in about a second where none is known.

        One game is timed on small and on large networks, whose iterations have equally many operations: the
        difference is that of their FLOP. On a busy machine the difference may be lost; :data:`USUAL` stays.
        """
        if (known := self.recall()) is not None:
            return known
        trials = plan(load_suite(str(TRIALS)), self.load)
        small, large = sorted(trials, key=lambda trial: self._work(trial).flop)
        seconds = {trial: self._seconds(trial) for trial in (small, large)}
        few, many = self._work(small), self._work(large)
        flop = (seconds[large] - seconds[small]) / (many.flop - few.flop)
        operation = (seconds[small] - few.flop * flop) / few.operations
        if min(flop, operation) <= 0:
            return USUAL
        self.memory.keep(self._key, [operation, flop / SHARE])
        return Speed(operation, flop / SHARE)

    def _work(self, trial: Trial) -> Any:
        return effort(trial, self.load(trial.dataset))

    def _seconds(self, trial: Trial) -> float:
        """Return the median seconds of an iteration: of a core's work, or between events of a GPU."""
        from gan_bench.bench.engine.graphs import WARM_UP
        from gan_bench.bench.engine.numerics import numerics
        from gan_bench.bench.speed.machine import stopwatch
        from gan_bench.bench.speed.training import Training, job_of

        gpu = is_gpu(self.device)
        timed = stopwatch(self.device) if gpu else by_work
        times: list[float] = []
        with numerics():
            job = job_of(trial, 1, self.device)
            work = Training(job, self.load(trial.dataset)).iterations()
            for _ in range(WARM_UP + 1 if gpu else 1):  # the last one records the graph
                work.run(1)
            while len(times) < LEAST or sum(times) < TURN:
                times.append(timed(lambda: work.run(1)))
        return median(times)

    @property
    def _key(self) -> str:
        facts = provenance("cpu")
        machine = [facts["processor"], facts["cores"], device_kind(self.device), torch_version()]
        return "speed " + keys.digest(machine)


def by_work(work: Callable[[], None]) -> float:
    """Do some work of this process and return the seconds of processors, which others do not lengthen."""
    start = time.process_time()
    work()
    return time.process_time() - start
