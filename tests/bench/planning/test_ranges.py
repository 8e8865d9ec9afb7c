"""Ranges of the numbers of requests, whether a command line or Python gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation.request import Request as Evaluate
from gan_bench.bench.explain.request import Request as Explain
from gan_bench.bench.planning.options import parse_packs
from gan_bench.bench.planning.ranges import MOST_BYTES, MOST_PACK, check_memory
from gan_bench.bench.sampling.request import Request as Sample
from gan_bench.bench.speed.request import Request as Speed

REQUESTS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "sample": (Sample, {"record": "a", "out": Path("a.png")}, "count steps seed"),
    "evaluate": (Evaluate, {"source": Path("a")}, "count seed halves"),
    "explain": (Explain, {"command": "a"}, "iterations every seed"),
    "speed": (Speed, {}, "rounds seconds"),
}
FIELDS = [(command, name) for command, (_, _, names) in REQUESTS.items() for name in names.split()]


@pytest.mark.parametrize(("command", "name"), FIELDS)
@pytest.mark.parametrize("value", [10**30, -1, float("nan")])
def test_a_number_out_of_range_is_refused_in_one_sentence(command: str, name: str, value: float) -> None:
    request, given, _ = REQUESTS[command]
    flag = "-n" if name == "count" else f"--{name}"
    with pytest.raises(UsageError, match=rf"^{flag} \S+: expected a number of at least \S+ and at most \S+$"):
        request(**given, **{name: value})


LINES = [
    "sample a -o a.png -n NUMBER",
    "sample a -o a.png --interpolate --steps NUMBER",
    "sample a -o a.png --seed NUMBER",
    "evaluate a --dataset ring -n NUMBER",
    "evaluate a --dataset ring --halves NUMBER",
    "explain --iterations NUMBER",
    "explain --every NUMBER",
    "speed --rounds NUMBER",
    "speed --seconds NUMBER",
    "speed --packs NUMBER",
    "translate a b -o c --tile NUMBER",
    "tour --seed NUMBER",
]


@pytest.mark.parametrize("number", ["1" + "0" * 30, "-1", "nan"])
@pytest.mark.parametrize("line", LINES)
def test_commands_refuse_such_numbers(
    line: str,
    number: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["bench", *line.replace("NUMBER", number).split()])
    assert cli.main() == 2
    shown = capsys.readouterr().err
    assert line.split()[line.split().index("NUMBER") - 1] in shown
    assert list(tmp_path.iterdir()) == []


def test_samples_that_do_not_fit_are_refused_before_they_are_made() -> None:
    most = MOST_BYTES // (4 * 3 * 64 * 64)
    check_memory("-n", most, (3, 64, 64))
    with pytest.raises(UsageError, match=rf"^-n .*: .* \(3, 64, 64\) take .* at most {most:,} "):
        check_memory("-n", most + 1, (3, 64, 64))


def test_packs_have_a_largest_size() -> None:
    assert parse_packs(f"{MOST_PACK}") == (1, MOST_PACK)
    with pytest.raises(UsageError, match="from 1 to 4096"):
        parse_packs(f"{MOST_PACK + 1}")
