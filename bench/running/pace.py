"""Seconds of an iteration of packs on a device: measured in two seconds where none are known, and kept.

They are for estimates only: no pack is divided and no way is chosen by them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.provenance import device_kind, provenance
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.running.calibration import Memory, torch_version

ALLOWANCE = 2.0
"""Seconds that all measurements of one run may take."""
TURN = 0.1
"""Seconds of iterations of one pack, after the first one, which loads what it needs."""
LEAST = 2
"""Iterations that are timed at least."""


class PackTimes:
    """Measured seconds of an iteration of all replicas of a pack.

    Args:
        memory: of earlier measurements, of this device and version of torch among others.
        load: name of a dataset -> the dataset.
        device: where to train.
    """

    def __init__(self, memory: Memory, load: Callable[[str], Any], device: str) -> None:
        self.memory, self.load, self.device = memory, load, device

    def recall(self, pack: Pack) -> float | None:
        """Return the seconds of a pack like this one, or None where none was measured."""
        value = self.memory.recall(self._key(pack))
        return value if isinstance(value, float) and value > 0 else None

    def measure(self, packs: Iterable[Pack], guess: Callable[[Pack], float]) -> None:
        """Measure packs until :data:`ALLOWANCE` is spent; one of every family of networks comes first.

        Compiled packs are left out, because a compiler takes longer, and what was measured before.

        Args:
            packs: those of a run.
            guess: the expected seconds of an iteration; cheaper packs come first, and those that would spend
                what is left are skipped.
        """
        different = {self._key(pack): pack for pack in packs if not pack.compiled}
        new = [pack for pack in sorted(different.values(), key=guess) if self.recall(pack) is None]
        if not new:
            return
        from gan_bench.bench.engine.numerics import numerics
        from gan_bench.bench.speed import training  # noqa: F401 - loaded before the clock starts

        end = time.perf_counter() + ALLOWANCE
        with numerics():
            for pack in _families_in_turn(new):
                if time.perf_counter() + (1 + LEAST) * guess(pack) < end:
                    self.memory.keep(self._key(pack), self._seconds(pack))

    def _seconds(self, pack: Pack) -> float:
        """Return the median seconds of single iterations, draws made ahead left out."""
        from gan_bench.bench.engine.graphs import WARM_UP
        from gan_bench.bench.speed.machine import stopwatch
        from gan_bench.bench.speed.training import Training

        data = self.load(pack.trials[0].dataset)
        work, timed = Training(job_of(pack, self.device), data).iterations(), stopwatch(self.device)
        times: list[float] = []
        for _ in range(WARM_UP + 1 if is_gpu(self.device) else 1):  # the last one records the graph
            timed(lambda: work.run(1))
        while len(times) < LEAST or sum(times) < TURN:
            times.append(timed(lambda: work.run(1)))
        return median(times)

    def _key(self, pack: Pack) -> str:
        trial = pack.trials[0]
        work = [trial.variant, trial.data_name, trial.network, trial.dtype, trial.versions]
        structure = {n: v for n, v in trial.hyperparameters.items() if not isinstance(v, float | Mapping)}
        facts = provenance("cpu")
        machine = [facts["processor"], facts["cores"], device_kind(self.device), torch_version()]
        return "iteration " + keys.digest([*work, structure, len(pack.trials), pack.way, *machine])


def _families_in_turn(packs: Iterable[Pack]) -> list[Pack]:
    """Return packs in another order: one of each dataset and family of networks, then the next of each."""
    ranked, counts = [], defaultdict[tuple[str, str], int](int)
    for pack in packs:
        kind = pack.trials[0].data_name, str(pack.trials[0].network.get("family"))
        ranked.append((counts[kind], pack))
        counts[kind] += 1
    return [pack for _, pack in sorted(ranked, key=lambda entry: entry[0])]
