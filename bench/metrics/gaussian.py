"""Gaussians fitted to features, in float64: by NumPy on the CPU, on any other device by torch.

Both libraries have functions of the same names, so that a formula is written once.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor


class Gaussian(NamedTuple):
    """A normal law, float64: arrays of NumPy on the CPU, tensors on another device."""

    mean: Any  # (f,)
    covariance: Any  # (f, f), n - 1 in the denominator

    @classmethod
    def of(cls, features: Tensor) -> Self:
        """Return the law fitted to features, shape (n, f), n at least 2; it is where they are."""
        values = _home(features.double())
        covariance = library(values).cov(values.T).reshape(values.shape[1], -1)
        return cls(values.mean(0), covariance)


def root(covariance: Any) -> Any:
    """Return the symmetric square root of a covariance, shape (f, f)."""
    of = library(covariance)
    eigenvalues, vectors = of.linalg.eigh(covariance)
    return (vectors * of.sqrt(eigenvalues.clip(0))) @ vectors.T


def frechet(one: Gaussian, other: Gaussian, other_root: Any) -> float:
    """Return the squared Fréchet distance of two Gaussians, |m - m'|^2 + tr C + tr C' - 2 tr (C C')^(1/2).

    The last trace is the sum of the roots of the eigenvalues of the symmetric R C R, where R = C'^(1/2) is
    `other_root`. Eigenvalues that rounding brings below 0 are set to 0.
    """
    of = library(one.covariance)
    eigenvalues = of.linalg.eigvalsh(other_root @ one.covariance @ other_root)
    difference = one.mean - other.mean
    traces = of.trace(one.covariance) + of.trace(other.covariance)
    return float(difference @ difference + traces - 2 * of.sqrt(eigenvalues.clip(0)).sum())


def library(values: Any) -> Any:
    """Return the library of an array: torch of a tensor, else NumPy."""
    return torch if isinstance(values, Tensor) else np


def placed(array: np.ndarray, device: torch.device) -> Any:
    """Return an array where features on a device have theirs: itself on the CPU, else a tensor."""
    return _home(torch.from_numpy(array).to(device))


def _home(values: Tensor) -> Any:
    # NumPy's sums on the CPU are those of all results so far; torch's differ in the last digits.
    return values.numpy() if values.device.type == "cpu" else values
