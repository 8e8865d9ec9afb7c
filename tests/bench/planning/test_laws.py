"""Laws of a search: draws within the bounds, and errors for invalid laws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import laws

bounds = st.floats(min_value=-1e6, max_value=1e6)


@given(kind=st.sampled_from(laws.BOUNDED), ends=st.tuples(bounds, bounds), seed=st.integers(0, 2**32 - 1))
def test_draws_lie_between_the_bounds_both_included(kind: str, ends: Any, seed: int) -> None:
    low, high = sorted(map(round, ends) if kind == "integer" else map(abs, ends))
    if kind == "log-uniform":
        low, high = low + 1e-3, high + 1e-3
    law = laws.parse({"law": kind, "low": low, "high": high}, "here")
    generator = np.random.default_rng(seed)
    for value in (law.draw(generator), law.at(0.0), law.at(0.5), law.at(1 - 1e-12)):
        assert low <= value <= high


def test_rounding_to_three_digits_does_not_leave_the_bounds() -> None:
    law = laws.parse({"law": "uniform", "low": 0.9991, "high": 0.9999}, "here")
    assert {law.at(u) for u in (0.0, 0.5, 0.99)} <= {0.9991, 0.9999}


def test_bounds_are_read_as_python_reads_numbers() -> None:
    law = laws.parse({"law": "log-uniform", "low": "1e-4", "high": ".5"}, "here")
    assert law.ends == (1e-4, 0.5)
    assert laws.parse({"law": "integer", "low": "1_0", "high": 2e1}, "here").ends == (10, 20)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (3, "here is 3: a law expected, as in { choices"),
        ({}, "`law` is missing"),
        ({"lwa": "uniform", "low": 0, "high": 1}, "`law` is missing"),
        ({"law": "uniforn", "low": 0, "high": 1}, "unknown law 'uniforn' in here; did you mean 'uniform'"),
        ({"law": "uniform", "low": 0}, "`high` is missing"),
        ({"law": "uniform", "low": 0, "hihg": 1}, "unknown key 'hihg' in here.*did you mean 'high'"),
        ({"law": "uniform", "low": 0, "high": 1, "step": 0.1}, "unknown key 'step'"),
        ({"choices": [1], "low": 0}, "unknown key 'low'"),
        ({"choices": []}, "a list of at least one value expected"),
        ({"choices": "adam"}, "a list of at least one value expected"),
        ({"law": "choices"}, "`choices` is missing"),
        ({"law": "uniform", "low": 1, "high": 0}, "low must be at most high, and is 1 with high 0"),
        ({"law": "integer", "low": 5, "high": 2}, "low must be at most high"),
        ({"law": "integer", "low": 1.5, "high": 2}, "low is 1.5: a whole number expected"),
        ({"law": "integer", "low": 1, "high": 1e300}, "high is 1e.300: a finite number expected"),
        (
            {"law": "log-uniform", "low": 0, "high": 1e-2},
            "low must be above 0 for a log-uniform law, and is 0",
        ),
        ({"law": "log-uniform", "low": -1, "high": 1e-2}, "low must be above 0"),
        ({"law": "log-uniform", "low": 5e-324, "high": 1e10}, "too near to 0"),
        ({"law": "uniform", "low": math.nan, "high": 1}, "low is nan: a finite number expected"),
        ({"law": "uniform", "low": 0, "high": math.inf}, "high is inf: a finite number expected"),
        ({"law": "uniform", "low": True, "high": 3}, "low is True: a finite number expected"),
        ({"law": "uniform", "low": "few", "high": 3}, "low is 'few': a finite number expected"),
    ],
)
def test_a_law_that_cannot_be_drawn_from_is_refused(content: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        laws.parse(content, "here")
