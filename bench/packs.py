"""Packs: trials that differ only in seed and continuous hyperparameters, trained as one batched program."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bench import catalogue, keys
from bench.trial import Trial

LARGEST = 16
"""Of `--pack auto` for the small networks of toy data: from here on a CPU core gains little more."""


@dataclass(frozen=True)
class Pack:
    """Trials that are trained together, in this order."""

    trials: tuple[Trial, ...]

    @property
    def id(self) -> str:
        """A hash of the members' keys: what a record states as its pack."""
        return keys.digest([trial.key for trial in self.trials])


def signature(trial: Trial) -> str:
    """What the members of a pack have in common, as a hash. A schedule counts as structural."""
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
            "free": sorted(free & trial.hyperparameters.keys() - structural.keys()),
            "budget": [trial.kimg, trial.points, trial.dtype, trial.samples, trial.final_samples],
            "versions": trial.versions,
        }
    )


def automatic_size(trial: Trial, device: str) -> int:
    """The pack size of `auto`: toy networks gain from packing everywhere, image networks only on a GPU."""
    return LARGEST if trial.kind != "images" or device.startswith("cuda") else 1


def assemble(
    trials: Iterable[Trial], size_of: Callable[[Trial], int], planned: Iterable[Pack] = ()
) -> tuple[list[Pack], list[Pack]]:
    """Packs that hold every trial: first those `planned` before that hold one of them, then new ones.

    New packs have at most `size_of(trial)` members and are as even as possible. Returns (all, new).
    """
    trials = list(trials)
    now = {trial.key: trial for trial in trials}
    fixed: dict[str, Pack] = {}
    for pack in planned:
        pack = Pack(tuple(now.get(trial.key, trial) for trial in pack.trials))  # labels may have changed
        for trial in pack.trials:
            fixed.setdefault(trial.key, pack)
    old = list({fixed[t.key].id: fixed[t.key] for t in trials if t.key in fixed}.values())
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.key not in fixed:
            groups[signature(trial)].append(trial)
    new = []
    for group in groups.values():
        count = math.ceil(len(group) / size_of(group[0]))
        start = 0
        for i in range(count):
            stop = start + math.ceil((len(group) - start) / (count - i))
            new.append(Pack(tuple(group[start:stop])))
            start = stop
    return old + new, new
