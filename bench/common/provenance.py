"""Where a result comes from: the code's revision, the libraries, the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

_LIBRARIES = ("gan-bench", "torch", "torchvision", "numpy", "scipy", "torch-fidelity", "POT")


def provenance(device: str, plugins: Iterable[Path] = ()) -> dict[str, Any]:
    """Plain values for every record of a run; what it cannot find is None."""
    return {
        "revision": revision(),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}},
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": device_name(device),
        "threads": 1,
        "flush_denormal": True,
        "plugins": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in plugins},
    }


@cache
def revision() -> str | None:
    """The git commit of this code, with `+changes` where files differ from it; None outside a checkout."""
    folder = Path(__file__).resolve().parents[2]
    try:
        if Path(_git(folder, "rev-parse", "--show-toplevel")).resolve() != folder:
            return None  # installed inside somebody else's checkout
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+changes" if changed else "")


def device_name(device: str) -> str:
    """The device as a person names it: `cpu`, or the model of the GPU."""
    if device.startswith("cuda"):
        import torch

        return f"{device} ({torch.cuda.get_device_name(device)})"
    return device


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", errors="replace", timeout=10
    ).stdout.strip()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or None
