"""Provenance of a result: the code's revision, the libraries, the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

_LIBRARIES = ("gan-bench", "torch", "torchvision", "numpy", "scipy", "torch-fidelity", "POT")


@cache
def provenance(device: str, plugins: tuple[Path, ...] = ()) -> Mapping[str, Any]:
    """Return plain values for every record that this process writes; those that are not known are None.

    They are found out once, as code and plug-ins are loaded once.
    """
    return {
        "revision": revision(),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}},
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": device_name(device),
        "threads": 1,
        "flush_denormal": True,
        "plugins": dict(zip(names_of(plugins), map(_hash, plugins), strict=True)),
    }


def names_of(files: Sequence[Path]) -> list[str]:
    """Return the names of files, and the whole path where two have one name."""
    names = [file.name for file in files]
    return [str(file) if names.count(file.name) > 1 else file.name for file in files]


@cache
def revision() -> str | None:
    """Return the commit of this code, with `+changes` where files differ from it; None outside a checkout."""
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
    """Return the device as a person names it: `cpu`, or the model of the GPU."""
    return f"{device} ({device_kind(device)})" if device.startswith("cuda") else device


def device_kind(device: str) -> str:
    """Return `cpu`, or the model of the GPU: two devices of one kind give the same bits."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_name(device)
    return device


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", errors="replace", timeout=10
    ).stdout.strip()


def _hash(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # a plug-in that this process has not got: its tasks fail, and their records say so
        return None


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
