"""Files that are written whole or not at all."""

from __future__ import annotations

import codecs
import json
import os
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gan_bench.bench.common.errors import UsageError


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
        content = json.loads(read_text(path, "JSON"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: damaged ({error})") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: damaged (not a table)")
    return content


def check_arrays(path: Path) -> None:
    """Raise UsageError, naming the file, unless it is an .npz file that can be read whole."""
    import numpy as np

    try:
        with zipfile.ZipFile(path) as file:
            if (broken := file.testzip()) is not None:
                raise ValueError(f"{broken} has another checksum")
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                arrays[name]
    except Exception as error:  # readers of damaged bytes raise anything, RuntimeError and zlib.error too
        raise UsageError(f"{path}: damaged ({error})") from None


def check_tensors(path: Path) -> None:
    """Raise UsageError, naming the file, unless it is a .safetensors file of the length it states."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            file.keys()
    except (SafetensorError, OSError, ValueError) as error:
        raise UsageError(f"{path}: damaged ({error})") from None


def sync(path: Path) -> None:
    """Have a file or folder written to the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
