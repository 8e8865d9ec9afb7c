"""Commands in docs/ work: each page's blocks are run in an empty folder, in the order of the page.

A comment on the line before a block says what is done with it:

- nothing: its command lines are run as they stand, its Python as a script;
- `<!-- run with: --dry-run -->`: each `run` gets these options as well;
- `<!-- not run: REASON -->`: it cannot be run in a test;
- `<!-- file: NAME -->`: it is written into the folder under this name.

`<!-- setup: COMMAND -->` is run before the page's blocks. KEY in a command is the first trial in RESULTS.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gan_bench.bench.commands import app
from tests.documents import ROOT, SHELL, command_lines

BLOCK = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SETUP = re.compile(r"^<!-- setup: (.*?) -->$", re.MULTILINE)
RUN_ELSEWHERE = {"api.md": "tests/test_api_document.py", "variants.md": "tests/test_examples.py"}
"""Pages whose Python other tests run, or compare with the source."""
PROGRAM = ("python -m bench ", "python -m gan_bench ", "gan-bench ")
SHORT = {"list", "show", "verify", "merge", "clean", "compare", "new"}
"""Commands that neither train nor measure; CI's sample has the pages without others but for --dry-run."""


@dataclass(frozen=True)
class Block:
    """A block of a page: its language and code, and what the comment before it asks for."""

    language: str
    code: str
    what: str
    value: str


def pages() -> list[Path]:
    return sorted((ROOT / "docs").glob("*.md"))


def blocks_of(page: Path) -> list[Block]:
    found = []
    for comment, language, code in BLOCK.findall(page.read_text("utf-8")):
        what, _, value = comment.partition(":")
        known = what in ("run with", "not run", "file")
        found.append(Block(language, code, what if known else "", value.strip() if known else ""))
    return found


def steps(page: Path) -> Iterator[Block]:
    """Return the blocks of a page that are run or written."""
    for block in blocks_of(page):
        if block.what == "not run":
            continue
        python = block.language == "python" and page.name not in RUN_ELSEWHERE
        if block.what == "file" or block.language in SHELL or python:
            yield block


def is_short(page: Path) -> bool:
    """Return True for a page whose commands take a moment each."""
    for block in steps(page):
        if block.language == "python":
            return False
        for line in command_lines(block.code) if block.language in SHELL else []:
            start = next((start for start in PROGRAM if line.startswith(start)), None)
            if start is None or "--dry-run" in f"{line} {block.value}":
                continue
            if line.removeprefix(start).split()[0] not in SHORT:
                return False
    return not SETUP.search(page.read_text("utf-8"))


PAGES = [
    pytest.param(page, id=page.stem, marks=pytest.mark.sample if is_short(page) else [])
    for page in pages()
    if any(True for _ in steps(page))
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "bench" / "package")]))
    for command in SETUP.findall(page.read_text("utf-8")):
        carried_out(command, monkeypatch)
    for number, block in enumerate(steps(page)):
        if block.what == "file":
            Path(block.value).write_text(block.code, "utf-8")
        elif block.language == "python":
            Path(f"example{number}.py").write_text(block.code, "utf-8")
            carried_out(f"python example{number}.py", monkeypatch)
        else:
            for line in command_lines(block.code):
                more = f" {block.value}" if block.what == "run with" and " run " in line else ""
                carried_out(f"{line.partition('  #')[0]}{more}", monkeypatch)


def carried_out(command, monkeypatch):
    """Carry out one command line: ours in this process, unless it loads plug-ins, others by the shell."""
    if "KEY" in command:
        command = command.replace("KEY", min(path.name for path in Path("RESULTS/trials").iterdir()))
    ours = next((start for start in PROGRAM if command.startswith(start)), None)
    simple = not re.search(r"--plugin|--profiles|--model|bench check|[|<>&;]|\$\(", command)
    if ours and simple:
        monkeypatch.setattr(sys, "argv", ["bench", *shlex.split(command.removeprefix(ours), comments=True)])
        assert app.main() == 0, command
        return
    command = re.sub(r"\bgan-bench (?=[a-z])", "python -m gan_bench ", command)
    command = re.sub(r"(?<![\w/-])python(?= )", shlex.quote(sys.executable), command)
    done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, command + done.stdout + done.stderr


def test_a_block_that_is_not_run_says_why():
    for page in pages():
        for block in blocks_of(page):
            assert block.what != "not run" or len(block.value) > 10, f"{page.name}: {block.code}"
            assert block.what in ("", "not run") or block.value, f"{page.name}: {block.code}"


def test_most_pages_have_commands_that_are_run():
    assert len(PAGES) > 5


def test_a_command_that_fails_is_noticed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match="list nothing"):
        carried_out("python -m bench list nothing", monkeypatch)
    with pytest.raises(AssertionError, match="false"):
        carried_out("false; true", monkeypatch)
    carried_out("test 1 = 1", monkeypatch)


def test_keys_of_a_suites_file_are_described():
    from gan_bench.bench.planning.suite import HIDDEN, BudgetSpec, Published, SearchSpec, Suite

    text = (ROOT / "docs" / "suite-file.md").read_text("utf-8")
    for table in (Suite, BudgetSpec, SearchSpec, Published):
        for key in table.model_fields.keys() - (HIDDEN if table is Suite else set()):
            assert re.search(rf"`\[*{key}\b|\b{key}\b.*`|^{key} =|\.{key}\]", text, re.MULTILINE), key
