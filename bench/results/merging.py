"""Merge stores: trials, evaluations, reference rows, plans and kept ends of several folders in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import unwritable
from gan_bench.bench.results.damage import refuse_newer
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import copy_ends


@dataclass
class Merged:
    """Outcome of a merge.

    Attributes:
        trials: copied.
        evaluations: added to trials that were there.
        there: trials that were there already, as they are.
        others: trials that were there with other numbers, by key and folder; the first ones stay.
        ends: copied, from which longer trainings continue.
        left_out: damaged files, a sentence by path.
        replaced: damaged files of the destination in whose place whole ones are now, likewise.
    """

    trials: int = 0
    evaluations: int = 0
    there: int = 0
    ends: int = 0
    others: list[Path] = field(default_factory=list)
    left_out: dict[Path, str] = field(default_factory=dict)
    replaced: dict[Path, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the result as lines for a terminal."""
        lines = [
            f"Trials copied: {self.trials}, there before: {self.there}. Evaluations: {self.evaluations}."
            + (f" Ends, for longer trainings: {self.ends}." if self.ends else "")
        ]
        lines += [
            f"{path}: another training of a trial that is there; that one stays." for path in self.others
        ]
        lines += [f"Replaced: {why}" for why in self.replaced.values()]
        return lines + [f"Left out: {why}" for why in self.left_out.values()]


def merge(sources: Sequence[Path], target: Path) -> Merged:
    """Copy what is whole in `sources` into `target`, which may exist; the sources do not change.

    A failed trial gives way to one that did not fail. Of two trainings of one trial with other numbers
    (other machines or packs) the first stays.

    Raises:
        UsageError: for a source that is no folder of results, or a target that cannot be written or has
            results of a newer version.
    """
    for source in sources:
        if not (source / "trials").is_dir():
            raise UsageError(f"{source}: not a folder of results (it has no folder trials)")
    into, merged = Store(target), Merged()
    into.check_writable()
    damaged = dict(into.look_through())
    refuse_newer(damaged)
    with unwritable(f"cannot write results to {target}"):
        _merge(sources, into, merged)
    for path, why in damaged.items():
        whole = path.exists() and path not in into.left_out
        (merged.replaced if whole else merged.left_out)[path] = why
    return merged


def _merge(sources: Sequence[Path], into: Store, merged: Merged) -> None:
    for source in sources:
        if source.resolve() == into.root.resolve():
            continue
        store = Store(source)
        merged.left_out |= store.look_through(deep=True)
        for key in store:
            merge_trial(store, into, key, merged)
        for row in store.references():
            if not into.has_reference(row.key):
                into.add_reference(row)
        for path in store.plan_files():
            into.copy_plan(path)
        ends, damaged = copy_ends(store.root, into.root)
        merged.ends += ends
        merged.left_out |= damaged


def merge_trial(store: Store, into: Store, key: str, merged: Merged) -> None:
    """Add one trial of a store to another, or the evaluations that it lacks there, and count that."""
    mine, theirs = store.read(key), into.read(key)
    assert mine is not None
    if theirs is None or (theirs.status == "failed" and mine.status != "failed"):
        into.copy_trial(store.folder(key))
        merged.trials += 1
        return
    merged.there += 1
    if (mine.status, mine.history) != (theirs.status, theirs.history):
        if mine.status != "failed":
            merged.others.append(store.folder(key))
        return
    for evaluation in store.evaluations(key):
        if not into.has_evaluation(key, evaluation.key):
            into.add_evaluation(key, evaluation)
            merged.evaluations += 1
