"""The processor cores that this process may use."""

from __future__ import annotations

import os


def cores() -> int:
    """Return their number: those of the process's affinity where the system states it, else all."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
