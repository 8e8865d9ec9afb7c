"""Parcels: trials' folders as bytes, for machines that share no file system."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.merging import Merged, merge_trial
from gan_bench.bench.results.store import Store


def packed(store: Store, keys: Iterable[str]) -> bytes:
    """Return the folders of trials, those that are there, as the bytes of a zip file without compression."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for key in keys:
            for path in sorted(store.folder(key).rglob("[!.]*")):
                if path.is_file():
                    archive.write(path, path.relative_to(store.root))
    return content.getvalue()


def unpack(parcel: bytes, into: Path) -> Store:
    """Write the folders of a parcel below `into`, and nothing outside it; return the store that they are.

    Raises:
        UsageError: for bytes that are not as they were packed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            archive.extractall(into)
    except zipfile.BadZipFile as error:
        raise UsageError(f"records cannot be unpacked: {error}") from None
    return Store(into)


def adopt(parcel: bytes, store: Store) -> dict[str, str]:
    """Add the trials of a parcel to a store, as if they had been trained there.

    A trial that is there stays, unless it failed; evaluations that it lacks are added to it.

    Returns:
        Key -> what is wrong, in a sentence, of trials that are not as they were written; these are left out.

    Raises:
        UsageError: as :func:`unpack` does.
    """
    with tempfile.TemporaryDirectory() as folder:
        arrived = unpack(parcel, Path(folder))
        problems = {path.name: why for path, why in arrived.look_through(deep=True).items()}
        for key in arrived:
            there = store.read(key)
            if there is None or there.status == "failed":
                store.copy_trial(arrived.folder(key))
            else:
                merge_trial(arrived, store, key, Merged())
    return problems
