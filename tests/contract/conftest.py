from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.datasets import registry
from tests.contract.registered import NAMES, PLUG_IN, load


@pytest.fixture
def plugged_in():
    """Register the dataset of a user."""
    with registry.DATASETS.restored():
        registry.DATASETS.add(PLUG_IN.name, PLUG_IN)
        yield


@pytest.fixture(params=NAMES)
def name(request, plugged_in) -> str:
    return request.param


@pytest.fixture
def dataset(name) -> datasets.Dataset:
    loaded = load(name)
    if loaded is None:
        pytest.skip(f"{name} lies neither in BENCH_DATA nor in the cache")
    return loaded
