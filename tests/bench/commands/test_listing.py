"""Lists of what is registered, on a narrow terminal and in full; the help of the commands."""

from __future__ import annotations

import io
import re
from importlib import metadata

import pytest
from rich.console import Console

from gan_bench import variants
from gan_bench.bench.commands.app import Listed
from gan_bench.bench.commands.listing import KINDS, listing
from tests.bench.conftest import Run


def lines(what: str, width: int, *, long: bool = False) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(listing(what, long=long))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_every_kind_can_be_asked_for() -> None:
    assert {kind.value for kind in Listed} == KINDS.keys()


@pytest.mark.parametrize("what", KINDS)
def test_every_entry_is_one_line_of_eighty_columns_with_its_whole_name(what: str) -> None:
    rows, short = KINDS[what]
    first = [name for row in rows() if (name := row[short[0]])]
    shown = lines(what, 80)
    assert [line.split()[0] for line in shown[1:]] == first
    assert max(map(len, shown)) <= 80


def test_only_titles_are_cut() -> None:
    (line,) = (line for line in lines("variants", 60) if line.startswith("wgan-gp "))
    assert line.split()[:2] == ["wgan-gp", "2017"]
    assert line.rstrip().endswith("…")
    (line,) = (line for line in lines("variants", 300) if line.startswith("wgan-gp "))
    assert line.rstrip().endswith(variants.info("wgan-gp").title)


def test_long_lists_have_every_column(bench: Run) -> None:
    assert lines("variants", 200)[0].split() == ["variant", "year", "title"]
    heading = lines("variants", 200, long=True)[0].split()
    assert heading == ["variant", "also", "year", "paper", "equation", "parts", "title", "profiles"]
    status, out, _ = bench("list", "variants")
    assert status == 0
    assert max(map(len, out.splitlines())) > 100, "nothing is cut where the output is no terminal"


def test_daily_commands_are_in_the_first_screen_of_the_help(
    bench: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = bench("--help")
    assert status == 0
    screen = "\n".join(out.splitlines()[:24])
    for command in ("run", "report", "compare", "sample"):
        assert re.search(rf"^│ {command} ", screen, re.MULTILINE)
    commands = [line for line in out.splitlines() if re.match(r"│ [a-z]+  ", line)]
    assert all(line.rstrip(" │").endswith(".") for line in commands), "a line each"


def test_the_version_is_that_of_the_distribution_or_the_clone(
    bench: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    assert bench("--version") == (0, "gan-bench 1.2.3\n", "")

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    status, out, _ = bench("--version")
    assert status == 0
    assert re.fullmatch(r"gan-bench (of unknown version|[0-9a-f]{12})\n", out)
