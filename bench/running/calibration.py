"""Facts about this machine that are found out once and remembered: its ability to compile, for one."""

from __future__ import annotations

import os
import platform
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import read_json, write_json
from gan_bench.bench.common.startup import keep_programs
from gan_bench.bench.planning import catalogue


class Memory:
    """Small facts in a file of the user's cache folder; without the file each is measured again.

    Args:
        path: of the JSON file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self, key: str) -> Any:
        """Return the value kept under `key`, or None."""
        with suppress(UsageError):  # missing or damaged: a convenience, not a record
            return read_json(self.path).get(key)
        return None

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value; a folder that cannot be written is ignored."""
        known: dict[str, Any] = {}
        with suppress(UsageError):
            known = read_json(self.path)
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, {**known, key: value})


def compiler_trouble(memory: Memory) -> str | None:
    """Return the reason why nothing can be compiled on this machine, or None; success is remembered."""
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    key = "compiles " + keys.digest(
        [str(compiler), platform.node(), platform.python_version(), torch_version()]
    )
    if memory.recall(key):
        return None
    from gan_bench.bench.engine.compiled import compilation_error

    keep_programs(catalogue.cache_folder())
    why = compilation_error()
    if why is None:
        memory.keep(key, True)
    return why


def torch_version() -> str:
    """Return the version of torch; what is remembered of a machine belongs to one."""
    import torch

    return torch.__version__
