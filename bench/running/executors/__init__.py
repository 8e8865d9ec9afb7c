"""Executors: each places the tasks of a run in processes. They are chosen by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.running.executors.base import (
    Call,
    Done,
    Event,
    Executor,
    Lost,
    Progressed,
    Said,
    Setup,
    Started,
)
from gan_bench.bench.running.executors.cluster import check_address
from gan_bench.bench.running.executors.inline import Inline
from gan_bench.bench.running.executors.ray import RayCluster
from gan_bench.bench.running.executors.slurm import Slurm, parse
from gan_bench.bench.running.executors.workers import Workers

__all__ = [
    "Call",
    "Done",
    "Event",
    "Executor",
    "Inline",
    "Lost",
    "Progressed",
    "RayCluster",
    "Said",
    "Setup",
    "Slurm",
    "Started",
    "Workers",
    "check",
    "check_address",
    "is_here",
    "make",
    "parse",
    "shares_files",
]

EXECUTORS: dict[str, Callable[[Setup], Executor]] = {
    "inline": lambda setup: Inline(setup.places[0]),
    "workers": lambda setup: Workers(setup.places, setup.ahead, setup.timeout),
    "ray": RayCluster,
    "slurm": Slurm,
}
DEFAULT = "workers"
"""Nothing trains in the process of the command unless asked for, because a variant may end its process."""
NEEDS = {"ray": ("ray", "ray"), "slurm": ("submitit", "slurm")}
"""Executor -> the library that it needs, and the extra that installs it."""
AWAY = frozenset({"ray"})
"""Executors whose processes need not share a file system with this one."""


def check(name: str) -> None:
    """Raise UsageError for an unknown executor, and for one whose library is not installed."""
    check_name("executor", name, EXECUTORS)
    library, extra = NEEDS.get(name, ("", ""))
    if library and importlib.util.find_spec(library) is None:
        raise UsageError(
            f"--executor {name} needs the package {library}, which is not installed here; "
            f"`pip install 'gan-bench[{extra}]'` installs it"
        )


def shares_files(name: str) -> bool:
    """Return whether the processes of an executor write to the store themselves."""
    return name not in AWAY


def is_here(name: str, address: str | None) -> bool:
    """Return whether an executor's processes are those of this machine; `address` is of a Ray cluster."""
    return name != "slurm" and address is None


def make(name: str, setup: Setup) -> Executor:
    """Return the executor of a name, a key of `EXECUTORS`.

    Raises:
        UsageError: as :func:`check` does.
    """
    check(name)
    return EXECUTORS[name](setup)
