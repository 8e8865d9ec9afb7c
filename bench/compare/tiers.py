"""The exact and the stability tier: what the same seeds gave before, and how many of them survive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from bench.compare.cells import Pair
from bench.compare.evidence import ALPHA, holm, p_fewer_survive
from bench.compare.findings import Finding

LOSS_RELATIVE, LOSS_ABSOLUTE = 1e-4, 1e-6
"""The same code gives the same bits; other bits soon make another training (by 4 % in 30 iterations)."""


def exact(pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Early losses of seeds that both sides trained.

    Only where nothing declared or known makes them differ: versions of variant, networks and engine; the
    pack, torch and the processor, on which the rounding depends.
    """
    for pair in pairs:
        if why := pair.unlike("versions") or pair.unlike("rounding"):
            yield Finding("exact", "note", pair.name, f"early losses not compared: {why}")
            continue
        before, after = pair.before.losses(), pair.after.losses()
        both = sorted((key for key in before if key in after), key=lambda key: key[2])
        old, new = (np.array([side[key] for key in both], float) for side in (before, after))
        same = np.isclose(new, old, LOSS_RELATIVE, LOSS_ABSOLUTE, equal_nan=True)
        if not same.all():
            first = int(np.argmin(same))
            seed, name, at = both[first]
            apart = len({key[0] for key, alike in zip(both, same, strict=True) if not alike})
            text = f"early losses differ in {apart} of {len({key[0] for key in both})} seeds: {name} of seed "
            text += f"{seed:.0f} at iteration {at:.0f} was {old[first]:.6g}, is {new[first]:.6g}"
            yield Finding("exact", "regression", pair.name, text, {"before": old[first], "after": new[first]})


def stability(pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Survival: cells in which nothing diverged before and something does now; fewer survivors of a sweep."""
    groups: dict[tuple, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.group].append(pair)
        lost, runs = pair.after.count("diverged"), len(pair.after.trials)
        if lost and not pair.before.count("diverged"):
            text = f"newly diverging: {lost} of {runs} seeds, none of {len(pair.before.trials)} before"
            yield Finding(
                "stability", "regression", pair.name, text, {"before": 1.0, "after": 1 - lost / runs}
            )
    tested = []
    for members in groups.values():
        sides = ([pair.before for pair in members], [pair.after for pair in members])
        total = [sum(len(cell.trials) for cell in cells) for cells in sides]
        alive = [n - sum(c.count("diverged") for c in cells) for n, cells in zip(total, sides, strict=True)]
        if alive[1] < total[1]:
            p_value = p_fewer_survive((alive[0], total[0]), (alive[1], total[1]))
            tested.append((members, alive, total, p_value))
    rejected = holm(np.array([p_value for *_, p_value in tested], float), ALPHA["stability"])
    for (members, alive, total, p_value), fewer in zip(tested, rejected, strict=True):
        if fewer:
            name = members[0].name if len(members) == 1 else " · ".join(map(str, members[0].group[:4]))
            text = (
                f"fewer survive: {alive[1]} of {total[1]}, {alive[0]} of {total[0]} before, p = {p_value:.2g}"
            )
            numbers = {"before": alive[0] / total[0], "after": alive[1] / total[1], "p_value": p_value}
            yield Finding("stability", "regression", name, text, numbers)
