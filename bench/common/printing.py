"""Texts for a terminal: what came from a file or a name is shown, and never controls the terminal."""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.console import Console


def printable(text: str) -> str:
    """Return a text whose control characters, except for new lines and tabs, are escaped."""
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cf") and char not in "\n\t"
        else char
        for char in text
    )


def draws_bars(console: Console) -> bool:
    """Return whether rich redraws bars here: in a terminal, and in a notebook."""
    return console.is_terminal or console.is_jupyter


def new_console(**options: Any) -> Console:
    """Return a console that prints names as they are: `results:x:best` holds no emoji.

    Args:
        options: of `rich.console.Console`.
    """
    return Console(emoji=False, **options)
