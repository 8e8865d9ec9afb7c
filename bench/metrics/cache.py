"""Facts of real images, on disk: computed once per data, extractor and split, for every process."""

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
    """The arrays stored under `key`, or else `compute()`, stored for the next time.

    The cache is a convenience: what cannot be read is computed anew, and a folder that cannot be written
    is done without. Files appear by renaming, so that two processes never see each other's half.

    Args:
        folder: where the files are; None stores nothing.
        key: everything the arrays depend on (what they are, content hash, extractor hash, split, count).
        compute: gives the arrays by name when they are not there.
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
    # Opened here: np.load leaves a file that turns out to be damaged open.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = dict(file)
        if tuple(arrays.pop("key").tolist()) != key:
            raise KeyError(f"{path} belongs to another key")
        return arrays


def _write(path: Path, key: tuple[str, ...], arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez(file, allow_pickle=False, key=np.array(key), **arrays)
