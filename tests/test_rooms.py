"""The rooms of the house: who may import whom, read from the import statements."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bench", "datasets", "reports", "variants")
MAY_IMPORT = {
    "bench": {"datasets", "reports", "variants"},
    "reports": set(),
    "datasets": set(),
    "variants": set(),
}
"""Package -> the others that it may import."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "package" not in path.parts  # the namespace's own folder
}


def imports(module: str) -> set[str]:
    """The modules of the four packages that a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import, which this test does not follow"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            path = name.removeprefix("gan_bench.")
            path = path if path in MODULES else path.rpartition(".")[0]
            if path in MODULES and name.startswith("gan_bench."):
                found.add(path)
    return found - {module}


@cache
def all_imports() -> dict[str, set[str]]:
    return {module: imports(module) for module in MODULES}


def room(module: str) -> str:
    """The folder of bench/ that a module lies in; `bench` itself for those at its top."""
    return ".".join(module.split(".")[:2]) if MODULES[module].parent != ROOT / "bench" else "bench"


def rooms() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for module, others in all_imports().items():
        if module.startswith("bench"):
            found[room(module)] |= {room(other) for other in others if other.startswith("bench")}
    return {name: others - {name} for name, others in found.items()}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of a graph, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_the_reader_of_imports_sees_them() -> None:
    assert "bench.common.printing" in all_imports()["bench.commands.app"]
    assert "bench.running.session" in all_imports()["bench.commands.app"]  # inside a function
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})


def test_no_two_rooms_of_bench_import_each_other() -> None:
    assert circle(rooms()) == []


def test_bench_has_few_rooms() -> None:
    assert len(rooms().keys() - {"bench"}) <= 16


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_imports_up(package: str) -> None:
    up = {
        f"{module} -> {other}"
        for module, others in all_imports().items()
        for other in others
        if module.split(".")[0] == package and other.split(".")[0] not in {package, *MAY_IMPORT[package]}
    }
    assert up == set()


def test_no_two_modules_import_each_other() -> None:
    # A folder's `__init__` gathers its modules; a module that imports another by its full name runs it too,
    # which is no circle of knowledge.
    assert circle(all_imports()) == []
