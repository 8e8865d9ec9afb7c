"""Features and statistics of real images on disk: computed once per data, extractor and split."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from gan_bench.bench.common.files import whole

Arrays = Mapping[str, np.ndarray]
FORMAT = "2"  # raised when the same weights and images would give other arrays


def cached_arrays(folder: Path | None, key: tuple[str, ...], compute: Callable[[], Arrays]) -> Arrays:
    """Return the arrays stored under `key`; where there are none, compute and store them.

    Files that cannot be read are computed anew; a folder that cannot be written is ignored. Files are renamed
    into place, so that no process reads a half-written one.

    Args:
        folder: where the files are; None stores nothing.
        key: everything the arrays depend on (quantity, content hash, extractor hash, split, count).
        compute: returns the arrays by name.
    """
    if folder is None:
        return compute()
    key = (FORMAT, *key)
    path = folder / "features" / f"{hashlib.sha256('|'.join(key).encode()).hexdigest()[:32]}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return _read(path, key)
    arrays = compute()
    with suppress(OSError):
        _write(path, key, arrays)
    return arrays


def _read(path: Path, key: tuple[str, ...]) -> Arrays:
    # Opened here, because np.load leaves a damaged file open.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = dict(file)
        if tuple(arrays.pop("key").tolist()) != key:
            raise KeyError(f"{path} belongs to another key")
        return arrays


def _write(path: Path, key: tuple[str, ...], arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez(file, allow_pickle=False, key=np.array(key), **arrays)
