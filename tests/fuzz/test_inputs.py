"""Any input is done, or refused in one sentence with exit status 2: no traceback, nothing outside a folder.

Cases are generated in this process without training. The `slow` test runs ten thousand, the others some
hundreds, always the same ones.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gan_bench.bench.commands import app as cli
from tests.fuzz import inputs

STATUSES = {"compare": {0, 1, 2, 3, 4}, "verify": {0, 1, 2}}
"""Exit statuses of commands that judge; the others are 0 and 2."""
MOST_SECONDS = 60.0
"""CPU time of a hang; the machine does other things too."""


def generated(count: int, number: int = 0) -> Callable:
    """Return the settings of a test of `count` cases that are always the same."""

    def decorate(test: Callable) -> Callable:
        plain = settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return seed(number)(plain(test))

    return decorate


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], int]:
    """Runs a command line in an empty folder, and checks how it ends."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(arguments: list[str]) -> int:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        before, start = set(os.listdir(tmp_path)), time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main()
        shown = out.getvalue() + err.getvalue()
        assert status in STATUSES.get(arguments[0] if arguments else "", {0, 2}), shown
        assert "Traceback" not in shown
        assert "\x1b[31mred" not in shown, "a name controls the terminal"
        assert "\x00" not in shown
        assert shown.strip() or status == 0, "an exit status without a word"
        assert set(os.listdir(tmp_path)) == before, "a file was written"
        assert time.process_time() - start < MOST_SECONDS
        return status

    return run


@generated(75)
@given(inputs.expressions())
def test_expressions(bench: Callable, text: str) -> None:
    bench(["show", text])


@generated(75)
@given(inputs.command_lines())
def test_command_lines(bench: Callable, arguments: list[str]) -> None:
    bench(arguments)


@pytest.mark.slow
@pytest.mark.sample
@generated(80)
@given(inputs.suites())
def test_suites(bench: Callable, tmp_path: Path, content: dict[str, Any]) -> None:
    plan(bench, tmp_path, content)


def plan(bench: Callable, folder: Path, content: dict[str, Any]) -> None:
    """Plan a suite of this content."""
    file = folder / "suite.toml"
    file.write_text(inputs.toml(content), encoding="utf-8", errors="surrogatepass")
    bench(["run", "--suite", str(file), "--budget", "smoke", "--dry-run"])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_cases(bench: Callable, tmp_path: Path, part: int) -> None:
    """2,500 cases in each part, with random numbers of its own."""

    @generated(1000, part + 1)
    @given(inputs.expressions())
    def expressions(text: str) -> None:
        bench(["show", text])

    @generated(1000, part + 1)
    @given(inputs.command_lines())
    def command_lines(arguments: list[str]) -> None:
        bench(arguments)

    @generated(500, part + 1)
    @given(inputs.suites())
    def suites(content: dict[str, Any]) -> None:
        plan(bench, tmp_path, content)

    for test in (expressions, command_lines, suites):
        test()


LINES = [
    ["run"],
    ["run", "--suite", "../../etc/passwd"],
    ["run", "--suite", "ring", "--seeds", "9" * 5000, "--dry-run"],
    ["run", "--suite", "ring", "--set", "lr=\x1b[31mred", "--dry-run"],
    ["run", "--suite", "ring", "--variants", "nsgan" + "(" * 2000, "--dry-run"],
    ["show", "nsgan" + "+pac(2)" * 2000],
    ["report", "a" * 300],
    ["verify", "a" * 5000],
    ["compare", "a" * 300, "b" * 300],
    ["sample", "\udcff"],
    ["unknown"],
    [""],
]
AS_PROCESSES = [["run"], ["run", "--suite", "../../etc/passwd"], ["sample", "\udcff"]]
"""Lines that CI also runs as real processes: one that Typer refuses, one of ours, one that is no UTF-8."""


def shortened(line: list[str]) -> str:
    return " ".join(line)[:40].encode("unicode_escape").decode()


@pytest.mark.parametrize("arguments", LINES, ids=shortened)
def test_lines(bench: Callable, arguments: list[str]) -> None:
    assert bench(arguments) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [pytest.param(line, marks=pytest.mark.sample if line in AS_PROCESSES else []) for line in LINES],
    ids=shortened,
)
def test_processes(arguments: list[str], tmp_path: Path) -> None:
    """The same as real processes, which have no test runner around them."""
    arguments = [os.fsencode(text) for text in arguments]  # type: ignore[misc]
    source = os.environ.get("PYTHONPATH", "")
    here = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, [f"{here}/bench/package", here, source]))
    done = subprocess.run(
        [sys.executable, "-m", "gan_bench.bench", *arguments],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """The suites that are generated reach the planner as they are."""
    import tomllib

    content = {"a": [1, 2.5, True, 'x"y\n'], "b": {"c d": {"e": "é模"}}}
    assert tomllib.loads(inputs.toml(content)) == content
    assert json.dumps(content)
