"""Variants, datasets and networks of records that are not registered because their plug-in is not loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.results.records import Record


def missing(record: Record) -> list[str]:
    """Return the unregistered variant, dataset and network family of a record, as `variant 'mine'`."""
    trial = record.trial
    apart = [table for table in trial.network.values() if isinstance(table, Mapping)]
    families = dict.fromkeys(str(table.get("family")) for table in (trial.network, *apart))
    needs = [("variant", trial.variant), ("dataset", trial.data_source)]
    needs += [("network family", family) for family in families]
    return [f"{what} {name!r}" for what, name in needs if not catalogue.known(what, name)]


def sentence(needed: Sequence[str], provenance: Any) -> str:
    """Name what is missing and the plug-in files that a record's provenance holds."""
    files = " ".join(f"--plugin {name}" for name in provenance.get("plugins", {}))
    cure = (
        f"give {files}, as its run did" if files else "give the file that registers it with --plugin FILE.py"
    )
    verb = "is" if len(needed) == 1 else "are"
    return f"{' and '.join(needed)} {verb} not registered here: {cure}"


def require(record: Record, where: str) -> None:
    """Raise UsageError if a record needs a plug-in that was not given; `where` names the record."""
    if needed := missing(record):
        raise UsageError(f"{where}: {sentence(needed, record.provenance)}")
