from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gan_bench.bench.metrics import Undefined
from gan_bench.bench.metrics.moments import mean, mean_error, std, std_error
from gan_bench.datasets import Truth

TRUTH = Truth(mean=(4.0,), std=(1.25,))


def test_of_four_values(points):
    fake = points([[1.0], [2.0], [3.0], [6.0]])
    assert mean(fake, fake, TRUTH) == 3.0
    assert std(fake, fake, TRUTH) == pytest.approx(np.sqrt(14 / 3))
    assert mean_error(fake, fake, TRUTH) == pytest.approx(1.0)
    assert std_error(fake, fake, TRUTH) == pytest.approx(np.sqrt(14 / 3) - 1.25)


def test_errors_in_the_plane_are_euclidean(points):
    fake = points([[-1.0, 0.0], [1.0, 0.0]])
    truth = Truth(mean=(3.0, 4.0), std=(np.sqrt(2) + 3, 4.0))
    assert mean_error(fake, fake, truth) == pytest.approx(5.0)
    assert std_error(fake, fake, truth) == pytest.approx(5.0)


def test_one_sample_has_no_spread(points):
    one = points([[1.0]])
    with pytest.raises(Undefined, match="at least 2 samples, there are 1"):
        std(one, one, TRUTH)


@given(arrays(np.float64, (7, 1), elements=st.floats(-1e3, 1e3)), st.floats(-100, 100))
def test_a_shift_moves_the_mean_only(values, shift):
    class Fake(SimpleNamespace):
        def __len__(self):
            return len(self.coordinates)

    here, there = Fake(coordinates=values), Fake(coordinates=values + shift)
    assert mean(there, there, TRUTH) == pytest.approx(mean(here, here, TRUTH) + shift, abs=1e-9)
    assert std(there, there, TRUTH) == pytest.approx(std(here, here, TRUTH), abs=1e-9)
