"""Memory that has run out: exceptions that say so, and processes that the kernel has ended for it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))
"""Files that count processes ended for lack of memory: of this container, else of the machine (Linux)."""
_REFUSED = ("can't allocate memory", "not enough memory")
"""Words of PyTorch's allocator on the CPU, which raises RuntimeError."""


def is_lack_of_memory(error: BaseException) -> bool:
    """Return whether an exception, or one from which it was raised, says that memory ran out."""
    out_of_memory = [MemoryError]
    if (torch := sys.modules.get("torch")) is not None:
        out_of_memory.append(torch.OutOfMemoryError)
    chain: BaseException | None = error
    while chain is not None:
        refused = isinstance(chain, RuntimeError) and any(words in str(chain) for words in _REFUSED)
        if refused or isinstance(chain, tuple(out_of_memory)):
            return True
        chain = chain.__cause__ or chain.__context__
    return False


def ended_for_memory() -> int | None:
    """Return the number of processes that the kernel has ended for lack of memory; None if not known."""
    for path in _COUNTERS:
        with contextlib.suppress(OSError, ValueError):
            for line in path.read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    return None


def end_me_first() -> None:
    """Let the kernel end this process before others (Linux) when memory runs out."""
    with contextlib.suppress(OSError):
        setting = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        with contextlib.closing(os.fdopen(setting, "w")) as file:
            file.write("500")
