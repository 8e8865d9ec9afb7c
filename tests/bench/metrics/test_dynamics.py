"""Eigenvalues from trajectories: of linear maps with known ones, and of Dirac-GAN's games as they train."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gan_bench import datasets
from gan_bench.bench.engine import Budget, Job
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.dynamics import Trajectory, converges, eigenvalue
from gan_bench.datasets import Truth
from gan_bench.variants import get
from gan_bench.variants.hyperparameters import resolve

TRUTH = Truth(equilibrium=0.25)
RATE = 0.01


def trajectory_of(matrix, start=(1e-3, 1e-3), stride=20, points=60):
    """Return where gradient descent's map x <- (I + h A) x takes the first coordinate, at every stride."""
    step = np.linalg.matrix_power(np.eye(2) + RATE * np.asarray(matrix), stride)
    x, seen = np.array(start, dtype=float), []
    for _ in range(points):
        x = step @ x
        seen.append(x[0])
    return Trajectory(stride * np.arange(1, points + 1), TRUTH.equilibrium + np.array(seen), RATE)


@given(real=st.floats(-0.5, 0.1), imaginary=st.floats(0.05, 1.0))
def test_a_spirals_eigenvalue_is_found(real, imaginary):
    found = eigenvalue(trajectory_of([[real, imaginary], [-imaginary, real]], points=40), TRUTH)
    assert found.real == pytest.approx(real, abs=1e-4)
    assert abs(found.imag) == pytest.approx(imaginary, abs=1e-4)


@given(slow=st.floats(-0.3, 0.0), gap=st.floats(0.2, 1.0))
def test_of_two_real_eigenvalues_the_slower_one_is_given(slow, gap):
    assume(slow < -1e-3)
    found = eigenvalue(trajectory_of([[slow, 1.0], [0.0, slow - gap]], points=20), TRUTH)
    assert found.real == pytest.approx(slow, abs=1e-3)
    assert found.imag == pytest.approx(0, abs=1e-3)


def test_a_defective_pair_is_found_within_the_square_root_of_rounding():
    found = eigenvalue(trajectory_of([[-0.5, 1.0], [0.0, -0.5]]), TRUTH)
    assert abs(found - (-0.5)) < 1e-3


@pytest.mark.parametrize(("real", "expected"), [(-0.2, 1.0), (0.0, 0.0), (0.1, 0.0), (-0.01, 0.0)])
def test_convergence_is_a_halved_distance(real, expected):
    assert converges(trajectory_of([[real, 0.5], [-0.5, real]]), None, TRUTH) == expected


def test_what_has_no_eigenvalue_says_why():
    still = Trajectory(np.arange(1, 9), np.full(8, TRUTH.equilibrium), RATE)
    with pytest.raises(Undefined, match="does not leave the equilibrium"):
        eigenvalue(still, TRUTH)
    with pytest.raises(Undefined, match="does not leave the equilibrium"):
        converges(still, None, TRUTH)
    with pytest.raises(Undefined, match="four points at least, there are 3"):
        converges(Trajectory(np.arange(3), np.arange(3.0), RATE), None, TRUTH)
    with pytest.raises(Undefined, match="five evenly spaced points"):
        eigenvalue(Trajectory(np.arange(4), np.arange(4.0), RATE), TRUTH)
    with pytest.raises(Undefined, match="five evenly spaced points"):
        eigenvalue(Trajectory(np.array([1, 2, 3, 4, 6]), np.arange(5.0), RATE), TRUTH)
    with pytest.raises(Undefined, match="8 of 8 points of the trajectory are not finite"):
        converges(Trajectory(np.arange(8), np.full(8, math.inf), RATE), None, TRUTH)


def dirac_trajectory(variant, iterations=300, stride=20, **settings):
    """The generator's trajectory in a game on Dirac's delta, by simultaneous gradient descent in float64."""
    game = get(variant)
    fixed = {"batch_size": 8, "latent_dim": 1, "optimiser": "sgd", "lr": RATE, "momentum": 0.0}
    fixed |= {"updates": "simultaneous", "n_critic": 1, **settings}
    hyperparameters = resolve(
        game.hyperparameters, {k: v for k, v in fixed.items() if k in game.hyperparameters}
    )
    architecture = {"family": "dirac", "radius": 1e-3}
    kimg = iterations * hyperparameters["batch_size"] / 1000
    job = Job(variant, architecture, (hyperparameters,), (0,), Budget(kimg, (kimg,)), dtype="float64")
    trainer, seen = Trainer(job, datasets.load("dirac")), []
    feeds = iter(trainer.feeds)
    start = [p.item() for params in trainer.replicas.params.values() for p in params.values()]
    assert math.hypot(*start) == pytest.approx(1e-3)
    for iteration in range(1, iterations + 1):
        trainer.iterate(iteration, next(feeds))
        if iteration % stride == 0:
            seen.append(trainer.models(0.5)[0].sample(1).item())
    return Trajectory(stride * np.arange(1, len(seen) + 1), np.array(seen), RATE)


def r1(gamma):
    """-gamma / 2 +- sqrt(gamma^2 / 4 - 1 / 4) (Mescheder et al. 2018)."""
    return -gamma / 2 + cmath.sqrt(gamma**2 / 4 - 0.25)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("gan", 0.5j),
        ("nsgan", 0.5j),
        ("wgan", 1j),
        ("nsgan+r1(gamma=0.3)", r1(0.3)),
        ("nsgan+r2(gamma=0.3)", r1(0.3)),
        ("nsgan+r1(gamma=1)", r1(1.0)),
        ("nsgan+consensus(weight=1)", -0.25 + 0.5j),
    ],
)
def test_dirac_gans_eigenvalues(variant, expected):
    settings = {"clip": 1.0} if variant == "wgan" else {}
    found = eigenvalue(dirac_trajectory(variant, 160, **settings), Truth(equilibrium=0.0))
    assert abs(complex(found.real, abs(found.imag)) - expected) < 1e-3 * abs(expected)


@pytest.mark.parametrize(
    ("variant", "iterations", "expected"), [("wgan-gp", 300, 0.0), ("nsgan+r1(gamma=1)", 700, 1.0)]
)
def test_which_games_converge_on_dirac(variant, iterations, expected):
    """Mescheder et al. 2018: a penalty about a slope of 1 does not help; eigenvalues tell of the others."""
    assert converges(dirac_trajectory(variant, iterations), None, Truth(equilibrium=0.0)) == expected


@pytest.mark.slow
def test_instance_noise_damps_as_derived():
    std = 1.0
    trajectory = dirac_trajectory(f"nsgan+noise(law=antithetic, std={std:g})", iterations=3000, batch_size=64)
    expected = -(std**2) / 4 + cmath.sqrt(std**4 / 16 - 0.25)
    found = eigenvalue(trajectory, Truth(equilibrium=0.0))
    assert abs(complex(found.real, abs(found.imag)) - expected) < 0.02 * abs(expected)
