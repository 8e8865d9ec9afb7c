"""How raw data is read: finite sources by index, infinite ones by sampling.

The engine draws the indices (or hands over the generator), so a source holds no random state, and replica i
of a pack sees the same data whatever its neighbours do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

Fields = dict[str, Tensor]


class IndexedSource(ABC):
    """Finite data, read by index.

    Attributes:
        shape: shape of one sample.
        device: where `gather` puts what it reads.
    """

    shape: tuple[int, ...]
    device: torch.device

    @abstractmethod
    def __len__(self) -> int:
        """Number of samples."""

    @abstractmethod
    def gather(self, indices: Tensor) -> Tensor | Fields:
        """Raw samples at `indices` (int64, any shape, values in [0, len)).

        Returns:
            shape (*indices.shape, *shape), on the source's device; a dict of such tensors, one for each
            field, where the source carries several.
        """

    @abstractmethod
    def to(self, device: torch.device | str) -> Self:
        """A source of the same data with its output on `device`."""


class SampledSource(ABC):
    """An infinite source: independent samples of a distribution.

    Attributes:
        shape: shape of one sample.
    """

    shape: tuple[int, ...]

    @abstractmethod
    def sample(
        self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> Tensor | Fields:
        """`count` samples, shape (count, *shape), drawn from `generator` and on its device.

        A dict of such tensors, one for each field, where the source carries several (samples with labels).
        """

    def to(self, device: torch.device | str) -> Self:  # noqa: ARG002 - the generator decides
        """The source itself: its samples lie where the generator does."""
        return self


Source = IndexedSource | SampledSource


class ResidentSource(IndexedSource):
    """A tensor that stays in memory, on the device, in its raw type: gathering is one `index_select`."""

    def __init__(self, data: Tensor):
        self.data = data.contiguous()
        self.shape = tuple(data.shape[1:])
        self.device = data.device

    def __len__(self) -> int:
        return len(self.data)

    def gather(self, indices: Tensor) -> Tensor:
        """Rows of the tensor; one copy, no conversion."""
        return self.data.index_select(0, indices.reshape(-1)).reshape(*indices.shape, *self.shape)

    def to(self, device: torch.device | str) -> Self:
        """The same data on `device`; itself if it is there already."""
        moved = self.data.to(device)
        return self if moved is self.data else type(self)(moved)


class StreamingSource(IndexedSource):
    """Data that does not fit in memory: rows are read when they are asked for.

    Args:
        read: given ascending, distinct row numbers (int64 array, shape (n,)), returns these rows, shape
            (n, *shape); this order suits disks, HDF5 files and memory maps.
        length: number of rows.
        shape: shape of one row.
        device: where batches go.
    """

    def __init__(
        self,
        read: Callable[[np.ndarray], np.ndarray],
        length: int,
        shape: tuple[int, ...],
        device: torch.device | str = "cpu",
    ):
        self.read, self.length, self.shape, self.device = read, length, tuple(shape), torch.device(device)
        self._dtype: np.dtype | None = None

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Rows of a NumPy ``.npy`` file, memory-mapped and read only; pickled objects are refused.

        Raises:
            ValueError: for a file that is cut short or none of NumPy's; it is named.
        """
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path} is not a whole .npy file of numbers: {error}") from error
        if not isinstance(rows, np.ndarray) or rows.ndim == 0:
            raise ValueError(f"{path} holds no rows; expected a .npy file of one array")
        return cls(rows.__getitem__, len(rows), rows.shape[1:])

    def __len__(self) -> int:
        return self.length

    def gather(self, indices: Tensor) -> Tensor:
        """Rows in the order asked for, each read once however often it is asked for.

        Raises:
            IndexError: for an index outside [0, len), as a resident source does.
            ValueError: where `read` gives other rows than it was asked for, or changes their type.
        """
        rows, inverse = np.unique(indices.reshape(-1).cpu().numpy(), return_inverse=True)
        if len(rows) and (rows[0] < 0 or rows[-1] >= self.length):
            raise IndexError(
                f"indices {rows[0]} to {rows[-1]} asked of a source with rows 0 to {self.length - 1}"
            )
        found = np.asarray(self.read(rows))
        if found.shape != (len(rows), *self.shape):
            raise ValueError(
                f"a stream's read gave an array of shape {found.shape} for {len(rows)} rows of shape "
                f"{self.shape}, expected {(len(rows), *self.shape)}"
            )
        self._dtype = self._dtype or found.dtype
        if found.dtype != self._dtype:
            raise ValueError(f"a stream's read gave {found.dtype} after {self._dtype}, expected one type")
        batch = torch.from_numpy(found[inverse])
        return batch.reshape(*indices.shape, *self.shape).to(self.device)

    def to(self, device: torch.device | str) -> Self:
        """The same rows, delivered to `device`."""
        return type(self)(self.read, self.length, self.shape, device)


class AlignedSource(IndexedSource):
    """Several sources of equal length read at the same indices, as images with their labels.

    `gather` gives a dict with one tensor for each field; `shape` is the first field's.

    Raises:
        ValueError: where lengths differ or there is no field.
    """

    def __init__(self, fields: Mapping[str, IndexedSource]):
        self.fields = dict(fields)
        lengths = {name: len(source) for name, source in self.fields.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"aligned fields must have one length, got {lengths}")
        first = next(iter(self.fields.values()))
        self.shape, self.device = first.shape, first.device

    def __len__(self) -> int:
        return len(next(iter(self.fields.values())))

    def gather(self, indices: Tensor) -> Fields:
        """The fields' rows at `indices`, under their names."""
        return {name: _tensor(source.gather(indices)) for name, source in self.fields.items()}

    def to(self, device: torch.device | str) -> Self:
        """All fields on `device`."""
        return type(self)({name: source.to(device) for name, source in self.fields.items()})


def _tensor(rows: Tensor | Fields) -> Tensor:
    if not isinstance(rows, Tensor):
        raise TypeError("a field of an AlignedSource cannot itself have fields")
    return rows
