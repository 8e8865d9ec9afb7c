"""What a dataset is: named streams of raw data, the way in and out of a network's scale, and the truth."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from datasets.sources import Source

Kind = Literal["scalar", "planar", "vectors", "images"]
SPLITS = ("train", "validation", "test")
REFERENCE_SPLITS = ("validation", "test")


class DatasetError(Exception):
    """A problem its reader can solve: a damaged file, data out of reach, an unknown name or option."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of the distribution the data come from; ``None`` where it is not known.

    All values are on the raw scale (that of `Dataset.reference`), not on the prepared one.

    Attributes:
        mean: expectation of each dimension.
        std: standard deviation of each dimension.
        modes: centres of the mixture's components, float64, shape (M, d); the components weigh the same.
        mode_std: the sigma that nearness to a mode is counted in: of an isotropic component the standard
            deviation in each dimension.
        quality_sigmas: a sample is of high quality within this many sigmas of its nearest mode.
        classes: number of classes, labelled 0 to classes - 1; where there are modes, a sample's class is the
            mode it was drawn from.
        class_modes: number of classes that count as modes because all are about equally frequent.
        cdf: P(X <= x) for an array of any shape, 1-D data only.
        quantile: the inverse of `cdf`, for probabilities in (0, 1).
        distance: for data on a curve, the Euclidean distance from points (n, d) to it, shape (n,).
        mapping: of a pair of domains, where each point (n, d) of stream ``domain_a`` belongs in ``domain_b``.
        equilibrium: of a point mass, where a generator that is one as well comes to rest.
        description: the law in one line, as a formula.
    """

    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    modes: Tensor | None = None
    mode_std: float | None = None
    quality_sigmas: float = 3.0
    classes: int | None = None
    class_modes: int | None = None
    cdf: Callable[[np.ndarray], np.ndarray] | None = None
    quantile: Callable[[np.ndarray], np.ndarray] | None = None
    distance: Callable[[np.ndarray], np.ndarray] | None = None
    mapping: Callable[[np.ndarray], np.ndarray] | None = None
    equilibrium: float | None = None
    description: str = ""


class Dataset(ABC):
    """Where real batches come from, and what is known of the truth.

    Raw data is what the source holds (uint8 for images); prepared data is what networks see. A subclass
    sets the attributes below and writes `stream` and `reference`; `prepare` and `restore` are the identity
    unless it says otherwise.

    Attributes:
        name: identity of the data really used (``"digits"`` also where it stands in for MNIST).
        kind: ``"scalar"`` (1-D), ``"planar"`` (2-D), ``"vectors"`` (of more dimensions) or ``"images"``.
        shape: shape of one sample, ``(channels, height, width)`` for images.
        bounds: lowest and highest prepared value, None where there is no bound.
        truth: what is known of the distribution.
        content_hash: SHA-256 (hexadecimal) over the data or its definition, its splits and preprocessing.
        version: raised when the definition changes; part of the hash.
        streams: names that `stream` knows; every dataset has ``"real"``.
        stand_in_for: name of the dataset that was asked for and could not be reached, else None.
        stand_in_reason: then why, as a sentence for the terminal.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    truth: Truth
    content_hash: str
    version: int = 1
    bounds: tuple[float, float] | None = None
    streams: tuple[str, ...] = ("real",)
    stand_in_for: str | None = None
    stand_in_reason: str | None = None
    splits: ClassVar[tuple[str, ...]] = SPLITS

    @abstractmethod
    def stream(self, name: str = "real", split: str = "train") -> Source:
        """Raw data of one split under one name, on the CPU; `Source.to` moves it.

        Raises:
            DatasetError: for a stream or split that this dataset does not have.
        """

    @abstractmethod
    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """The first `count` raw rows (all, or 10,000 of an infinite source) that metrics compare against.

        Always the same rows, and never rows that training sees.

        Returns:
            shape (count, *shape), on the CPU.

        Raises:
            DatasetError: for a split other than validation and test, or more rows than there are.
        """

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Labels of `reference(split)`, int64, shape (count,); None where the data has none."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return None

    def given(self, names: Iterable[str], split: str = "test", count: int | None = None) -> dict[str, Tensor]:
        """Raw reference rows of streams by name, for what a trained game does to data.

        Args:
            names: streams, and ``label`` for labels; without ``real`` beside them every class in turn.
            split: validation or test.
            count: rows at most (a finite reference may have fewer); default: all.

        Raises:
            DatasetError: for a stream or labels that this dataset does not have.
        """
        wanted = tuple(names)
        if "label" in wanted and self.truth.classes is None:
            raise DatasetError(f"{self.name}: there are no labels")
        found: dict[str, Tensor] = {}
        for name in wanted:
            if name != "label":
                found[name] = self._given(name, split, count)
        if "label" in wanted:
            found["label"] = self._given_labels(split, found.get("real"), count)
        return found

    def _given(self, name: str, split: str, count: int | None) -> Tensor:
        choose("stream", name, ("real",), self.name)
        return self.reference(split)[:count]

    def _given_labels(self, split: str, real: Tensor | None, count: int | None) -> Tensor:
        if real is None:
            rows = count if count is not None else len(self.reference(split))
            return torch.arange(rows) % (self.truth.classes or 1)
        labels = self.reference_labels(split)
        assert labels is not None
        return labels[: len(real)]

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Raw data (..., *shape) on the scale that networks are trained on, as floats.

        Args:
            raw: raw data, any leading dimensions.
            dtype: a floating type; default: the raw data's own, float32 for integers.
        """
        return raw.to(floating(raw, dtype))

    def restore(self, samples: Tensor) -> Tensor:
        """Prepared or generated samples (..., *shape) on the raw scale; the inverse of `prepare`."""
        return samples

    def __repr__(self) -> str:
        stands = f" standing in for {self.stand_in_for}" if self.stand_in_for else ""
        return f"<dataset {self.name}{stands}: {self.kind} {self.shape}, {self.content_hash[:12]}>"


def choose(what: str, given: str, known: Iterable[str], where: str) -> str:
    """Give `given` back if it is one of `known`, else raise DatasetError naming the nearest."""
    known = tuple(known)
    if given in known:
        return given
    near = get_close_matches(str(given), known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise DatasetError(f"{where}: unknown {what} '{given}'; {hint}Known: {', '.join(known)}.")


def floating(raw: Tensor, dtype: torch.dtype | None) -> torch.dtype:
    """The type `raw` is prepared in: the one asked for, else its own if floating, else float32."""
    return dtype or (raw.dtype if raw.is_floating_point() else torch.float32)


def hash_of(definition: object, *arrays: np.ndarray) -> str:
    """SHA-256 over a JSON-able definition and the types, shapes and bytes of arrays, in this order."""
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
