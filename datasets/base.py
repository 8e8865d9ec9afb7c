"""The interface of a dataset: named streams of raw data, conversion to a network's scale, the truth."""

from __future__ import annotations

import hashlib
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from gan_bench.datasets.finite import Restored, finite_rows
from gan_bench.datasets.sources import IndexedSource, Source
from gan_bench.datasets.weights import Weights, equal, labels_by_weight, shares
from gan_bench.errors import UserError
from gan_bench.names import suggestion

Kind = Literal["scalar", "planar", "vectors", "images"]
SPLITS = ("train", "validation", "test")
REFERENCE_SPLITS = ("validation", "test")


class DatasetError(UserError):
    """A problem that the user can solve: a damaged or unreachable file, an unknown name or option."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Known facts of the distribution of the data; ``None`` for what is not known.

    All values are on the raw scale (that of `Dataset.reference`), not on the prepared one.

    Attributes:
        mean: expectation of each dimension.
        std: standard deviation of each dimension.
        modes: centres of the mixture's components, float64, shape (M, d).
        mode_std: the sigma in which distances from a mode are counted: for an isotropic component its
            standard deviation in each dimension.
        quality_sigmas: a sample is of high quality within this many sigmas of its nearest mode.
        classes: number of classes, labelled 0 to classes - 1; where there are modes, a sample's class is the
            mode it was drawn from.
        weights: probability of each mode, or without modes of each class; above 0, with sum 1. If None,
            metrics use the frequencies in the reference samples, and games those of the labels
            (`Dataset.class_weights`).
        class_modes: number of classes that count as modes, as all are about equally frequent.
        cdf: P(X <= x) for an array of any shape, 1-D data only.
        quantile: the inverse of `cdf`, for probabilities in (0, 1).
        distance: for data on a curve, the Euclidean distance from points (n, d) to it, shape (n,).
        mapping: for a pair of domains, the map of points (n, d) from ``domain_a`` to ``domain_b``.
        equilibrium: for a point mass, the equilibrium of a generator that is a point mass.
        description: the law in one line, as a formula.

    Raises:
        DatasetError: if the numbers of modes, classes and weights differ, or the weights are no
            probabilities.
    """

    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    modes: Tensor | None = None
    mode_std: float | None = None
    quality_sigmas: float = 3.0
    classes: int | None = None
    weights: Weights | None = None
    class_modes: int | None = None
    cdf: Callable[[np.ndarray], np.ndarray] | None = None
    quantile: Callable[[np.ndarray], np.ndarray] | None = None
    distance: Callable[[np.ndarray], np.ndarray] | None = None
    mapping: Callable[[np.ndarray], np.ndarray] | None = None
    equilibrium: float | None = None
    description: str = ""

    def __post_init__(self) -> None:
        modes = None if self.modes is None else len(self.modes)
        if modes is not None and self.classes not in (None, modes):
            raise DatasetError(
                f"truth: {modes} modes and {self.classes} classes; where there are modes, each is a class"
            )
        if self.weights is None:
            return
        weights, count = tuple(map(float, self.weights)), modes or self.classes or 0
        object.__setattr__(self, "weights", weights)
        if len(weights) != count:
            raise DatasetError(
                f"truth: {len(weights)} weights for {count} modes or classes; one each expected"
            )
        if not (all(weight > 0 for weight in weights) and math.isclose(math.fsum(weights), 1, abs_tol=1e-9)):
            raise DatasetError(
                f"truth: weights must be above 0 and sum to 1, got the least {min(weights):g} "
                f"and the sum {math.fsum(weights):.12g}"
            )

    @property
    def unequal(self) -> bool:
        """Return whether the truth states weights that differ from each other."""
        return len({*(self.weights or ())}) > 1


