"""A set of samples, with the quantities that metrics share: each is computed once, on first use."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.blocks import blocks
from gan_bench.bench.metrics.extractors.base import Extractor, Outputs
from gan_bench.bench.metrics.gaussian import Gaussian, root
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.finite import finite_rows

T = TypeVar("T")
NEIGHBOURS = 5  # the largest k that any metric asks for
WHITE = 255.0  # of images, whose pixels are bytes


class Samples:
    """Generated or real rows of one field on the raw scale (uint8 for images), or codes.

    Reading coordinates, features or logits raises `Undefined`, with the number of samples concerned, where
    some are not finite.

    Args:
        rows: shape (n, *sample shape).
        dataset: the dataset they belong to, or imitate.
        extractor: the feature extractor of images; None where there is none.
        outputs: features and logits of these samples, where they are known already.
        device: where features and logits are, and are compared.
        field: the field whose values they are; empty for codes and other outputs that are no field.

    Attributes:
        given: raw inputs that they were made from by field, one row each; empty for none.
        beside: what further abilities made, as many rows each, by name: those that the metric asks for.
        training: what the same ability makes of training rows, for a metric that asks for it.
    """

    def __init__(
        self,
        rows: Tensor,
        dataset: Dataset,
        extractor: Extractor | None = None,
        outputs: Outputs | None = None,
        *,
        field: str = "real",
        device: torch.device | str = "cpu",
    ):
        self.rows = rows
        self.field = field
        self.device = torch.device(device)
        self.given: Mapping[str, Tensor] = {}
        self.beside: Mapping[str, Samples] = {}
        self.training: Samples | None = None
        self.dataset = dataset
        self.extractor = extractor
        if outputs is not None:
            self.outputs = outputs.to(self.device)
        self._others: tuple[Samples, ...] = ()
        self._once: dict[tuple[Any, ...], Any] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def draws(self) -> tuple[Samples, ...]:
        """Return the outputs of all draws for the same inputs; these samples are the first."""
        return (self, *self._others)

    def made_from(self, given: Mapping[str, Tensor], others: Iterable[Samples] = ()) -> Self:
        """State the inputs of these samples, and the further draws that were made from the same ones."""
        self.given, self._others = given, tuple(others)
        return self

    def once(self, compute: Callable[..., T], *arguments: Hashable) -> T:
        """Return `compute(self, *arguments)`, from memory after the first time with these arguments.

        For quantities that several metrics read, or that stay the same for every model.
        """
        key = (compute, *arguments)
        if key not in self._once:
            self._once[key] = compute(self, *arguments)
        return self._once[key]

    @cached_property
    def broken(self) -> int:
        """The number of samples that hold a value that is not finite."""
        return len(self.rows) - len(finite_rows(self.rows))

    @cached_property
    def coordinates(self) -> np.ndarray:
        """Raw coordinates (or values of a code), float64, shape (n, d)."""
        return _finite(self.rows, "samples").detach().double().cpu().numpy().reshape(len(self), -1)

    @property
    def points(self) -> np.ndarray:
        """The former name of `coordinates`, which metrics of plug-ins may use."""
        return self.coordinates

    @cached_property
    def prepared(self) -> np.ndarray:
        """Coordinates on the scale that networks are trained on, float64, shape (n, d)."""
        if not self.field:
            return self.coordinates
        prepared = self.dataset.prepare(self.rows.detach().cpu(), self.field)
        return _finite(prepared, "samples").double().numpy().reshape(len(self), -1)

    @cached_property
    def outputs(self) -> Outputs:
        """The extractor's features and logits, float32, on `device`."""
        if self.extractor is None:
            raise Undefined(
                f"no feature extractor was trained for dataset {self.dataset.name!r} "
                "(--inception gives Inception's; own images may name one: images:FOLDER,extractor=NAME)"
            )
        return self.extractor(self.rows).to(self.device)

    @cached_property
    def features(self) -> Tensor:
        """Penultimate features, float32, shape (n, f), on `device`."""
        return _finite(self.outputs.features, "samples' features")

    @cached_property
    def logits(self) -> Tensor:
        """Class logits, float32, shape (n, classes), on `device`."""
        return _finite(self.outputs.logits, "samples' logits")

    @cached_property
    def gaussian(self) -> Gaussian:
        """The Gaussian fitted to the features."""
        if len(self) < 2:
            raise Undefined(f"a covariance needs at least 2 samples, there are {len(self)}")
        return Gaussian.of(self.features)

    @cached_property
    def root(self) -> Any:
        """Symmetric square root of the covariance of the features, float64, shape (f, f)."""
        return root(self.gaussian.covariance)

    @cached_property
    def nearest(self) -> Tensor:
        """Distances of each sample to its 5 nearest other ones in feature space, ascending, shape (n, 5)."""
        if len(self) <= NEIGHBOURS:
            raise Undefined(f"nearest neighbours need more than {NEIGHBOURS} samples, there are {len(self)}")
        found = [rows.topk(NEIGHBOURS + 1, largest=False).values for _, rows in self.distances(self)]
        return torch.cat(found)[:, 1:]  # column 0 is the sample itself

    def distances(self, other: Samples) -> Iterator[tuple[slice, Tensor]]:
        """Yield Euclidean feature distances to the m samples of `other`, in blocks of bounded memory.

        Each block is the slice of these samples' rows that it holds, and their distances, shape (rows, m).
        """
        ours, theirs = self.features, other.features
        for rows in blocks(len(ours), len(theirs) * theirs.element_size()):
            yield rows, _distances(ours[rows], theirs)

    def spread(self, count: int) -> Samples:
        """Return `count` samples evenly spread over these (all if there are no more), features shared.

        Spread, because the order of a file may matter: the first half of MNIST's test images is easier.
        """
        if count >= len(self):
            return self
        return self._take(torch.arange(count) * len(self) // count)

    def first(self, count: int) -> Samples:
        """Return the first `count` samples, features shared."""
        return self if count >= len(self) else self._take(torch.arange(count))

    def where(self, mask: Tensor) -> Samples:
        """Return the samples at the true places of a mask (n,), features shared."""
        return self._take(mask.cpu().nonzero()[:, 0])

    def _take(self, rows: Tensor) -> Samples:
        outputs = None
        if self.extractor is not None or "outputs" in vars(self):
            outputs = Outputs(self.outputs.features[rows], self.outputs.logits[rows])
        taken = self.rows[rows.to(self.rows.device)]
        some = Samples(taken, self.dataset, self.extractor, outputs, field=self.field, device=self.device)
        given = {field: values[rows.to(values.device)] for field, values in self.given.items()}
        return some.made_from(given, [other._take(rows) for other in self._others])


def _distances(one: Tensor, other: Tensor) -> Tensor:
    # By default torch expands the square, |x|^2 - 2 x.y + |y|^2, which loses digits far from the origin.
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")


def _finite(rows: Tensor, what: str) -> Tensor:
    if broken := len(rows) - len(finite_rows(rows)):
        raise Undefined(f"{broken} of {len(rows)} {what} are not finite")
    return rows
