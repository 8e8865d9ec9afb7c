from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, special
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

from gan_bench.bench.metrics import Undefined, gaussian
from gan_bench.bench.metrics.extractors import Outputs
from gan_bench.bench.metrics.fidelity import KID_SUBSETS, SEED, SPLITS, fid, inception_score, kid
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth

NONE = Truth()


@pytest.fixture(params=["numpy", "torch"])
def library(request, monkeypatch):
    """The library that calculates FID: NumPy on the CPU, torch on every other device."""
    if request.param == "torch":
        monkeypatch.setattr(gaussian, "_home", lambda values: values)
    return request.param


def exactly(mean, covariance, count=500, seed=0):
    """Points (count, d) whose sample mean and covariance are these exactly."""
    mean, covariance = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    raw = np.random.default_rng(seed).normal(size=(count, len(mean)))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def closed_form(m1, c1, m2, c2):
    # The trace of a root by eigenvalues: of singular products, `sqrtm` of some versions of SciPy is NaN.
    roots = np.sqrt(linalg.eigvals(np.asarray(c1) @ np.asarray(c2)).real.clip(0))
    difference = np.subtract(m1, m2)
    return difference @ difference + np.trace(np.asarray(c1) + np.asarray(c2)) - 2 * roots.sum()


@pytest.mark.usefixtures("library")
def test_fid_of_diagonal_gaussians_by_hand(featured):
    # |m|^2 + sum (sqrt(a) - sqrt(b))^2 = 25 + (1 - 2)^2 + (3 - 1)^2
    one = featured(exactly([0, 0], np.diag([1, 9])))
    other = featured(exactly([3, 4], np.diag([4, 1]), seed=1))
    assert fid(one, other, NONE) == pytest.approx(30.0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), size=st.integers(2, 6))
def test_fid_of_full_covariances_against_the_formula(seed, size):
    rng = np.random.default_rng(seed)

    def gaussian():
        factor = rng.normal(size=(size, size))
        return rng.normal(size=size), factor @ factor.T + 0.1 * np.eye(size)

    (m1, c1), (m2, c2) = gaussian(), gaussian()

    def samples(m, c, s):
        features = torch.from_numpy(exactly(m, c, seed=s))
        return Samples(torch.zeros(len(features), 1), None, outputs=Outputs(features, features))

    one, other = samples(m1, c1, 0), samples(m2, c2, 1)
    expected = closed_form(m1, c1, m2, c2)
    assert fid(one, other, NONE) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert fid(other, one, NONE) == pytest.approx(fid(one, other, NONE), rel=1e-6, abs=1e-6)


def nuclear(one, other):
    """FID by singular values: tr (C C')^(1/2) is the nuclear norm of the product of the QR factors."""
    factors = [np.linalg.qr((x - x.mean(0)) / np.sqrt(len(x) - 1), mode="r") for x in (one, other)]
    difference, traces = one.mean(0) - other.mean(0), sum(np.square(r).sum() for r in factors)
    return (
        difference @ difference
        + traces
        - 2 * np.linalg.svd(factors[0] @ factors[1].T, compute_uv=False).sum()
    )


def ill_conditioned(kind, rng):
    """Features (600, 84) as networks give them, of condition numbers up to infinity."""
    mixed = rng.normal(size=(600, 84)) @ rng.normal(size=(84, 84)) / 9
    match kind:
        case "decaying":  # standard deviations from 1 to 1e-10
            return mixed @ np.diag(np.logspace(0, -10, 84))
        case "low rank":
            return mixed[:, :5] @ rng.normal(size=(5, 84))
        case "dead":  # a third of the features never fires
            return mixed.clip(0) * (np.arange(84) % 3 > 0)
        case "few":  # fewer samples than features
            return mixed[:40]
    return mixed


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("kind", ["full", "decaying", "low rank", "dead", "few"])
def test_fid_of_ill_conditioned_covariances(featured, kind):
    rng = np.random.default_rng(8)
    fake, real = ill_conditioned(kind, rng), ill_conditioned("full", rng) + 0.3
    value = fid(featured(fake), featured(real), NONE)
    assert value == pytest.approx(nuclear(fake, real), rel=1e-7)
    laws = [fid_features_to_statistics(torch.from_numpy(x)) for x in (fake, real)]
    theirs = fid_statistics_to_metric(*laws, verbose=False)["frechet_inception_distance"]
    assert value == pytest.approx(theirs, rel=1e-6)
    (m1, c1), (m2, c2) = ([law["mu"], law["sigma"]] for law in laws)
    assert value == pytest.approx(closed_form(m1, c1, m2, c2), rel=1e-5)
    assert fid(featured(real), featured(fake), NONE) == pytest.approx(value, rel=1e-6)


@pytest.mark.usefixtures("library")
def test_fid_to_itself_is_never_negative(featured):
    same = featured(np.random.default_rng(0).normal(size=(300, 84)).clip(0).astype(np.float32))
    assert 0 <= fid(same, same, NONE) < 1e-6


@pytest.mark.usefixtures("library")
def test_fid_of_dead_features(featured):
    dead = featured(np.zeros((20, 5)))
    assert fid(dead, featured(np.ones((20, 5))), NONE) == pytest.approx(5.0)


