"""The connection to a Ray cluster: an existing one, or a local one that is started for it."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.interrupt import handlers_kept
from gan_bench.bench.common.startup import importable
from gan_bench.bench.running.executors.base import Setup

MEMORY = 256 * 2**20
"""Bytes of a local cluster's store of objects, which hold a few packs' records at a time."""
ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Without this variable a cluster whose only address is loopback is not found by its own processes."""
ANSWER = 3.0
"""Seconds within which the head of a cluster must answer."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Ray reports nothing to its makers, and leaves the view of GPUs of processes without one as it is."""


@contextlib.contextmanager
def connected(setup: Setup) -> Iterator[Any]:
    """Give the module `ray`, connected to the cluster of a run's setup; a local one ends with the block.

    Raises:
        UsageError: for a cluster that cannot be reached.
    """
    with contextlib.ExitStack() as stack:
        for name, value in (QUIET | (ALONE if setup.address is None else {})).items():
            os.environ.setdefault(name, value)
        check_address(setup.address)
        import ray

        path = stack.enter_context(importable())
        there = {"runtime_env": {"env_vars": {"PYTHONPATH": path}}}  # processes of a local cluster inherit it
        where = {"address": setup.address, **there} if setup.address else _local(setup, stack)
        stack.callback(ray.shutdown)  # before the folder goes
        try:
            with handlers_kept():
                ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError) as error:
            if setup.address is None:
                raise
            raise UsageError(
                f"--ray-address {setup.address}: no Ray cluster can be reached there ({one_line(error)}); "
                "expected HOST:PORT, or auto for the cluster of this machine"
            ) from None
        yield ray


def check_address(address: str | None) -> None:
    """Raise UsageError for an address at which nothing answers; Ray itself would try for minutes."""
    if address in (None, "auto"):
        return
    host, _, port = (address or "").rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise UsageError(
            f"--ray-address {address}: expected HOST:PORT, or auto for the cluster of this machine"
        )
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER).close()
    except OSError as error:
        raise UsageError(
            f"--ray-address {address}: nothing answers there ({error.strerror or error})"
        ) from None


def _local(setup: Setup, stack: contextlib.ExitStack) -> dict[str, Any]:
    """Return the settings of a cluster of this machine alone; `stack` removes its files."""
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: it holds sockets, whose names are limited
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    gpus = {place.device for place in setup.places if is_gpu(place.device)}
    return {
        "address": "local",
        "num_cpus": len(setup.places),
        "num_gpus": len(gpus),
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(folder),
        "include_dashboard": False,
        "object_store_memory": MEMORY,
    }
