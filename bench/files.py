"""Files that are written whole or not at all."""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.errors import UsageError


def now() -> str:
    """The time, UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat()


def read_text(path: Path, what: str) -> str:
    """Return the text of a UTF-8 file, or of a UTF-16 one with its byte-order mark, without the mark.

    Raises UsageError, naming the file and `what` it was to be, where it cannot be read.
    """
    try:
        content = path.read_bytes()
        marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return content.decode("utf-16" if marked else "utf-8-sig")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(f"{path}: cannot be read as {what}: {reason}") from None


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON under a temporary name, sync it, rename it into place."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(content, file, allow_nan=False, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """The table in a JSON file; raises UsageError, naming the file, where there is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: damaged ({error}); move its folder away to have the trial run again"
        ) from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: damaged (not a table); move its folder away to have the trial run again")
    return content


def sync(path: Path) -> None:
    """Have a file or folder written to the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
