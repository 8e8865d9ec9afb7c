"""Lines of a run in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a text as it is: no markup is read in it, and no line is wrapped."""
    console.print(escape(text), style=style, highlight=False, soft_wrap=True)
