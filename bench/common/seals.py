"""Seals: checksums that say whether a stored file is as it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError

SEAL = "sha256"
"""Field of a JSON file that holds a checksum: the last one, of the text before it."""
_LENGTH = len(f', "{SEAL}": "{hashlib.sha256().hexdigest()}"}}')


def sealed(content: Mapping[str, Any]) -> bytes:
    """Return a table, which must not be empty, as JSON in UTF-8 with its seal.

    Raises ValueError for NaN and infinity.
    """
    rest = {name: value for name, value in content.items() if name != SEAL}
    return _closed(json.dumps(rest, allow_nan=False, ensure_ascii=False).encode()[:-1])


def check_seal(text: bytes, content: Mapping[str, Any]) -> None:
    """Raise ValueError unless a table and the text of its file have a seal that fits.

    Older files hold the checksum of their canonical JSON, which takes fifty times as long.
    """
    if text != _closed(text[:-_LENGTH]) and content.get(SEAL) != _of_content(content):
        raise ValueError("its content was changed: the checksum does not fit")


def _closed(text: bytes) -> bytes:
    """Return an open table's text, closed by its seal."""
    return text + f', "{SEAL}": "{hashlib.sha256(text).hexdigest()}"}}'.encode()


def _of_content(content: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(keys.canonical(rest)).hexdigest()


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
