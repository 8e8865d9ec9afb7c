"""Options: their texts are read, and a command has those of its request."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import pytest
import typer

from gan_bench.bench.commands.options import command_line, reads
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.options import Text, parse_pack, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("", None),
        ("3", (0, 1, 2)),
        ("0,1,7", (0, 1, 7)),
        ("0-4", (0, 1, 2, 3, 4)),
        ("7,", (7,)),
        ("1-2, 2", (1, 2)),
        ("+3", (0, 1, 2)),
        ("1_000-1_001,1e3", (1000, 1001)),
    ],
)
def test_seeds(text: str, seeds: Any) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "a",
        "1,b",
        "-3",
        "4-2",
        "1,-3",
        "1.5",
        "1e-4",
        "inf",
        "0-1-2",
        "5,4-2",
        "1e9",
        "0-99999999",
        str(2**63) + ",",
    ],
)
def test_impossible_seeds(text: str) -> None:
    with pytest.raises(UsageError, match="--seeds"):
        parse_seeds(text)


def test_a_count_of_no_seeds_says_how_seed_0_is_written() -> None:
    with pytest.raises(UsageError, match="`--seeds 0,` or `--seeds 0-0`"):
        parse_seeds("0")
    assert parse_seeds("0,") == parse_seeds("0-0") == (0,)


def test_seeds_are_limited_together() -> None:
    with pytest.raises(UsageError, match="at most 1,000,000 seeds expected"):
        parse_seeds("0-999999,1000000-1999999")


def test_pack_sizes() -> None:
    assert [parse_pack(text) for text in ("", "auto", "8", "1_0", "1e1")] == [None, "auto", 8, 10, 10]
    for text in ("0", "-1", "1.5", "few", "inf"):
        with pytest.raises(UsageError, match="--pack"):
            parse_pack(text)


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["/x/bench/__main__.py", "run", "--fresh", "--out", "a b"], "python -m bench run --out 'a b'"),
        (["/usr/bin/gan-bench", "report", "r"], "gan-bench report r"),
    ],
)
def test_the_command_to_do_it_again(monkeypatch: pytest.MonkeyPatch, argv: list[str], shown: str) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    assert command_line() == shown


def sizes(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("+")))


@dataclass(frozen=True)
class Wish:
    """A request with a field of every kind."""

    what: Annotated[str, typer.Argument()]
    command: str
    sizes: Annotated[tuple[int, ...], Text(sizes, "1+2"), typer.Option()] = ()
    paths: Annotated[tuple[Path, ...], typer.Option("--path")] = ()
    count: Annotated[int | None, typer.Option("-n", min=1)] = None
    flag: Annotated[bool, typer.Option("--flag")] = False


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (["x"], {"sizes": (1, 2)}),
        (["x", "--sizes", "7"], {"sizes": (7,)}),
        (["x", "--path", "a", "--path", "b"], {"sizes": (1, 2), "paths": (Path("a"), Path("b"))}),
        (["x", "-n", "3", "--flag"], {"sizes": (1, 2), "count": 3, "flag": True}),
    ],
)
def test_a_command_has_the_options_of_its_request(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], values: dict[str, Any]
) -> None:
    wishes: list[Wish] = []
    app = typer.Typer()
    app.command()(reads(Wish)(wishes.append))
    monkeypatch.setattr(sys, "argv", ["/x/gan-bench", "wish", *arguments])
    app(arguments, standalone_mode=False)
    assert wishes == [Wish("x", "gan-bench wish " + " ".join(arguments), **values)]


@pytest.mark.parametrize("name", ["running", "speed", "explain", "sampling"])
def test_a_request_has_the_defaults_of_its_command(name: str) -> None:
    # A field that is read from a text states its default twice, as a text and as a value.
    request = importlib.import_module(f"gan_bench.bench.{name}.request").Request
    hints = get_type_hints(request, include_extras=True)
    for field in fields(request):
        for mark in getattr(hints[field.name], "__metadata__", ()):
            if isinstance(mark, Text):
                assert mark.read(mark.default) == field.default, field.name
