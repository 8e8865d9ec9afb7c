"""Checks that scikit-learn's data are what its own functions return, whether or not its files are found."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_images

from gan_bench.datasets import scikit_learn


@pytest.fixture(params=[True, False], ids=["its-files", "elsewhere"])
def found(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(scikit_learn, "find_spec", lambda name: None)


@pytest.mark.usefixtures("found")
def test_digits_are_those_of_load_digits():
    images, labels = scikit_learn.digits()
    expected = load_digits()
    assert images.dtype == np.int64
    np.testing.assert_array_equal(images, expected.images)
    np.testing.assert_array_equal(labels, expected.target)


@pytest.mark.usefixtures("found")
def test_photographs_are_those_of_load_sample_images():
    for picture, expected in zip(scikit_learn.photographs(), load_sample_images().images, strict=True):
        assert picture.dtype == np.uint8
        np.testing.assert_array_equal(picture, expected)


def test_data_are_read_without_importing_scikit_learn():
    code = (
        "import sys; from gan_bench.datasets import load; load('digits'); load('photographs-x4'); "
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
