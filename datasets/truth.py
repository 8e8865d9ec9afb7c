"""Known facts of the distribution of a dataset."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from gan_bench.datasets.errors import DatasetError
from gan_bench.datasets.weights import Weights

Map = Callable[..., np.ndarray]
"""A map of raw rows (n, *shape) of one or more fields, float64, to rows of another field."""
FORTH, ALSO_FORTH = ("domain_a", "domain_b"), ("domain_a", "real")


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
        mapping: known maps between fields: ``(*inputs, made)``, names of fields, to a function of the inputs'
            rows (n, *shape) in this order. A function alone is the map from ``domain_a`` to ``domain_b``,
            which is ``real`` as well.
        palette: colours of a label map that is kept as an image, shape (colours, channels), 0 to 255: a
            pixel's label is the nearest one.
        border: rows and columns at each side that PSNR and SSIM leave out, as super-resolution's protocol
            leaves out as many as its factor; then they are of luma.
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
    mapping: Map | Mapping[tuple[str, ...], Map] | None = None
    palette: np.ndarray | None = None
    border: int | None = None
    equilibrium: float | None = None
    description: str = ""

    def __post_init__(self) -> None:
        modes = None if self.modes is None else len(self.modes)
        if modes is not None and self.classes not in (None, modes):
            raise DatasetError(
                f"truth: {modes} modes and {self.classes} classes; where there are modes, each is a class"
            )
        if callable(self.mapping):
            object.__setattr__(self, "mapping", {FORTH: self.mapping, ALSO_FORTH: self.mapping})
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

    def map_of(self, inputs: Collection[str], made: str) -> tuple[tuple[str, ...], Map] | None:
        """Return the known map from these fields to another, after its inputs in order; None without one."""
        for (*names, field), known in dict(self.mapping or {}).items():  # type: ignore[arg-type]
            if {*names} == {*inputs} and field == made:
                return tuple(names), known
        return None

    @property
    def unequal(self) -> bool:
        """Return whether the truth states weights that differ from each other."""
        return len({*(self.weights or ())}) > 1
