"""Commands that messages show begin as the user's own did."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.commands.options import command_line
from gan_bench.bench.common.program import program
from tests.bench.conftest import Run


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("/home/me/gan-bench/bench/__main__.py", "python -m bench"),
        ("/lib/site-packages/gan_bench/__main__.py", "python -m gan_bench"),
        ("/usr/bin/gan-bench", "gan-bench"),
        ("C:/Scripts/gan-bench.exe", "gan-bench"),
        ("/lib/site-packages/pytest/__main__.py", "python -m bench"),
        ("/usr/bin/pytest", "python -m bench"),
        ("", "python -m bench"),
    ],
)
def test_the_program_is_named_as_it_was_called(
    monkeypatch: pytest.MonkeyPatch, given: str, words: str
) -> None:
    monkeypatch.setattr("sys.argv", [given, "run", "--fresh", "--out", "a b"])
    assert program() == words
    assert command_line() == f"{words} run --out 'a b'"


def test_messages_and_files_name_it_so(monkeypatch: pytest.MonkeyPatch, bench: Run, tmp_path: Path) -> None:
    for module in ("common.program", "checking.new", "results.report"):
        monkeypatch.setattr(f"gan_bench.bench.{module}.program", lambda: "gan-bench")
    _, out, _ = bench("new", "variant", "my-hinge")
    (tmp_path / "nothing").mkdir()
    _, _, err = bench("report", "nothing")
    assert "`gan-bench check my_hinge.py`" in out
    assert "`gan-bench run --suite NAME" in err
    assert "gan-bench run --suite ring --variants my-hinge" in (tmp_path / "my_hinge.py").read_text("utf-8")
