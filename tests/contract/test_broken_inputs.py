"""No metric takes broken samples for good ones: a value in its range, or undefined with the reason.

Every registered metric meets samples, features, logits or path points that are not finite, that overflow,
that are all the same, a single row or of a single class, and a reference in which a class is missing.
"""

from __future__ import annotations

import functools
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench.bench.metrics import Evaluator, info, names
from gan_bench.bench.metrics.base import measured
from gan_bench.bench.metrics.dynamics import Trajectory
from gan_bench.bench.metrics.extractors import Outputs
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets import Truth
from gan_bench.datasets.images import ImageDataset, Split

ROWS, CLASSES = 40, 4
NUMERIC = [n for n in names() if info(n).kinds != ("images",) or info(n).extractor not in (None, "grain")]
"""Without metrics of pixels, which are bytes and so always finite: test_degenerate.py proves these."""
every_metric = pytest.mark.parametrize("name", NUMERIC)
not_finite = st.sampled_from([math.nan, math.inf, -math.inf])
TRUTHS = {
    1: Truth(mean=(0.0,), std=(1.0,), modes=torch.tensor([[-1.0], [1.0]]), mode_std=0.5, classes=2,
             class_modes=CLASSES, equilibrium=0.0, distance=lambda x: np.abs(x[:, 0]), mapping=lambda x: x),
    2: Truth(mean=(0.0, 0.0), std=(1.0, 1.0), modes=torch.eye(2), mode_std=0.5, classes=2, weights=(0.9, 0.1),
             class_modes=2, equilibrium=0.0, distance=lambda x: np.abs(x[:, 0]), mapping=lambda x: x),
}  # fmt: skip
"""By number of dimensions; everything that any metric needs."""
DATA = SimpleNamespace(name="toy", prepare=lambda raw, field="real", dtype=None: raw)


def samples(seed: int, dimensions: int, rows: int = ROWS, scale: float = 1.0, classes: int = 2) -> Samples:
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(rows, dimensions, generator=generator, dtype=torch.float64) * scale
    labels = torch.arange(rows) % classes
    logits = 20.0 * torch.eye(CLASSES if dimensions == 1 else 2)[labels] + points[:, :1]
    return Samples(points, DATA, outputs=Outputs(points.clone(), logits))


def sides(name: str, fake: Samples, real: Samples):
    """Return the samples on either side of a metric."""
    metric = info(name)
    if metric.when == "path":
        return Trajectory(100 * np.arange(1, len(fake) + 1), fake.rows[:, 0].numpy(), 0.01), None
    fake.beside, fake.training = dict.fromkeys(metric.beside, real.first(len(fake))), real
    if metric.ability != "sample":
        for side in (fake, real):
            side.made_from({"label": torch.arange(len(side)) % 2})
    return fake, real


def outcome(name: str, fake: Samples, real: Samples) -> float | str:
    """The value, or the reason why there is none, as the evaluator records it."""
    metric, truth = info(name), TRUTHS[fake.rows.shape[1]]
    found = measured(
        metric, name, lambda: metric.compute(*sides(name, fake, real), truth), "test", final=True
    )
    assert math.isnan(found.value) == (found.reason is not None)
    return found.value if found.reason is None else found.reason


@functools.cache
def usual(name: str, seed: int, dimensions: int) -> float | str:
    """The outcome of good samples."""
    return outcome(name, samples(seed, dimensions), samples(1, dimensions))


def valid(name: str, found: float | str) -> bool:
    metric = info(name)
    return bool(found) if isinstance(found, str) else metric.low <= found <= metric.high


