"""Features of real images on disk: computed once per data, extractor and split, whoever asks."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch

from bench.metrics.extractors.base import Outputs

FORMAT = "1"  # raised when the same weights and images would give other features


def cached_outputs(folder: Path | None, key: tuple[str, ...], compute: Callable[[], Outputs]) -> Outputs:
    """The outputs stored under `key`, or else `compute()`, stored for the next time.

    The cache is a convenience: what cannot be read is computed anew, and a folder that cannot be written
    is done without. Files appear by renaming, so that two processes never see each other's half.

    Args:
        folder: where the files are; None stores nothing.
        key: everything the outputs depend on (content hash, extractor hash, split, count).
        compute: gives the outputs when they are not there.
    """
    if folder is None:
        return compute()
    key = (FORMAT, *key)
    path = folder / "features" / f"{hashlib.sha256('|'.join(key).encode()).hexdigest()[:32]}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _read(path, key)
    outputs = compute()
    with suppress(OSError):
        _write(path, key, outputs)
    return outputs


def _read(path: Path, key: tuple[str, ...]) -> Outputs:
    # Opened here: np.load leaves a file that turns out to be damaged open.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        if tuple(file["key"].tolist()) != key:
            raise KeyError(f"{path} belongs to another key")
        return Outputs(torch.from_numpy(file["features"]), torch.from_numpy(file["logits"]))


def _write(path: Path, key: tuple[str, ...], outputs: Outputs) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".npz", delete=False) as file:
        try:
            np.savez(
                file, key=np.array(key), features=outputs.features.numpy(), logits=outputs.logits.numpy()
            )
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
