"""Packs: trials that differ only in seed and continuous hyperparameters, trained as one batched program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.pack_table import Way
from gan_bench.bench.planning.trial import Trial

if TYPE_CHECKING:
    from gan_bench.bench.engine import Job


@dataclass(frozen=True)
class Pack:
    """Trials that are trained together, in this order, and the way in which they are."""

    trials: tuple[Trial, ...]
    way: Way = "batched"

    @property
    def id(self) -> str:
        """A hash of the members' keys: what a record states as its pack."""
        return keys.digest([trial.key for trial in self.trials])

    @property
    def compiled(self) -> bool:
        """True if the pack is trained as a compiled program."""
        return self.way == "compiled"

    def uncompiled(self) -> Pack:
        """Return the same pack, trained operation by operation where it was to be compiled."""
        return replace(self, way="batched") if self.compiled else self


@dataclass(frozen=True)
class Division:
    """The division of a group of like trials: the number of packs, and their way."""

    packs: int
    way: Way = "batched"


Divide = Callable[[Sequence[Sequence[Trial]]], Sequence[Division]]
"""Groups of trials that could share a pack -> how each is divided."""


def signature(trial: Trial) -> str:
    """Return what the members of a pack have in common, as a hash. A schedule counts as structural."""
    free = catalogue.continuous(trial.variant)
    structural = {
        name: value
        for name, value in trial.hyperparameters.items()
        if name not in free or isinstance(value, Mapping)
    }
    return keys.digest(
        {
            "variant": trial.variant,
            "data": [trial.data_name, trial.stand_in_for, trial.content_hash],
            "network": trial.network,
            "structural": structural,
            "free": sorted(free - structural.keys()),
            "budget": [
                trial.kimg,
                trial.points,
                trial.dtype,
                trial.samples,
                trial.final_samples,
                *trial.ranked_by,
                *trial.metrics,
            ],
            "versions": trial.versions,
        }
    )


def job_of(pack: Pack, device: str) -> Job:
    """Return a pack as a `bench.engine.Job`, to be trained on `device`."""
    from gan_bench.bench.engine import Budget, Job

    first = pack.trials[0]
    return Job(
        variant=first.variant,
        architecture=dict(first.network),
        hyperparameters=tuple(dict(trial.hyperparameters) for trial in pack.trials),
        seeds=tuple(trial.seed for trial in pack.trials),
        budget=Budget(kimg=first.kimg, points=first.points),
        dtype=first.dtype,
        device=device,
        **calculated(pack.way),
    )


def calculated(way: Way) -> dict[str, Any]:
    """Return the fields of a `bench.engine.Job` that say how it is calculated."""
    return {"compile": True} if way == "compiled" else {"way": way}


def assemble(
    trials: Iterable[Trial], divide: Divide, planned: Iterable[Pack] = ()
) -> tuple[list[Pack], list[Pack]]:
    """Return packs that hold every trial: first those `planned` before that hold one of them, then new ones.

    Groups of trials that could share a pack are divided as `divide` says, as evenly as possible. Returns
    (all, new).
    """
    trials = list(trials)
    now = {trial.key: trial for trial in trials}
    fixed: dict[str, Pack] = {}
    for pack in planned:
        members = tuple(now.get(trial.key, trial) for trial in pack.trials)  # labels may have changed
        pack = replace(pack, trials=members)
        for trial in members:
            fixed.setdefault(trial.key, pack)
    old = list({fixed[t.key].id: fixed[t.key] for t in trials if t.key in fixed}.values())
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.key not in fixed:
            groups[signature(trial)].append(trial)
    new = []
    for group, division in zip(groups.values(), divide(list(groups.values())), strict=True):
        new += [Pack(part, division.way) for part in evenly(group, division.packs)]
    return old + new, new


def evenly(group: Sequence[Trial], parts: int) -> list[tuple[Trial, ...]]:
    """Return `parts` runs of neighbours whose lengths differ by one at most, the longer first."""
    length, longer = divmod(len(group), parts)
    bounds = [i * length + min(i, longer) for i in range(parts + 1)]
    return [tuple(group[start:stop]) for start, stop in pairwise(bounds)]
