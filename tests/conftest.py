"""One intra-op thread everywhere: bitwise claims and timings hold per thread count. Toy games by fixture."""

import pytest
import torch

from variants import registry


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
