"""Provenance of a result: the code's revision, the libraries, the machine, what else decides its numbers."""

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

from gan_bench.bench.common import machine

ROOMS = ("bench", "variants", "datasets", "reports")
_LIBRARIES = (
    "gan-bench", "torch", "torchvision", "numpy", "scipy", "scikit-learn", "scikit-image", "torch-fidelity",
    "pandas", "Pillow", "h5py", "safetensors",
)  # fmt: skip


def provenance(device: str, plugins: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return plain values for every record that this process writes; those that are not known are None.

    Code, plug-ins and machine are found out once, as they are loaded once; settings of torch each time.
    """
    return {**_fixed(device, plugins), **machine.settings()}


@cache
def _fixed(device: str, plugins: tuple[Path, ...]) -> Mapping[str, Any]:
    return {
        "revision": revision(),
        "code": code(),
        "versions": versions(),
        "platform": platform.platform(),
        "node": platform.node(),
        "processor": machine.processor(),
        "cores": os.cpu_count(),
        "device": device_name(device),
        "gpu": machine.gpu(device),
        "plugins": dict(zip(names_of(plugins), map(hash_of, plugins), strict=True)),
    }


@cache
def versions() -> Mapping[str, str | None]:
    """Return the versions of Python and of the libraries that calculate, measure or read; None: not here."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


def names_of(files: Sequence[Path]) -> list[str]:
    """Return the names of files, and the whole path where two have one name."""
    names = [file.name for file in files]
    return [str(file) if names.count(file.name) > 1 else file.name for file in files]


@cache
def revision() -> str | None:
    """Return the commit of this code, with `+changes` where files differ from it; None outside a checkout.

    A new file among the code counts as a change; results and notes beside the code do not.
    """
    folder = _root()
    try:
        if Path(_git(folder, "rev-parse", "--show-toplevel")).resolve() != folder:
            return None  # installed inside somebody else's checkout
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
        new = _git(folder, "ls-files", "--others", "--exclude-standard", "--", *ROOMS)
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+changes" if changed or new else "")


@cache
def code() -> str:
    """Return the SHA-256, 64 hex digits, of the names and contents of all files of code and settings.

    Two processes with one hash run the same code, wherever it is installed and whatever its revision says.
    """
    digest = hashlib.sha256()
    root = _root()
    files = (path for room in ROOMS for path in (root / room).rglob("*") if path.suffix in (".py", ".toml"))
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def device_name(device: str) -> str:
    """Return the device as a person names it: `cpu`, or the model of the GPU."""
    return f"{device} ({device_kind(device)})" if device.startswith("cuda") else device


def device_kind(device: str) -> str:
    """Return `cpu`, or the model of the GPU: two devices of one kind give the same bits."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_name(device)
    return device


def _root() -> Path:
    """Return the folder that holds the four packages: the checkout, or the installed package."""
    return Path(__file__).resolve().parents[2]


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", errors="replace", timeout=10
    ).stdout.strip()


def hash_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, 64 hex digits; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # a plug-in that this process has not got: its tasks fail, and their records say so
        return None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
