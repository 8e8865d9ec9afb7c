"""Read the documents for their tests: code, commands, tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "datasets/README.md",
    "bench/metrics/extractors/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
FOLDERS = ("bench", "variants", "datasets", "reports", "tests", "docs", ".ci")
WRITTEN = re.compile(r"<!-- (\w+): python .*?<!-- end of \1 -->", re.DOTALL)
"""Parts that a program writes from the register; the program's own test compares them with it."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL = ("bash", "console", "sh", "shell")
"""Languages of blocks that hold command lines."""


@cache
def text(document: str) -> str:
    return WRITTEN.sub("", (ROOT / document).read_text("utf-8"))


def blocks(document: str, language: str) -> list[str]:
    return [code for kind, code in FENCE.findall(text(document)) if kind == language]


def inline(document: str) -> list[str]:
    """Return every piece of code inside a line, and the lines of indented blocks and of commands."""
    prose = FENCE.sub("", text(document)).replace("\\\n", " ")
    indented = re.findall(r"^ {4}(\S.*)$", prose, re.MULTILINE)
    shown = [line for kind in SHELL for code in blocks(document, kind) for line in command_lines(code)]
    return shown + indented + [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", prose)]


def command_lines(code: str) -> list[str]:
    """Return the commands of a block, without prompts; in a block with prompts other lines are output."""
    lines = [line.strip() for line in code.replace("\\\n", " ").splitlines()]
    prompts = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return prompts or [line for line in lines if line and not line.startswith("#")]


@cache
def files() -> list[str]:
    """Return the paths of all files of the four packages and the tests."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts]


@cache
def source() -> str:
    """Return the text of every Python file of the four packages."""
    own = (ROOT / path for path in files() if path.endswith(".py") and not path.startswith(("tests", "docs")))
    return "\n".join(path.read_text("utf-8") for path in own)


def table(document: str, heading: str) -> dict[str, list[str]]:
    """Return the first table after a line that starts with `heading`: first cell of a row -> the others."""
    _, found, rest = text(document).partition(f"\n{heading}")
    assert found, f"{document} has no {heading}"
    rows = re.findall(r"^\|(.+)\|$", rest[rest.index("\n|---") :].split("\n\n")[0], re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows[1:]]
    return {first.strip("`"): others for first, *others in cells}
