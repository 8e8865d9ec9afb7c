"""Trials of a store are looked at: by one process, or by one per core where many are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results import damage
from gan_bench.bench.results.whole import Texts, Whole, texts
from gan_bench.cores import cores

if TYPE_CHECKING:
    from gan_bench.bench.results.index import Added, Index

PART = 250
"""Trials that a process looks at at a time."""
WORTH = 1_500
"""Trials that the index does not know from which further processes, which take seconds to start, pay."""


@dataclass(frozen=True)
class _Part:
    problems: Mapping[Path, str | None]
    hashes: Mapping[str, str]
    added: Added


def look_at(
    root: Path, folders: Sequence[Path], index: Index, whole: Whole, *, deep: bool
) -> dict[Path, str | None]:
    """Return what is wrong with trials of a store, by folder; None where nothing is.

    Args:
        root: of the store.
        folders: of the trials.
        index: of the store; it takes up what is checked. What it knows is not read in full, unless `deep`.
        whole: takes up the checksums of what is checked.
        deep: also read the checkpoints, see :func:`damage.check`.
    """
    found: dict[Path, str | None] = {}
    new = [folder for folder in folders if deep or not index.holds(folder.name)]
    if len(new) >= WORTH and cores() > 1:
        for part in _side_by_side(root, new, deep):
            found |= part.problems
            whole.know(part.hashes)
            index.take(part.added)
    rest = (folder for folder in folders if folder not in found)
    return found | {folder: _look_at(folder, index, whole, deep) for folder in rest}


def _side_by_side(root: Path, folders: Sequence[Path], deep: bool) -> list[_Part]:
    from gan_bench.reports.processes import Processes

    units = [(folders[first : first + PART], deep) for first in range(0, len(folders), PART)]
    with Processes(min(cores(), len(units)), _load) as sharing:
        return sharing.map(_look_at_part, root, units)


def _load() -> None:
    import gan_bench.bench.results.index  # noqa: F401


def _look_at_part(root: Path, folders: Sequence[Path], deep: bool) -> _Part:
    from gan_bench.bench.results.index import Index

    index, whole = Index(root), Whole()
    problems = {folder: _look_at(folder, index, whole, deep) for folder in folders}
    return _Part(problems, whole.hashes, index.added())


def _look_at(folder: Path, index: Index, whole: Whole, deep: bool) -> str | None:
    """Return what is wrong with a trial; one that the index knows is not read in full, unless `deep`.

    A trial that another run puts in place of a failed one meanwhile is looked at again.
    """
    found = texts(folder)
    while (why := _problem(folder, found, index, whole, deep)) is not None:
        if (now := texts(folder)).digest == found.digest:
            return why
        found = now
    return None


def _problem(folder: Path, found: Texts, index: Index, whole: Whole, deep: bool) -> str | None:
    known = None if deep else index.get(folder.name, found.digest)
    try:
        if known is not None:
            damage.check_known(folder, known.seals)
            whole.know(found.hashes)
        else:
            record, evaluations = damage.check(folder, found, whole, deep=deep)
            index.add(record, evaluations, None if deep else found.digest)
    except UsageError as error:
        return str(error)
    return None