def test_the_library_is_that_of_the_device(featured, library):
    law = featured(np.eye(4)).gaussian
    assert {type(law.mean), type(law.covariance)} == {np.ndarray if library == "numpy" else torch.Tensor}
    assert type(gaussian.placed(np.eye(2), torch.device("cpu"))) is type(law.mean)


def test_fid_needs_two_samples(featured):
    one = featured(np.zeros((1, 3)))
    with pytest.raises(Undefined, match="at least 2"):
        fid(one, one, NONE)


def mmd2(x, y):
    """Unbiased MMD^2 with the cubic kernel, by its definition (Binkowski et al. 2018), in loops."""
    n, m, d = len(x), len(y), x.shape[1]

    def k(a, b):
        return (a @ b / d + 1) ** 3

    xx = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return xx + yy - 2 * sum(k(a, b) for a in x for b in y) / (n * m)


def test_kid_against_its_definition(featured):
    rng = np.random.default_rng(3)
    fake, real = rng.normal(size=(20, 4)), rng.normal(0.5, 1, size=(24, 4))
    draw = np.random.RandomState(SEED)
    subsets = [
        mmd2(fake[draw.choice(20, 10, replace=False)], real[draw.choice(24, 10, replace=False)])
        for _ in range(KID_SUBSETS)
    ]
    assert kid(featured(fake), featured(real), NONE) == pytest.approx(np.mean(subsets))


@pytest.mark.parametrize(("n_fake", "n_real"), [(300, 300), (250, 400)])
def test_kid_and_inception_score_are_torch_fidelitys(featured, n_fake, n_real):
    rng = np.random.default_rng(n_fake)
    fake, real = (torch.from_numpy(rng.normal(size=(n, 84))) for n in (n_fake, n_real))
    size = min(n_fake, n_real) // 2
    options = {"kid_subsets": KID_SUBSETS, "kid_subset_size": size, "rng_seed": SEED, "verbose": False}
    theirs = kid_features_to_metric(fake, real, **options)["kernel_inception_distance_mean"]
    assert kid(featured(fake), featured(real), NONE) == pytest.approx(theirs, rel=1e-9)
    assert kid(featured(fake.float()), featured(real.float()), NONE) == pytest.approx(theirs, rel=1e-4)
    theirs = isc_features_to_metric(fake, splits=SPLITS, rng_seed=SEED)["inception_score_mean"]
    assert inception_score(featured(fake, fake), None, NONE) == pytest.approx(theirs, rel=1e-12)


def test_the_real_side_of_kid_is_computed_once_per_count(featured):
    rng = np.random.default_rng(6)
    real, fakes = featured(rng.normal(size=(60, 4))), [rng.normal(size=(n, 4)) for n in (40, 40, 50)]
    alone = [kid(featured(fake), featured(real.features), NONE) for fake in fakes]
    assert [kid(featured(fake), real, NONE) for fake in fakes] == alone


def test_kid_is_about_zero_for_the_same_law(featured):
    rng = np.random.default_rng(4)
    one, other = featured(rng.normal(size=(400, 8))), featured(rng.normal(size=(400, 8)))
    assert abs(kid(one, other, NONE)) < 0.02
    assert kid(featured(rng.normal(1, 1, size=(400, 8))), other, NONE) > 1


def test_kid_of_very_few_samples_is_undefined(featured):
    few = featured(np.zeros((3, 4)))
    with pytest.raises(Undefined, match="too small"):
        kid(few, few, NONE)


def test_inception_score_of_certain_and_balanced_labels(featured):
    logits = 50.0 * np.eye(10)[np.arange(1000) % 10]
    fake = featured(np.zeros((1000, 1)), logits)
    # Each of the 10 shuffled splits is balanced only roughly, so the score is a little below 10.
    assert 9.3 < inception_score(fake, fake, NONE) < 10


def test_inception_score_without_any_preference_is_one(featured):
    fake = featured(np.zeros((100, 1)), np.zeros((100, 10)))
    assert inception_score(fake, fake, NONE) == pytest.approx(1.0)


def test_probabilities_of_zero_add_nothing_to_the_inception_score(featured):
    logits = 2000.0 * np.eye(10)[np.zeros(100, int)]  # all other probabilities are below the smallest number
    fake = featured(np.zeros((100, 1)), logits)
    assert inception_score(fake, fake, NONE) == 1.0


def test_inception_score_by_its_definition(featured):
    logits = np.random.default_rng(5).normal(0, 3, size=(200, 10))
    shuffled = special.log_softmax(logits[np.random.RandomState(SEED).permutation(200)], axis=1)
    scores = []
    for log_p in np.split(shuffled, SPLITS):
        marginal = np.log(np.exp(log_p).mean(0))
        scores.append(np.exp((np.exp(log_p) * (log_p - marginal)).sum(1).mean()))
    assert inception_score(featured(logits, logits), None, NONE) == pytest.approx(np.mean(scores))


def test_inception_score_needs_a_sample_per_split(featured):
    with pytest.raises(Undefined, match="10 splits, there are 9"):
        inception_score(featured(np.zeros((9, 1))), None, NONE)
