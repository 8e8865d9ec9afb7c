"""The Parzen log-likelihood against scikit-learn's kernel density, and its protocol."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, info
from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.parzen import BLOCK, SIGMAS, densities, parzen, parzen_sigma
from gan_bench.bench.metrics.samples import Samples

DIGITS = datasets.load("digits")


def mean_density(points: torch.Tensor, centres: torch.Tensor, sigma: float) -> float:
    """By SciPy's distances; scikit-learn's kernel density is off by hundreds of nats in 784 dimensions."""
    squares = cdist(pixels(points), pixels(centres), "sqeuclidean")
    kernels = logsumexp(-squares / (2 * sigma**2), axis=1) - np.log(len(centres))
    return kernels.mean() - 784 / 2 * np.log(2 * np.pi * sigma**2)


def pixels(rows: torch.Tensor) -> np.ndarray:
    return rows.double().flatten(1).numpy() / 255


@pytest.mark.parametrize("points", [1, BLOCK + 3])
def test_densities_are_scikit_learns(points):
    rng = np.random.default_rng(0)
    x, centres, sigmas = rng.random((points, 5)), rng.random((40, 5)), (0.07, 0.3, 2.0)
    found = densities(x, centres, sigmas)
    for row, sigma in zip(found, sigmas, strict=True):
        np.testing.assert_allclose(
            row, KernelDensity(bandwidth=sigma).fit(centres).score_samples(x), atol=1e-9
        )


def test_one_gaussian_by_hand():
    """At distance 1, sigma 1/2, in two dimensions: -log(2 pi / 4) - 2."""
    assert densities(np.array([[1.0, 0.0]]), np.zeros((1, 2)), [0.5]) == pytest.approx(-np.log(np.pi / 2) - 2)


def test_sigma_is_the_best_of_ten_on_validation_and_the_value_is_of_test():
    """The centres are the validation images themselves: the smallest sigma is best there."""
    validation, test = (DIGITS.reference(split) for split in ("validation", "test"))
    made = Samples(validation, DIGITS)
    assert parzen_sigma(made, None, DIGITS.truth) == SIGMAS[0] == pytest.approx(0.1)
    target = Samples(test, DIGITS)
    assert parzen(made, target, DIGITS.truth) == pytest.approx(mean_density(test, validation, 0.1))
    train = DIGITS.stream("real", "train").gather(torch.arange(200))
    scores = [mean_density(validation, train, sigma) for sigma in SIGMAS]
    assert parzen_sigma(Samples(train, DIGITS), None, DIGITS.truth) == SIGMAS[int(np.argmax(scores))]
    assert SIGMAS[-1] == 1.0
    assert len(SIGMAS) == 10


def test_points_have_none():
    with pytest.raises(MetricError, match="ring cannot be measured by 'parzen', which does not apply to it"):
        Evaluator(datasets.load("ring"), samples=100, requested=["parzen"])


def test_it_is_measured_on_request_at_the_end_on_test_and_ranks_nothing():
    usual = Evaluator(DIGITS, samples=100, final_samples=120)
    assert not [name for name in usual.protocol["metrics"] if name.startswith("parzen")]
    requested = ["parzen", "parzen_sigma"]
    evaluator = Evaluator(DIGITS, samples=100, final_samples=120, requested=requested)
    train = DIGITS.stream("real", "train").gather(torch.arange(120))
    found = {m.metric: m for m in evaluator.measure(train, final=True) if m.metric.startswith("parzen")}
    assert {(m.split, m.samples) for m in found.values()} == {("test", 120)}
    assert not [m for m in evaluator.measure(train, final=False) if m.metric.startswith("parzen")]
    assert info("parzen").ranks == ()
    black = evaluator.measure(torch.zeros_like(train), final=True)
    assert next(m.value for m in black if m.metric == "parzen") < found["parzen"].value
