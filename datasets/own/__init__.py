"""Datasets of a user's own files, by a name of the command line: `images:FOLDER`, `FILE.npz`, `hf:NAME`.

`load` reads such a name; `datasets.registry.load` calls it, so these names are accepted wherever a dataset
is named.
"""

from __future__ import annotations

from collections.abc import Callable

from gan_bench.datasets.base import Dataset, DatasetError
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.own.address import FLAG, Address
from gan_bench.datasets.own.arrays import array_dataset
from gan_bench.datasets.own.folder import folder_dataset
from gan_bench.names import suggestion


def _parquet(address: Address, folders: Folders) -> Dataset:
    from gan_bench.datasets.own.parquet import parquet_dataset  # pyarrow is slow to import

    return parquet_dataset(address, folders)


__all__ = ["FLAG", "Address", "is_address", "load"]
READERS: dict[str, Callable[[Address, Folders], Dataset]] = {
    "images": folder_dataset,
    "npz": array_dataset,
    "hf": _parquet,
}
"""Readers of addresses, by scheme."""


def is_address(name: str) -> bool:
    """Return whether a dataset's name is the place of a user's own files."""
    return Address.parse(name) is not None


def load(name: str, folders: Folders) -> Dataset:
    """Return the dataset at an address.

    Args:
        name: `images:FOLDER`, `FILE.npz`, `npz:FILE` or `hf:NAME`, with options after commas, see `Address`.
        folders: where downloads are kept, and whether they are allowed.

    Raises:
        DatasetError: for another scheme, and for files that are not there or are no such data.
    """
    address = Address.parse(name)
    if address is None or address.scheme not in READERS:
        raise DatasetError(f"unknown kind of data in {name!r}; {suggestion(name.partition(':')[0], READERS)}")
    return READERS[address.scheme](address, folders)
