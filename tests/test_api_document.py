"""The examples of docs/api.md, run as scripts in the order in which a reader meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import FENCE, ROOT

BLOCKS = [
    code for kind, code in FENCE.findall((ROOT / "docs" / "api.md").read_text("utf-8")) if kind == "python"
]


@pytest.mark.slow
def test_the_examples_of_the_api_run(tmp_path: Path) -> None:
    """As scripts without `if __name__ == "__main__"`, whose workers must not start them again."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "bench" / "package")])
    environment = {**os.environ, "PYTHONPATH": paths, "GAN_BENCH_CACHE": str(tmp_path / "cache")}
    shown = []
    for number, code in enumerate(BLOCKS):
        (tmp_path / f"example{number}.py").write_text(code, "utf-8")
        done = subprocess.run(
            [sys.executable, f"example{number}.py"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, code + done.stdout + done.stderr
        shown.append(done.stdout)
    assert shown[0].count("results go to") == 1
    assert (tmp_path / "results" / "ring-smoke" / "report" / "index.html").is_file()
    assert "Fine" in shown[-1] or "fine 0" in shown[-1]


def test_ring_takes_ten_lines() -> None:
    lines = [line for line in BLOCKS[0].splitlines() if line.strip()]
    assert "gan_bench.run" in BLOCKS[0]
    assert len(lines) <= 10
