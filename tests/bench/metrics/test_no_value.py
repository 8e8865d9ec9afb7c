"""Errors that are the reason of a value that there is not, and those that are faults of a program."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan_bench.bench.metrics import Evaluator, Undefined, register
from gan_bench.bench.metrics.base import Metric, measured
from gan_bench.bench.metrics.limits import limits
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.datasets import Truth
from tests.bench.metrics.test_limits import Finite


def decomposed_by_numpy(*_):
    return float(np.linalg.cholesky(-np.eye(2)).sum())


def decomposed_by_torch(*_):
    return float(torch.linalg.cholesky(-torch.eye(2)).sum())


def undefined(*_):
    raise Undefined("there is none")


def faulty(*_):
    raise RuntimeError("a fault")


REASONS = [
    (decomposed_by_numpy, "Matrix is not positive definite"),
    (decomposed_by_torch, "not positive-definite"),
    (undefined, "there is none"),
]


@pytest.mark.parametrize(("compute", "reason"), REASONS)
def test_a_matrix_without_a_decomposition_is_a_reason_in_either_library(compute, reason):
    metric = Metric("some", compute, "Some", "min")
    found = measured(metric, "some", compute, "test", final=True)
    assert math.isnan(found.value)
    assert reason in found.reason


def test_any_other_error_is_none():
    with pytest.raises(RuntimeError, match="a fault"):
        measured(Metric("some", faulty, "Some", "min"), "some", faulty, "test", final=True)
    with pytest.raises(RuntimeError, match="a fault"):
        Metric("some", faulty, "Some", "target").target_of(lambda: None, Truth())


@pytest.mark.parametrize(("compute", "reason"), REASONS)
def test_data_without_a_value_are_no_target(compute, reason):
    metric = Metric("some", compute, "Some", "target")
    assert metric.target_of(lambda: None, Truth()) is None
    found = measured(metric, "some", compute, "test", final=True)
    assert reason in found.reason


@pytest.mark.parametrize(("compute", "reason"), REASONS)
def test_it_is_said_before_training_where_the_data_have_few_rows(compute, reason):
    with METRICS.restored():
        register("some", title="Some", direction="min", kinds=("planar",))(compute)
        said = [each for each in limits(Evaluator(Finite(), samples=20)) if "some will be undefined" in each]
    assert len(said) == 1
    assert reason in said[0]
