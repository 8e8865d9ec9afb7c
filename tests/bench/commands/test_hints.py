"""Usage errors end with what was probably meant."""

from __future__ import annotations

import sys

import pytest

from gan_bench.bench.commands import app


def refused(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error of a command line as one line, without its box."""
    monkeypatch.setattr(sys, "argv", ["bench", *line.split()])
    monkeypatch.setenv("COLUMNS", "200")
    assert app.main() == 2
    out, err = capsys.readouterr()
    assert out == ""
    return " ".join(word for word in err.split() if word.strip("│"))


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("run", "For instance --suite mnist; `python -m bench list suites` lists them."),
        ("run ring", "For instance --suite ring;"),
        ("run --suite ring --variants nsgan wgan-gp", "Did you mean --variants nsgan,wgan-gp?"),
        ("run --suite ring --variants nsgan, wgan-gp --dry-run", "Did you mean --variants nsgan,wgan-gp?"),
        ("run --suite ring --seeds 0 1 2", "Did you mean --seeds 0,1,2?"),
        ("run --suite ring --set lr 1e-4", "Did you mean --set lr=1e-4?"),
        ("run --suite ring --plugin a.py b.py", "Did you mean --plugin a.py --plugin b.py?"),
        ("list variant", "Did you mean 'variants'?"),
        ("new loss my-loss", "Did you mean 'variant'?"),
        ("report results --format tex", "Did you mean 'latex'?"),
    ],
)
def test_a_usage_error_says_what_was_probably_meant(
    line: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hint in refused(line, monkeypatch, capsys)


@pytest.mark.parametrize(
    "line", ["new variant", "list all", "evaluate a b", "run --suite ring --dry-run extra"]
)
def test_nothing_is_guessed_where_nothing_is_probable(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Did you mean" not in refused(line, monkeypatch, capsys)