@settings(max_examples=20, deadline=None)
@every_metric
@given(
    broken=st.sets(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS),
    value=not_finite,
    dimensions=st.sampled_from([1, 2]),
    side=st.sampled_from(["fake", "real"]),
)
def test_what_is_not_finite_is_undefined_with_the_count(name, broken, value, dimensions, side):
    clean = usual(name, 0, dimensions)
    pair = {"fake": samples(0, dimensions), "real": samples(1, dimensions)}
    for part in (pair[side].rows, *pair[side].outputs):
        part[sorted(broken), 0] = value
    found = outcome(name, **pair)
    if side == "real" and found == clean:
        return  # it looks at generated samples only
    assert isinstance(found, str), f"{name} = {found}"
    assert re.fullmatch(
        rf"{len(broken)} of {ROWS} (samples|points of the trajectory).* are not finite", found
    )


@settings(max_examples=10, deadline=None)
@every_metric
@given(exponent=st.integers(20, 300), dimensions=st.sampled_from([1, 2]))
def test_what_overflows_is_never_perfect(name, exponent, dimensions):
    real = samples(1, dimensions)
    found = outcome(name, samples(0, dimensions, scale=10.0**exponent), real)
    assert valid(name, found)
    if isinstance(found, float) and info(name).direction in ("min", "max") and info(name).ability == "sample":
        good = usual(name, 2, dimensions)
        if isinstance(good, float):
            worse = (found - good) if info(name).direction == "min" else (good - found)
            assert worse >= 0 or name in BLIND, f"{name} = {found}, of good samples {good}"


BLIND = {"classes", "class_modes", "class_distance", "class_kl", "class_mode_kl", "is", "recall", "converges"}
"""Metrics that look at the logits alone; recall, whose balls grow with the samples; a trajectory's shape."""


@every_metric
@pytest.mark.parametrize("dimensions", [1, 2])
def test_constant_samples(name, dimensions):
    one = samples(0, dimensions, rows=1)
    constant = Samples(
        one.rows.expand(ROWS, -1), DATA, outputs=Outputs(*(part.expand(ROWS, -1) for part in one.outputs))
    )
    for fake, real in [(constant, samples(1, dimensions)), (constant, constant)]:
        assert valid(name, outcome(name, fake, real))


@every_metric
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_single_row(name, dimensions):
    for rows in (1, 2):
        fake = samples(0, dimensions, rows=rows)
        real = samples(1, dimensions, rows=rows if info(name).ability != "sample" else ROWS)
        assert valid(name, outcome(name, fake, real))
        assert valid(name, outcome(name, fake, samples(1, dimensions, rows=rows)))


@every_metric
@pytest.mark.parametrize(("fakes", "reals"), [(1, 1), (1, 2), (2, 1)])
def test_a_single_class_and_a_class_without_samples(name, fakes, reals):
    fake, real = samples(0, 2, classes=fakes), samples(1, 2, classes=reals)
    assert valid(name, outcome(name, fake, real))
    if name == "class_kl" and fakes > reals:
        assert outcome(name, fake, real) == "1 of 2 generated classes have no reference sample"


def test_features_that_are_not_finite_reach_the_record_as_a_reason(monkeypatch):
    """Of either side: the Gaussian of the real one is fitted before a metric asks for it."""

    class Overflowing:
        suffix, sha256 = "", "none"

        def __init__(self, limit):
            self.limit = limit

        def __call__(self, images):
            features = images.flatten(1).float()[:, :3]
            return Outputs(torch.where(features > self.limit, math.nan, features), features)

    images = np.random.default_rng(0).integers(0, 200, (90, 4, 4), dtype=np.uint8)
    images[60:63] = 255
    data = ImageDataset("bright", {"train": Split.of(images[:30]), "validation": Split.of(images[30:60]),
                                   "test": Split.of(images[60:])})  # fmt: skip
    good, bright = data.reference("validation"), data.reference("test")
    for made, reason in ((bright, "3 of 30 samples' features are not finite"), (good, None)):
        evaluator = Evaluator(data, samples=30, final_samples=30)
        monkeypatch.setattr(evaluator, "_plan", [(m, Overflowing(250)) for m, _ in evaluator._plan])
        found = {(m.metric, m.split): m for m in evaluator.measure(made, final=True)}
        assert found["fid", "test"].reason == "3 of 30 samples' features are not finite"
        assert found["fid", "validation"].reason == reason
