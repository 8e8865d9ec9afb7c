"""The name of this program, as its user calls it."""

from __future__ import annotations

import sys
from pathlib import Path

MODULES = ("bench", "gan_bench")
"""Packages that `python -m` runs: the first in a clone, the other anywhere."""
SCRIPT = "gan-bench"
"""The command of an installed package."""


def program() -> str:
    """Return the words that begin a command line: those with which this process was started.

    `python -m bench` works in a clone alone. It is shown where another program, a test for instance, called.
    """
    given = Path(sys.argv[0])
    if given.stem == SCRIPT:
        return SCRIPT
    module = given.parent.name if given.name == "__main__.py" else ""
    return f"python -m {module if module in MODULES else MODULES[0]}"
