"""A benchmark and evaluation harness for generative adversarial networks.

    import gan_bench

    results = gan_bench.run("ring", seeds=3, budget="smoke")
    results.table()

`run`, `load`, `evaluate` and `compare` do what the commands of these names do, through the same functions;
docs/api.md has examples. They are imported when they are first used, because torch and pandas take seconds.

This package is the one top-level name of the installed project. An installed wheel holds the four packages
`bench`, `variants`, `datasets` and `reports` in this folder. In a source checkout they lie at its root, so
this package also looks there, and `gan_bench.clone` lets their old names import the same modules.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_bench.bench.commands.api import compare, evaluate, load, run

if not (Path(__file__).parent / "bench").is_dir():
    from gan_bench import clone

    __path__.append(str(clone.ROOT))
    clone.keep_old_names()

__all__ = ["compare", "evaluate", "load", "run"]


def __getattr__(name: str) -> Any:
    """Return a function of the API, importing its module."""
    if name not in __all__:
        raise AttributeError(f"module 'gan_bench' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("gan_bench.bench.commands.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
