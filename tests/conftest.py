"""One intra-op thread everywhere: bitwise claims and timings hold per thread count. Toy games by fixture.

Torch is imported inside fixtures: pytest-xdist's own process, which waits for the workers, does without it.
"""

import contextlib
import gc
import math
import os
from pathlib import Path

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

settings.register_profile("tests", deadline=None)  # a busy machine is no counterexample
settings.load_profile("tests")


def pytest_configure():
    """Look for garbage less often: Python's own thresholds cost a twelfth of the time of small tests."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish():
    """Leave out what lives as long as the tests: libraries and the tests themselves."""
    gc.freeze()  # without collecting, which takes a second and would find little


def pytest_unconfigure():
    """Count these in again: bindings of libraries report what is left when Python ends."""
    gc.unfreeze()


def pytest_xdist_auto_num_workers(config):
    """Keep one file, or a test of it, in this process: others take longer to start than it takes to run."""
    files = {Path(name.partition("::")[0]) for name in config.args}
    return 0 if len(files) == 1 and files.pop().is_file() else None


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    import torch

    torch.set_num_threads(1)
    with threadpool_limits(1):  # of NumPy and SciPy too: pytest-xdist keeps every core busy as it is
        yield


@pytest.fixture(autouse=True, scope="session")
def no_waiting_for_a_disk():
    """Let results of tests be lost with the power: on a busy disk, each of their files waits for 10 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def toy():
    """Return a function that registers a game or an objective for this test only and returns its name."""
    from gan_bench.variants import registry

    with contextlib.ExitStack() as stack:

        def register(game, name="toy"):
            stack.enter_context(registry.VARIANTS.restored(name))  # a later toy takes the place of an earlier
            registry.register(name, paper="a toy", year=2026)(game)
            return name

        yield register


@pytest.fixture
def draw_only(monkeypatch):
    """Return a function that restricts the plots of reports to groups; other plots are not drawn."""
    from gan_bench.reports import drawing

    def only(*names):
        nothing = dict.fromkeys(drawing.GROUPS, lambda _: iter(()))
        monkeypatch.setattr(drawing, "GROUPS", nothing | {name: drawing.GROUPS[name] for name in names})
        monkeypatch.setattr(drawing, "WORTH", math.inf)  # further processes would draw all groups

    return only
