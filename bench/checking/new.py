"""Files to start from: one commented variant, dataset, network family or suite."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import unwritable, write
from gan_bench.bench.common.program import MODULES, program
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import shipped

NAME = "template"
"""The name in the templates that is replaced."""
TAKEN = {"variant": "variant", "dataset": "dataset", "network": "network family"}
"""Kinds whose names are looked up in a register."""
SUFFIX = {"suite": ".toml"}


def new(kind: str, name: str, folder: Path) -> Path:
    """Write the file of a new entry and return its path.

    Args:
        kind: `variant`, `dataset`, `network` or `suite`.
        name: lower-case letters, digits and hyphens; the file has underscores in their place.
        folder: to write into.

    Raises:
        UsageError: for another form of name, one that is taken, or a file that is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(f"{name}: expected a name of lower-case letters, digits and hyphens, as in my-hinge")
    if kind in TAKEN and catalogue.known(TAKEN[kind], name):
        raise UsageError(f"there is a {TAKEN[kind]} {name!r} already; choose another name")
    if kind == "suite" and name in shipped():
        raise UsageError(f"there is a suite {name!r} already; choose another name")
    suffix = SUFFIX.get(kind, ".py")
    path = folder / f"{name if suffix == '.toml' else name.replace('-', '_')}{suffix}"
    if path.exists():
        raise UsageError(f"{path} is there already; remove it, or choose another name")
    source = resources.files("gan_bench.bench.checking") / "templates" / f"{kind}{suffix}"
    with unwritable(f"cannot write {path}"):
        text = source.read_text("utf-8").replace(f"python -m {MODULES[0]}", program())
        write(path, filled(text, name, path.name))
    return path


def filled(text: str, name: str, file: str) -> str:
    """Return a template with a name: in texts as it is, in Python's names as words."""
    words = name.split("-")
    text = text.replace("class Template", f"class {''.join(word.capitalize() for word in words)}")
    text = text.replace(f"def {NAME}(", f"def {'_'.join(words)}(")
    text = re.sub(rf"\b{NAME}\b(?!\()", name, text)
    return re.sub(r"\bFILE(?=\n)|\bFILE(?= --dry-run)", file, text)
