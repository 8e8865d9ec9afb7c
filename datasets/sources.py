"""Sources of raw data: finite ones are read by index, infinite ones by sampling.

The engine draws the indices or passes the generator, so a source has no random state, and the data of a
replica do not depend on the others in its pack.
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
        shape: shape of one sample, of a source of one field.
        device: device of the rows that `gather` returns.
    """

    shape: tuple[int, ...]
    device: torch.device

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of samples."""

    @abstractmethod
    def gather(self, indices: Tensor) -> Tensor | Fields:
        """Return raw samples at `indices` (int64, any shape, values in [0, len)).

        Returns:
            shape (*indices.shape, *shape), on the source's device; from a source of several fields a dict of
            such tensors, one for each field.
        """

    @abstractmethod
    def to(self, device: torch.device | str) -> Self:
        """Return a source of the same data with its output on `device`."""


class SampledSource(ABC):
    """An infinite source: independent samples of a distribution."""

    @abstractmethod
    def sample(
        self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> Tensor | Fields:
        """Return `count` samples, shape (count, *shape), drawn from `generator` and on its device.

        A source of several fields (samples with labels) returns a dict of such tensors, whose rows belong
        together.
        """

    def to(self, device: torch.device | str) -> Self:  # noqa: ARG002 - the generator decides
        """Return the source itself: samples are on the generator's device."""
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
        """Return rows of the tensor; one copy, no conversion."""
        return self.data.index_select(0, indices.reshape(-1)).reshape(*indices.shape, *self.shape)

    def to(self, device: torch.device | str) -> Self:
        """Return the same data on `device`; itself if it is there already."""
        moved = self.data.to(device)
        return self if moved is self.data else type(self)(moved)


class StreamingSource(IndexedSource):
    """Data that does not fit in memory: rows are read on demand.

    Args:
        read: given ascending, distinct row numbers (int64 array, shape (n,)), returns these rows, shape
            (n, *shape); this order suits disks, HDF5 files and memory maps.
        length: number of rows.
        shape: shape of one row.
        device: device of batches.
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
        """Return the rows of a NumPy ``.npy`` file, memory-mapped and read only; refuse pickled objects.

        Raises:
            ValueError: for a file that is truncated or not NumPy's, with its path.
        """
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise
        except Exception as error:  # of damaged bytes NumPy raises anything, tokenize's errors too
            raise ValueError(f"{path} is not a whole .npy file of numbers: {error}") from error
        if not isinstance(rows, np.ndarray) or rows.ndim == 0:
            raise ValueError(f"{path} holds no rows; expected a .npy file of one array")
        return cls(rows.__getitem__, len(rows), rows.shape[1:])

    def __len__(self) -> int:
        return self.length

    def gather(self, indices: Tensor) -> Tensor:
        """Return rows in the order of `indices`; rows that occur more than once are read once.

        Raises:
            IndexError: for an index outside [0, len), as a resident source does.
            ValueError: if `read` returns other shapes than asked for, or changes the type.
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
        """Return a source of the same rows on `device`."""
        return type(self)(self.read, self.length, self.shape, device)


class AlignedSource(IndexedSource):
    """Several sources of equal length read at the same indices, as images with their labels.

    `gather` returns a dict with one tensor for each field; every field has its own shape.

    Raises:
        ValueError: where lengths differ or there is no field.
    """

    def __init__(self, fields: Mapping[str, IndexedSource]):
        self.fields = dict(fields)
        lengths = {name: len(source) for name, source in self.fields.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"aligned fields must have one length, got {lengths}")
        self.device = next(iter(self.fields.values())).device

    def __len__(self) -> int:
        return len(next(iter(self.fields.values())))

    def gather(self, indices: Tensor) -> Fields:
        """Return the fields' rows at `indices` by name."""
        return {name: _tensor(source.gather(indices)) for name, source in self.fields.items()}

    def to(self, device: torch.device | str) -> Self:
        """Return all fields on `device`."""
        return type(self)({name: source.to(device) for name, source in self.fields.items()})


def _tensor(rows: Tensor | Fields) -> Tensor:
    if not isinstance(rows, Tensor):
        raise TypeError("a field of an AlignedSource cannot itself have fields")
    return rows
