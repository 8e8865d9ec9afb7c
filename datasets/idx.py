"""IDX files (LeCun's format for MNIST): find, check and read them."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_bench.datasets.base import DatasetError

IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
FILES = tuple(f"{part}-{content}" for part in ("train", "t10k") for content in (IMAGES, LABELS))


@dataclass(frozen=True)
class FileSet:
    """The four files of an MNIST-like dataset and their checksums.

    Attributes:
        folder: the folder's name in torchvision's layout: ROOT/folder/raw/.
        packed: SHA-256 of each ``.gz`` file.
        unpacked: SHA-256 of each file's content.
    """

    folder: str
    packed: dict[str, str]
    unpacked: dict[str, str]

    @property
    def title(self) -> str:
        """Return the name for messages."""
        return self.folder

    def lacking(self, cache: Path) -> dict[Path, str]:
        """Return the ``.gz`` files that a cache lacks, with their SHA-256."""
        there = self.find(cache)
        raw = cache / self.folder / "raw"
        return {raw / f"{name}.gz": self.packed[name] for name in FILES if name not in there}

    def mirrors(self) -> Sequence[str]:
        """Return the addresses that torchvision publishes, to which file names are appended."""
        from torchvision import datasets as published  # slow to import; its folders are its classes' names

        return getattr(published, self.folder).mirrors

    def find(self, root: Path) -> dict[str, Path]:
        """Return the files in `root`; of a packed and an unpacked one the unpacked, as torchvision does.

        Raises:
            DatasetError: if the folder cannot be read.
        """
        raw = root / self.folder / "raw"
        try:
            there = [path for name in FILES for path in (raw / f"{name}.gz", raw / name) if path.is_file()]
        except OSError as error:
            raise DatasetError(f"cannot look into {raw}: {error.strerror or error}") from error
        return {path.name.removesuffix(".gz"): path for path in there}

    def read(self, name: str, path: Path) -> np.ndarray:
        """Return the file's content as a uint8 array, after a check of its checksum.

        Raises:
            DatasetError: for a file that cannot be read, or whose checksum is wrong.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DatasetError(f"cannot read {path}: {error.strerror or error}") from error
        packed = path.suffix == ".gz"
        check(content, (self.packed if packed else self.unpacked)[name], str(path))
        return parse(unpack(content, path) if packed else content, path)


def check(content: bytes, expected: str, place: str) -> None:
    """Compare the SHA-256 of a file's bytes with the expected one.

    Raises:
        DatasetError: naming the file's place (path or address) and both checksums.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DatasetError(
            f"damaged file {place} ({len(content):,} bytes): expected SHA-256 {expected}, found {found}"
        )


def unpack(content: bytes, path: Path) -> bytes:
    """Decompress a ``.gz`` file's bytes in memory."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"damaged file {path}: not a complete gzip file ({error})") from error


def parse(content: bytes, path: Path) -> np.ndarray:
    """Read IDX bytes: two zeros, type 8 (uint8), number of dimensions, their sizes (big-endian), values."""
    dimensions = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    sizes = tuple(int(size) for size in np.frombuffer(content[4 : 4 + 4 * dimensions], dtype=">u4"))
    offset = 4 + 4 * dimensions
    if not dimensions or len(sizes) != dimensions or len(content) != offset + math.prod(sizes):
        raise DatasetError(
            f"{path} is not an IDX file of bytes: it has {len(content):,} bytes, its header says {sizes}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=offset).reshape(sizes)


MNIST = FileSet(
    folder="MNIST",
    packed={
        "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    unpacked={
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)

FASHION_MNIST = FileSet(
    folder="FashionMNIST",
    packed={
        "train-images-idx3-ubyte": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    unpacked={
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
)
