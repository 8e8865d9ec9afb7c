"""Seals: checksums that say whether a stored file is as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError

SEAL = "sha256"
"""Field of a JSON file that holds the checksum of all others."""


def checksum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256, 64 hex digits, of a table's canonical JSON without its seal.

    Raises ValueError for NaN and infinity.
    """
    rest = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(keys.canonical(rest)).hexdigest()


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with its seal."""
    return {**content, SEAL: checksum(content)}


def check_seal(content: Mapping[str, Any]) -> None:
    """Raise ValueError unless a table has its seal."""
    if content.get(SEAL) != checksum(content):
        raise ValueError("its content was changed: the checksum does not fit")


def seal_of(path: Path) -> dict[str, Any]:
    """Return the size in bytes and the SHA-256 of a file; raise OSError where it cannot be read."""
    with open(path, "rb") as file:
        return {"bytes": path.stat().st_size, SEAL: hashlib.file_digest(file, "sha256").hexdigest()}


def check_file(path: Path, seal: Mapping[str, Any]) -> None:
    """Raise UsageError, naming the file, unless it has the size and checksum of its seal."""
    try:
        found = seal_of(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    if found["bytes"] != seal["bytes"]:
        raise UsageError(f"{path}: damaged ({found['bytes']:,} bytes, written with {seal['bytes']:,})")
    if found[SEAL] != seal[SEAL]:
        raise UsageError(f"{path}: damaged, or a file of another trial: the checksum does not fit")
