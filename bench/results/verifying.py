"""Check every file of a store: checksums, keys, layouts and versions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import damaged_ends
from gan_bench.names import counted


@dataclass(frozen=True)
class Verified:
    """The contents of a store, and what is wrong with it.

    Attributes:
        counts: of trials, evaluations, reference rows and plans that are whole, by the word for them.
        statuses: number of trials by status.
        unsealed: trials of the first layout, which has no checksums; their files can be read.
        versions: numbers of trials by the versions of variant, networks and engine.
        packages: numbers of trials by version of torch.
        problems: what is wrong, a sentence by path.
    """

    counts: dict[str, int]
    statuses: dict[str, int]
    unsealed: int
    versions: dict[str, int]
    packages: dict[str, int]
    problems: dict[Path, str]

    def lines(self) -> list[str]:
        """Return the result as lines for a terminal."""
        lines = [", ".join(f"{word}: {count}" for word, count in self.counts.items()) + "."]
        if self.statuses:
            lines.append(
                "Of the trials " + ", ".join(f"{n} {status}" for status, n in self.statuses.items()) + "."
            )
        for what, found in (("Numerics versions", self.versions), ("torch", self.packages)):
            if len(found) > 1:
                several = ", ".join(
                    f"{name} ({counted(count, 'trial')})" for name, count in sorted(found.items())
                )
                lines.append(f"{what} of several kinds: {several}.")
        if self.unsealed:
            lines.append(
                f"Written without checksums, by an earlier version: {counted(self.unsealed, 'trial')}."
            )
        return lines


def verify(store: Store) -> Verified:
    """Read all files of a store, checkpoints too; nothing is changed."""
    problems = {**store.look_through(deep=True), **damaged_ends(store.root)}
    records = [record for key in store if (record := store.read(key)) is not None]
    evaluations = sum(len(store.evaluations(record.trial.key)) for record in records)
    counts = {
        "Trials": len(records),
        "evaluations": evaluations,
        "reference rows": len(store.references()),
        "plans": len(store.plan_files()),
    }
    packages = (record.provenance.get("versions", {}).get("torch", "unknown") for record in records)
    return Verified(
        counts,
        dict(Counter(str(record.status) for record in records)),
        sum(record.files is None for record in records),
        dict(Counter(map(_numerics, records))),
        dict(Counter(map(str, packages))),
        problems,
    )


def _numerics(record: Record) -> str:
    """Return the versions of networks and engine; variants have their own, which tables keep apart."""
    versions = {name: number for name, number in record.trial.versions.items() if name != "variant"}
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
