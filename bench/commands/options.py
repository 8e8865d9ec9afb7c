"""Options that several commands read alike."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from gan_bench.bench.common.errors import UsageError

Plugins = Annotated[
    list[Path],
    typer.Option("--plugin", metavar="FILE.py", help="Your own variants, datasets or metrics; repeatable."),
]


def check_device(device: str) -> None:
    """Raise UsageError for a device that no machine has."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise UsageError(f"--device {device}: expected auto, cpu or cuda")


def parse_names(text: str) -> tuple[str, ...] | None:
    """`a,b+gp(target=0, weight=1)` -> these two, as commas inside parentheses stay; nothing -> None."""
    return tuple(filter(None, (name.strip() for name in re.split(r",(?![^()]*\))", text)))) or None


def parse_whole(text: str) -> int | None:
    """The whole number that a text stands for in Python (`3`, `1_000`, `1e3`); None where it is none."""
    from gan_bench.variants.hyperparameters import whole

    return value if isinstance(value := whole(text), int) else None


def command_line() -> str:
    """The command that was given, without --fresh, to be shown and run again."""
    program = Path(sys.argv[0]).name
    start = ["python", "-m", "bench"] if program == "__main__.py" else [program]
    return shlex.join(start + [argument for argument in sys.argv[1:] if argument != "--fresh"])
