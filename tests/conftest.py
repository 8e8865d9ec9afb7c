"""One intra-op thread everywhere: bitwise claims and timings hold per thread count. Toy games by fixture."""

import pytest
import torch
from hypothesis import settings

from variants import registry

settings.register_profile("tests", deadline=None)  # a busy machine is no counterexample
settings.load_profile("tests")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def toy(monkeypatch):
    """Return what registers a game class for this test only, and gives its name."""

    def register(game, name="toy"):
        monkeypatch.setitem(registry._variants, name, registry.Variant(name, game, "a toy", 2026))
        return name

    return register
