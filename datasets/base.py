"""What a dataset is: named streams of raw data, the way in and out of a network's scale, and the truth."""

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
    """A problem its reader can solve: a damaged file, data out of reach, an unknown name or option."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of the distribution the data come from; ``None`` where it is not known.

    All values are on the raw scale (that of `Dataset.reference`), not on the prepared one.

    Attributes:
        mean: expectation of each dimension.
        std: standard deviation of each dimension.
        modes: centres of the mixture's components, float64, shape (M, d).
        mode_std: the sigma that nearness to a mode is counted in: of an isotropic component the standard
            deviation in each dimension.
        quality_sigmas: a sample is of high quality within this many sigmas of its nearest mode.
        classes: number of classes, labelled 0 to classes - 1; where there are modes, a sample's class is the
            mode it was drawn from.
        weights: probability of each mode, where there are none of each class; all above 0, their sum 1. None:
            not known, so that metrics take the frequencies among the reference samples instead, and games
            those among the labels (`Dataset.class_weights`).
        class_modes: number of classes that count as modes because all are about equally frequent.
        cdf: P(X <= x) for an array of any shape, 1-D data only.
        quantile: the inverse of `cdf`, for probabilities in (0, 1).
        distance: for data on a curve, the Euclidean distance from points (n, d) to it, shape (n,).
        mapping: of a pair of domains, where each point (n, d) of stream ``domain_a`` belongs in ``domain_b``.
        equilibrium: of a point mass, where a generator that is one as well comes to rest.
        description: the law in one line, as a formula.

    Raises:
        DatasetError: where the numbers of modes, classes and weights differ, or the weights are no
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
        """Whether weights are stated that differ from each other."""
        return len({*(self.weights or ())}) > 1


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
        extractor: of images, the name of the feature extractor that measures them (`python -m bench list
            extractors`); None where there is none, and metrics on features are undefined.
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
    extractor: str | None = None
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
            shape (count, *shape), on the CPU; fewer rows where the split has fewer.

        Raises:
            DatasetError: for a split other than validation and test.
        """

    def reference_rows(self, split: str = "test") -> int | None:
        """Number of rows of the whole reference; None for a source without end."""
        source = self.stream("real", choose("reference split", split, REFERENCE_SPLITS, self.name))
        return len(source) if isinstance(source, IndexedSource) else None

    def reference_labels(self, split: str = "test") -> Tensor | None:
        """Labels of `reference(split)`, int64, shape (count,); None where the data has none."""
        choose("reference split", split, REFERENCE_SPLITS, self.name)
        return None

    def given(self, names: Iterable[str], split: str = "test", count: int | None = None) -> dict[str, Tensor]:
        """Raw reference rows of streams by name, for what a trained game does to data.

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
        """Probability of each class: as the truth states, else its share of `_known_labels`.

        None without classes, or where there is neither; classes are taken for equally frequent then.
        """
        if self.truth.classes is None or self.truth.weights is not None:
            return None if self.truth.classes is None else self.truth.weights
        labels = self._known_labels()
        return None if labels is None or not len(labels) else shares(labels, self.truth.classes)

    def _known_labels(self) -> Tensor | None:
        """Labels that class weights are estimated from, int64: those of the validation reference."""
        return self.reference_labels("validation")

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
    """The type `raw` is prepared in: the one asked for, else its own if floating, else float32."""
    return dtype or (raw.dtype if raw.is_floating_point() else torch.float32)


def hash_of(definition: object, *arrays: np.ndarray) -> str:
    """SHA-256 over a JSON-able definition and the types, shapes and bytes of arrays, in this order."""
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
