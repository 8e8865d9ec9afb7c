"""Lines of a run in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.printing import printable


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a text as it is: neither markup nor terminal codes are read in it, and no line is wrapped."""
    console.print(escape(printable(text)), style=style, highlight=False, soft_wrap=True)