class Dataset(ABC):
    """Streams of real data, and known facts of their distribution.

    Raw data is the source's (uint8 for images); networks see prepared data. A subclass sets the attributes
    below and defines `stream` and `reference`; it may override `prepare` and `restore`, which are the
    identity.

    Attributes:
        name: identity of the data in use (``"digits"`` also where it replaces MNIST).
        kind: ``"scalar"`` (1-D), ``"planar"`` (2-D), ``"vectors"`` (of more dimensions) or ``"images"``.
        shape: shape of one sample, ``(channels, height, width)`` for images.
        bounds: lowest and highest prepared value, None where there is no bound.
        truth: known facts of the distribution.
        content_hash: SHA-256 (hexadecimal) over the data or its definition, its splits and preprocessing.
        version: raised when the definition changes; part of the hash.
        streams: names that `stream` knows; every dataset has ``"real"``.
        extractor: for images, the name of their feature extractor (`python -m bench list extractors`); with
            None, metrics on features are undefined.
        stand_in_for: name of the unreachable dataset that this one replaces, else None.
        stand_in_reason: the reason as a sentence for the terminal, else None.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    truth: Truth
    content_hash: str
    version: int = 1
    bounds: tuple[float, float] | None = None
    streams: tuple[str, ...] = ("real",)
    extractor: str | None = None
    stand_in_for: str | None = None
    stand_in_reason: str | None = None
    splits: ClassVar[tuple[str, ...]] = SPLITS

    @abstractmethod
    def stream(self, name: str = "real", split: str = "train") -> Source:
        """Return the raw data of one split of a stream, on the CPU; `Source.to` moves it.

        Raises:
            DatasetError: for a stream or split that this dataset does not have.
        """

    @abstractmethod
    def reference(self, split: str = "test", count: int | None = None) -> Tensor:
        """Return the first `count` raw rows of the reference that metrics compare with; default: all.

        The reference of an infinite source has 10,000 rows by default. The rows are always the same, and
        never rows of training.

        Returns:
            shape (count, *shape), on the CPU; fewer rows where the split has fewer.

        Raises:
            DatasetError: for a split other than validation and test.
        """

    def reference_rows(self, split: str = "test") -> int | None:
        """Return the number of rows of the whole reference; None for an infinite source."""
        source = self.stream("real", choose("reference split", split, REFERENCE_SPLITS, self.name))
        return len(source) if isinstance(source, IndexedSource) else None

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Return the labels of `reference(split)`, int64, shape (count,); None for data without labels."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return None

    def given(self, names: Iterable[str], split: str = "test", count: int | None = None) -> dict[str, Tensor]:
        """Return raw reference rows of streams by name, as inputs of a trained game's abilities.

        Args:
            names: streams, and ``label`` for labels; without ``real`` beside them labels in the proportions
                of `class_weights`, equally frequent classes in turn.
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
            return labels_by_weight(self.class_weights or equal(self.truth.classes or 1), rows)
        labels = self.reference_labels(split)
        assert labels is not None
        return labels[: len(real)]

    @cached_property
    def class_weights(self) -> Weights | None:
        """Return the probability of each class: from the truth, else its share of `_known_labels`.

        Return None if there are no classes or no such labels; games then draw classes equally often.
        """
        if self.truth.classes is None or self.truth.weights is not None:
            return None if self.truth.classes is None else self.truth.weights
        labels = self._known_labels()
        return None if labels is None or not len(labels) else shares(labels, self.truth.classes)

    def _known_labels(self) -> Tensor | None:
        """Return the labels from which class weights are estimated, int64: the validation reference's."""
        return self.reference_labels("validation")

    def prepare(self, raw: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """Return raw data (..., *shape) on the scale of networks, as floats.

        Args:
            raw: raw data, any leading dimensions.
            dtype: a floating type; default: the raw data's own, float32 for integers.
        """
        return raw.to(floating(raw, dtype))

    def restore(self, samples: Tensor) -> Tensor:
        """Return prepared or generated samples (..., *shape) on the raw scale; the inverse of `prepare`."""
        return samples

    def restore_finite(self, samples: Tensor) -> Restored:
        """Restore the samples (n, *shape) that are finite on both scales, and count the others."""
        rows = finite_rows(self.restore(finite_rows(samples)))
        return Restored(rows, len(samples) - len(rows))

    def __repr__(self) -> str:
        stands = f" standing in for {self.stand_in_for}" if self.stand_in_for else ""
        return f"<dataset {self.name}{stands}: {self.kind} {self.shape}, {self.content_hash[:12]}>"


def choose(what: str, given: str, known: Iterable[str], where: str) -> str:
    """Return `given`, which must be one of `known`.

    Raises:
        DatasetError: if it is not, with the nearest.
    """
    known = tuple(known)
    if given in known:
        return given
    raise DatasetError(f"{where}: unknown {what} {str(given)!r}; {suggestion(given, known)}")


def floating(raw: Tensor, dtype: torch.dtype | None) -> torch.dtype:
    """Return the type of prepared data: `dtype`, else that of `raw` if floating, else float32."""
    return dtype or (raw.dtype if raw.is_floating_point() else torch.float32)


def hash_of(definition: object, *arrays: np.ndarray) -> str:
    """Return the SHA-256 of a JSON-able definition and of the types, shapes and bytes of arrays, in order."""
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
