"""The exact tier (early losses of the same seeds) and the stability tier (surviving runs and settings)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from gan_bench.bench.compare.cells import Pair
from gan_bench.bench.compare.evidence import ALPHA, holm, interval_of_shares, p_fewer_survive
from gan_bench.bench.compare.findings import Finding, joined
from gan_bench.bench.compare.layout import ROUNDING
from gan_bench.bench.compare.survival import compare_survival
from gan_bench.names import counted

LOSS_RELATIVE, LOSS_ABSOLUTE = 1e-4, 1e-6
"""Tolerances of early losses; unchanged code gives equal bits, other bits differ by up to 4 % soon after."""


def exact(pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Yield findings on early losses of seeds that both sides trained.

    Losses are compared if the versions of variant, networks and engine agree, and the pack, torch and the
    processor, which change rounding. Settings of one sweep share a finding.
    """
    differing: dict[tuple, list[Finding]] = defaultdict(list)
    for pair in pairs:
        before, after, both = pair.before.losses(), pair.after.losses(), common_losses(pair)
        why = _other_bits(pair) or ("" if both or not before else "no seed in common")
        if why:
            yield Finding("exact", "note", pair.name, f"early losses not compared: {why}")
            continue
        old, new = (np.array([side[key] for key in both], float) for side in (before, after))
        same = np.isclose(new, old, LOSS_RELATIVE, LOSS_ABSOLUTE, equal_nan=True)
        if not same.all():
            first = int(np.argmin(same))
            seed, name, at = both[first]
            apart = len({key[0] for key, alike in zip(both, same, strict=True) if not alike})
            text = f"early losses differ in {apart} of {len({key[0] for key in both})} seeds: {name} of seed "
            text += f"{seed:.0f} at iteration {at:.0f} was {old[first]:.6g}, is {new[first]:.6g}"
            numbers = {"before": old[first], "after": new[first]}
            differing[pair.group].append(Finding("exact", "regression", pair.name, text, numbers))
    yield from (joined(group) for group in differing.values())


def common_losses(pair: Pair) -> list[tuple[float, str, float]]:
    """Return (seed, loss, iteration) of early losses that must agree; none where bits may differ."""
    if _other_bits(pair):
        return []
    after = pair.after.losses()
    return sorted((key for key in pair.before.losses() if key in after), key=lambda key: key[2])


def _other_bits(pair: Pair) -> str:
    """Return the reason why equal seeds may give other bits on the two sides, or "" if there is none."""
    if why := pair.unlike("versions"):
        return f"versions differ: {why}"
    for fact in ROUNDING:
        if why := pair.unlike(fact):
            return "seeds were packed differently" if fact == "pack" else f"{fact} differs: {why}"
    return ""


def stability(pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Yield findings on survival: newly diverging seeds, and fewer surviving runs or settings.

    Equal bits cannot diverge by chance, so one newly diverging seed is a regression. Otherwise tests decide:
    McNemar's over the settings of a sweep, Fisher's over the runs of other cells, adjusted together (Holm).
    """
    groups: dict[tuple, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.group].append(pair)
    tested = []
    for members in groups.values():
        if diverging := [finding for pair in members for finding in _newly_diverging(pair)]:
            yield joined(diverging)
        finding = compare_survival(members) or _runs_alive(members)
        if finding and finding.verdict == "fine":
            tested.append(finding)
        elif finding:
            yield finding
    rejected = holm(np.array([finding.numbers["p_value"] for finding in tested], float), ALPHA["stability"])
    for finding, fewer in zip(tested, rejected, strict=True):
        yield replace(finding, verdict="regression") if fewer else finding


def _newly_diverging(pair: Pair) -> Iterator[Finding]:
    if _other_bits(pair):
        return
    alive = {row["seed"] for row in pair.before.trials if row["status"] == "finished"}
    both = alive & {row["seed"] for row in pair.after.trials}
    lost = {row["seed"] for row in pair.after.trials if row["status"] == "diverged"} & both
    if lost:
        text = f"newly diverging: {len(lost)} of {counted(len(both), 'seed')} that finished before"
        yield Finding(
            "stability", "regression", pair.name, text, {"before": 1.0, "after": 1 - len(lost) / len(both)}
        )


def _runs_alive(members: Sequence[Pair]) -> Finding | None:
    """Compare the shares of runs that did not diverge; return None if no run of the candidate diverged."""
    sides = ([pair.before for pair in members], [pair.after for pair in members])
    total = [sum(len(cell.trials) for cell in cells) for cells in sides]
    alive = [n - sum(c.count("diverged") for c in cells) for n, cells in zip(total, sides, strict=True)]
    if alive[1] == total[1]:
        return None
    before, after = zip(alive, total, strict=True)
    p_value, (low, high) = p_fewer_survive(before, after), interval_of_shares(before, after)
    change = after[0] / after[1] - before[0] / before[1]
    text = f"{alive[0]} of {counted(total[0], 'run')} survived, {alive[1]} of {total[1]} now: "
    text += f"{change:+.0%} of the runs ({low:+.0%} to {high:+.0%}), p = {p_value:.2g}"
    numbers = {"before": before[0] / before[1], "after": after[0] / after[1], "change": change}
    name = members[0].name if len(members) == 1 else f"{members[0].place} · {members[0].key['variant']}"
    return Finding("stability", "fine", name, text, {**numbers, "low": low, "high": high, "p_value": p_value})
