from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.planning.suite import Suite, load_suite


@pytest.fixture
def suite(suite_file: Path) -> Suite:
    return load_suite(str(suite_file))
