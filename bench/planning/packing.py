"""Division of trials into packs, and the way in which each pack is calculated.

Both follow from what was asked, the table of timings and the kind of device: two runs of one command have the
same packs, with any number of jobs and whatever was measured or trained before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gan_bench.bench.planning import catalogue, pack_table
from gan_bench.bench.planning.pack_table import Table, Timing, Way
from gan_bench.bench.planning.packs import Division
from gan_bench.bench.planning.rehearsals import rehearsal_of
from gan_bench.bench.planning.trial import Trial

SHORT = ("smoke", "quick")
"""Budgets too short for compiling to pay."""
COMPILE_SECONDS = 30.0
"""Of one pack on one core, nothing cached."""


UNCOMPILED: tuple[Way, ...] = ("batched", "products", "streams")


@dataclass(frozen=True)
class Wish:
    """Replicas per pack and compilation as asked for; None leaves the choice to :class:`Packing`."""

    size: int | None = None
    compiled: bool | None = None


@dataclass(frozen=True)
class Work:
    """Facts about one trial: iterations of its budget, and multiply-adds of a pass of a batch."""

    iterations: int
    multiply_adds: float


def work_of(trial: Trial, data: object) -> Work:
    """Return the work of a trial on its dataset."""
    rehearsal = rehearsal_of(trial.variant, trial.network, trial.hyperparameters, data)
    return Work(catalogue.course(trial, data).iterations, float(rehearsal.work))


@dataclass(frozen=True)
class Packing:
    """Divides groups of like trials.

    Attributes:
        wish: of a trial.
        work: of a trial.
        device: as `bench.common.provenance.device_kind` names it.
        trouble: why nothing can be compiled here, or None; asked only when something should be.
        timings: the table.
    """

    wish: Callable[[Trial], Wish]
    work: Callable[[Trial], Work]
    device: str
    trouble: Callable[[], str | None]
    timings: Table = field(default_factory=lambda: pack_table.table())

    def __call__(self, groups: Sequence[Sequence[Trial]]) -> list[Division]:
        """Divide every group; see :class:`~gan_bench.bench.planning.packs.Division`."""
        divisions = [self._divided(group) for group in groups]
        if any(division.way == "compiled" for division in divisions) and self.trouble() is not None:
            divisions = [self._divided(group, compiler=False) for group in groups]
        return divisions

    def _divided(self, group: Sequence[Trial], compiler: bool = True) -> Division:
        trial, count = group[0], len(group)
        wish, work = self.wish(trial), self.work(trial)
        timing = pack_table.timing(
            self.device, trial.variant, trial.network["family"], work.multiply_adds, self.timings
        )
        plain = timing.fastest(UNCOMPILED, count)
        compiled: tuple[Way, int] = ("compiled", timing.fewest("compiled", count))  # each costs a compilation
        pays = wish.compiled is None and self._compiling_pays(group, timing, plain, compiled, work)
        way, packs = compiled if compiler and (wish.compiled or pays) else plain
        return Division(-(-count // wish.size) if wish.size else packs, way)

    @staticmethod
    def _compiling_pays(
        group: Sequence[Trial], timing: Timing, plain: tuple[Way, int], compiled: tuple[Way, int], work: Work
    ) -> bool:
        if group[0].budget in SHORT or "compiled" not in timing.milliseconds:
            return False
        before, after = (timing.of_all(way, len(group), packs) for way, packs in (plain, compiled))
        seconds = (before - after) / 1000 * work.iterations * work.multiply_adds / timing.work
        return seconds > 2 * COMPILE_SECONDS * compiled[1]
