from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_bench.bench.commands import app as cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command line in this process: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["/somewhere/bench/__main__.py", *arguments])
        status = cli.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run
