"""The place where functions of the API show their progress."""

from __future__ import annotations

from importlib.util import find_spec

from rich.console import Console

from gan_bench.bench.common.printing import new_console

WIDTH = 100
"""Columns of plain lines in a notebook."""


def screen(progress: bool = True) -> Console:
    """Return a console: bars in a terminal, and in a notebook that has ipywidgets; plain lines elsewhere.

    Args:
        progress: False shows nothing.
    """
    if not progress:
        return new_console(quiet=True, force_jupyter=False, force_terminal=False)  # not even an empty widget
    console = new_console()
    if not console.is_jupyter:
        return console
    if find_spec("ipywidgets") is None:  # without it rich draws no bars in a notebook
        return new_console(force_jupyter=False, force_terminal=False, width=WIDTH)
    return new_console(force_jupyter=True, force_terminal=False)  # a terminal's codes would be shown as text
