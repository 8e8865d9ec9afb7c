"""Plug-ins: a user's Python file that registers variants, datasets or metrics of its own."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from gan_bench.bench.common.errors import UsageError


def load_plugins(paths: Iterable[Path]) -> None:
    """Import each file once, as the module `plugin_<name>`.

    Raises UsageError for a file that is not there or that raises, naming file, line and error.
    """
    for path in paths:
        name = f"plugin_{path.stem}"
        present = sys.modules.get(name)
        if present is not None and getattr(present, "__file__", None) == str(path.resolve()):
            continue
        if not path.is_file():
            raise UsageError(f"plug-in {path} does not exist")
        spec = importlib.util.spec_from_file_location(name, path.resolve())
        if spec is None or spec.loader is None:
            raise UsageError(f"plug-in {path} is not a Python file (.py)")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[name]
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == str(path.resolve())]
            line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
            place = f"plug-in {path}, line {line}" if line else f"plug-in {path}"
            raise UsageError(f"{place}: {type(error).__name__}: {error}") from error
