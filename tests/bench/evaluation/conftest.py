"""Modules of generators that a test has written are no other test's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def modules_forgotten(tmp_path: Path) -> Iterator[None]:
    """Forget the modules that a test imports from its folder; libraries look for some names, as `sparse`."""
    yield
    for name, module in list(sys.modules.items()):
        if (file := getattr(module, "__file__", None)) and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]
