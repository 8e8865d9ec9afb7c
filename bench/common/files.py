"""Files that are written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import from_json

from gan_bench.bench.common.errors import UsageError, one_line


def now() -> str:
    """Return the time, UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat()


def read_text(path: Path, what: str) -> str:
    """Return the text of a UTF-8 file, or of a UTF-16 one with its byte-order mark, without the mark.

    Raises UsageError, naming the file and `what` it was to be, where it cannot be read.
    """
    return as_text(read_bytes(path, what), path, what)


def read_bytes(path: Path, what: str) -> bytes:
    """Return the bytes of a file; raise UsageError, naming it and `what` it was to be, where that fails."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(f"{path}: cannot be read as {what}: {reason}") from None


def as_text(content: bytes, path: Path, what: str) -> str:
    """Return the text that the bytes of a file are, as :func:`read_text`."""
    try:
        marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return content.decode("utf-16" if marked else "utf-8-sig")
    except ValueError as error:
        raise UsageError(f"{path}: cannot be read as {what}: {error}") from None


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that becomes `path` at the end of the block, or leaves no trace if that raises.

    It has a temporary name beside `path`, is synced and then renamed. A link is followed, not replaced.
    Raises OSError.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}-{os.urandom(6).hex()}")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, content: bytes | str) -> None:
    """Write bytes, or a text in UTF-8, whole or not at all; raise OSError where that is impossible."""
    with whole(path) as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a table as JSON, whole or not at all; raise OSError where that is impossible."""
    write(path, json.dumps(content, allow_nan=False, ensure_ascii=False))


@contextlib.contextmanager
def unwritable(place: str) -> Iterator[None]:
    """Turn an OSError into a UsageError that says what cannot be written, or which option names it."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror or error}") from None


def make_folder(path: Path, option: str) -> None:
    """Make a folder that an option names, unless it is there.

    Raises UsageError where that, or writing into it, is impossible.
    """
    with unwritable(f"{option} {path}"):
        path.mkdir(parents=True, exist_ok=True)
    check_folder(path, f"{option} {path}")


def check_folder(path: Path, place: str) -> None:
    """Raise UsageError where a folder cannot be made at a path, or written into if it is there.

    Nothing is left behind. `place` begins the message, as for :func:`unwritable`.
    """
    with unwritable(place), tempfile.TemporaryFile(dir=_nearest(path.absolute())):
        pass


def check_file(path: Path, place: str) -> None:
    """Raise UsageError where a file cannot be written at a path; otherwise as :func:`check_folder`."""
    with unwritable(place):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder; expected the name of a file")
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"there is no folder {path.parent}")
        _nearest(path.absolute())  # raises for names that are too long
    check_folder(path.parent, place)


def _nearest(path: Path) -> Path:
    """Return a path, or the nearest one above it that exists; raise OSError where none can be made there."""
    for place in (path, *path.parents):
        with contextlib.suppress(FileNotFoundError):
            place.stat()
            return place
        if place.is_symlink():
            raise FileExistsError(errno.EEXIST, f"{place} is a link to what does not exist")
    return path


def read_json(path: Path) -> dict[str, Any]:
    """Return the table in a JSON file; raise UsageError, naming the file, where there is none."""
    return as_table(read_bytes(path, "JSON"), path)


def as_table(text: bytes, path: Path) -> dict[str, Any]:
    """Return the table that the bytes of a JSON file are; raise UsageError, naming it, for others."""
    try:
        content = _parsed(text, path)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: damaged ({one_line(error)})") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: damaged (not a table)")
    return content


def _parsed(text: bytes, path: Path) -> Any:
    """Return what JSON holds: by the faster reader, or by Python's, which accepts and explains more."""
    try:
        return from_json(text)
    except ValueError:
        return json.loads(as_text(text, path, "JSON"))


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
        raise UsageError(f"{path}: damaged ({one_line(error)})") from None


def check_tensors(path: Path) -> None:
    """Raise UsageError, naming the file, unless it is a .safetensors file of the length it states."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            file.keys()
    except (SafetensorError, OSError, ValueError) as error:
        raise UsageError(f"{path}: damaged ({one_line(error)})") from None


def sync(path: Path) -> None:
    """Have a file or folder written to the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
