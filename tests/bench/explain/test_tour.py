"""The command `tour`, start to end, with short trainings."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from gan_bench.bench.commands import app as cli
from gan_bench.bench.explain.tour import session


@pytest.mark.slow
@pytest.mark.sample
def test_it_trains_three_examples_and_prints_the_path_of_the_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("NUMBERS", "CURVE"):
        short = dataclasses.replace(getattr(session, name), iterations=4, every=2)
        monkeypatch.setattr(session, name, short)
    own = tmp_path / "perceptron.toml"
    text = session.PERCEPTRON.read_text("utf-8").replace("kimg = 128", "kimg = 0.64")
    own.write_text(text.replace('"mnist"', '"digits"'), "utf-8")
    monkeypatch.setattr(session, "PERCEPTRON", own)
    monkeypatch.setattr(sys, "argv", ["bench", "tour", "--out", str(tmp_path / "lesson")])
    assert cli.main() == 0
    out, err = capsys.readouterr()
    page = tmp_path / "lesson" / "index.html"
    assert f"Page: {page}" in out
    assert err == ""
    content = page.read_text("utf-8")
    for name in ("numbers-samples", "curve-features-4", "digits"):
        assert f"plots/{name}.svg" in content
    assert "while it is trained for 10 iterations" in content


@pytest.mark.parametrize(("seed", "words"), [(0, ""), (7, " --seed 7")])
def test_the_page_shows_the_command_of_its_own_seed(
    monkeypatch: pytest.MonkeyPatch, seed: int, words: str
) -> None:
    monkeypatch.setattr(session, "prepare", lambda example: (example,))
    monkeypatch.setattr(session, "watched", lambda example, command, _: (example.seed, command))
    assert session._watch(session.NUMBERS, seed, print) == (seed, f"{session.NUMBERS.command}{words}")


def test_examples_are_those_of_the_commands_that_the_page_shows() -> None:
    for example in (session.NUMBERS, session.CURVE):
        words = example.command.split()
        options = dict(zip(words[4::2], words[5::2], strict=True))
        shown = {"--dataset": example.dataset, "--iterations": str(example.iterations)}
        assert options == shown | {"--every": str(example.every)}
