"""Plug-ins: a user's Python files that register variants, datasets, networks, metrics and others."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import TypeGuard

from gan_bench.bench.common.errors import UsageError
from gan_bench.errors import UserError
from gan_bench.names import nearest, registering

PREFIX = "plugin_"
"""Start of the names of plug-ins' modules."""


def load_plugins(paths: Iterable[Path]) -> None:
    """Import each file once, as the module `plugin_<name>`, in the order given.

    Files of one name in several folders are different plug-ins. Every process that is given the same files in
    the same order gives their modules the same names.

    Raises:
        UsageError: for a file that is not there or that raises; the message names file, line and error, and
            if a name is registered already the file that has registered it.
    """
    for path in paths:
        file = path.resolve()
        name = _module_name(file)
        if name in sys.modules:
            continue
        if not file.is_file():
            raise UsageError(f"plug-in {path} {'is no file' if file.exists() else 'does not exist'}")
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise UsageError(f"plug-in {path} is not a Python file (.py)")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            with registering(_title(file)):
                spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:  # a script that ends its process is no plug-in
            sentence = in_plugin(error) or f"plug-in {path}: {_words(error)}"  # while its module is known
            del sys.modules[name]
            raise UsageError(sentence) from error


def sentence_of(error: BaseException) -> str:
    """Return an error as one sentence: its class and message, after the file and line of a plug-in's code."""
    return in_plugin(error) or _words(error)


def in_plugin(error: BaseException) -> str:
    """Return a sentence with file and line for an error that code of a plug-in raised, else an empty text."""
    files = {
        str(module.__file__)
        for name, module in list(sys.modules.items())
        if name.startswith(PREFIX) and getattr(module, "__file__", None)
    }
    lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        lines.append((error.filename or "", error.lineno))
    for file, line in reversed(lines):
        if file in files:
            return f"{_title(Path(file))}, line {line}: {_words(error)}"
    return ""


def _module_name(file: Path) -> str:
    """Return the name of a plug-in's module; that of a second file of one name ends in a hash of its path."""
    name = f"{PREFIX}{file.stem}"
    present = sys.modules.get(name)
    if present is None or present.__file__ == str(file):
        return name
    return f"{name}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"


def _title(file: Path) -> str:
    """Return a plug-in's name for messages, as short as its place allows."""
    here = Path.cwd()
    return f"plug-in {file.relative_to(here) if file.is_relative_to(here) else file}"


def _words(error: BaseException) -> str:
    if isinstance(error, AttributeError) and is_settings(error.obj):
        kind, known = _kind(error.obj), vars(error.obj)
        near = nearest(error.name, known)
        hint = f"; did you mean {near!r}?" if near else ""
        return f"{kind} {error.name!r} is not declared, as are {', '.join(known)}{hint}"
    if isinstance(error, UserError):
        return str(error)
    text = str(error.msg if isinstance(error, SyntaxError) else error)  # its own text repeats file and line
    return f"{type(error).__name__}: {text.strip().partition(chr(10))[0]}"  # torch adds C++ frames


def is_settings(value: object) -> TypeGuard[SimpleNamespace]:
    """Return whether an object holds the hyperparameters of a game, or the options of a network family."""
    return isinstance(value, SimpleNamespace) and vars(value) != {}


def _kind(settings: SimpleNamespace) -> str:
    """Return the word for what settings hold: every game has the hyperparameter `batch_size`."""
    return "hyperparameter" if hasattr(settings, "batch_size") else "option"
