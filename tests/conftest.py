"""One intra-op thread everywhere: bitwise claims and timings hold per thread count."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)
