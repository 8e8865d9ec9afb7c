"""Names in the documents exist: commands and their options, programs, paths, links, names of the source."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from gan_bench.bench.commands.app import app
from gan_bench.bench.planning.suite import shipped
from gan_bench.datasets.registry import ORDER
from tests.documents import DOCUMENTS, FENCE, FOLDERS, ROOT, files, inline, source, text

COMMANDS = typer.main.get_command(app)


def commands(document: str) -> list[str]:
    """Return the arguments of every command line of the harness that a document shows."""
    shown = (re.sub(r"^\.\.\. ", "python -m bench run --suite mnist ", code) for code in inline(document))
    pieces = (piece for code in shown for piece in re.split(r" && |; ", code))
    found = (re.match(r"(?:python -m bench|bench|gan-bench) ([a-z].*)", piece) for piece in pieces)
    return [match[1].replace(" ...", "") for match in found if match]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_those_of_the_program(document):
    for line in commands(document):
        name, *arguments = shlex.split(line, comments=True)
        assert name in COMMANDS.commands, line
        if arguments:  # a bare name is a mention
            with COMMANDS.commands[name].make_context(name, arguments):
                pass


def test_the_documents_show_commands():
    assert sum(len(commands(document)) for document in DOCUMENTS) > 60


def test_readme_is_a_landing_page():
    """Its size is what a reader takes in at once; the documents have the rest."""
    readme = (ROOT / "README.md").read_bytes()
    assert len(readme) < 7000
    assert 50 < len(readme.splitlines()) < 120
    assert len(re.findall(rb"^!\[", readme, re.MULTILINE)) == 1


def test_every_page_is_in_the_navigation_and_linked_from_readme():
    """A page that nobody links is not found."""
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    for page in (ROOT / "docs").glob("*.md"):
        assert re.search(rf"\b{re.escape(page.name)}\b", navigation), page.name
        assert page.name == "index.md" or f"(docs/{page.name})" in text("README.md"), page.name


def rows(*place):
    """Return the names in the first column of a document's tables."""
    lines = re.findall(r"^\| (`.+?) \|", ROOT.joinpath(*place).read_text(), re.MULTILINE)
    return {name for line in lines for name in re.findall(r"`([\w-]+)`", line)}


def test_every_suite_and_every_dataset_has_a_line():
    suites = {name: tomllib.loads(path.read_text()) for name, path in shipped().items()}
    parts = {name for suite in suites.values() for name in suite.get("include", [])}
    assert suites.keys() - parts - rows("docs", "suites.md") == set()
    assert {*ORDER} - rows("datasets", "README.md") == set()


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.startswith("docs/")])
def test_commands_of_pages_are_in_fences(document):
    """tests/test_docs.py runs what is in fences."""
    prose = FENCE.sub("", text(document))
    assert not re.findall(r"^ {4}(?:python -m|gan-bench|pip) .*$", prose, re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_options_exist(document):
    known = {o for c in COMMANDS.commands.values() for p in c.params for o in (*p.opts, *p.secondary_opts)}
    known.add("--help")
    for code in inline(document):
        if re.match(
            r"(pip|pytest|ruff|docker|mkdocs|python -m (tests|gan_bench\.variants|bench\.metrics))\b", code
        ):
            continue
        unknown = set(re.findall(r"(?<!\S)--[a-z][a-z-]+", code)) - known
        assert not unknown, code


@pytest.mark.parametrize("document", DOCUMENTS)
def test_programs_exist(document):
    for code in inline(document):
        for name in re.findall(r"python -m ([\w.]+)", code):
            module = name if name.split(".")[0] not in FOLDERS[:4] else f"gan_bench.{name}"
            assert find_spec(module) is not None, code


# Paths, links and names


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_exist(document):
    figures = "\n".join(code for kind, code in FENCE.findall(text(document)) if not kind)
    words = {word for code in [*inline(document), figures] for word in re.split(r"[\s,;()=:]+", code)}
    for word in words:
        first, slash, _ = word.partition("/")
        if slash and first in FOLDERS:
            matches = list(ROOT.glob(word.rstrip("/.")))
            assert matches, f"{document}: {word}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_names_of_files_exist(document):
    """A bare name (`began.py`) is that of a file of the tree, or begins with `my` or `mine`."""
    figures = "\n".join(code for kind, code in FENCE.findall(text(document)) if not kind)
    known = {Path(path).name for path in files()} | {path.name for path in ROOT.iterdir()}
    for code in [*inline(document), figures]:
        for name in re.findall(r"(?<![\w/.*-])(\w+\.py)\b", code):
            assert name in known or re.match("my|mine|FILE", name), f"{document}: {name}"


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md"])
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(document)):
        if re.match("https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / document).parent / path if path else ROOT / document
        assert file.exists(), f"{document}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{document}: {target}"


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "datasets/README.md"])
def test_names_of_the_source_exist(document):
    """Names in code that can only be Python's: `Game.abilities`, `ImageDataset`, `run_task`."""
    prose = FENCE.sub("", text(document))
    known = set(re.findall(r"\w+", source())) | {Path(path).stem for path in files()}
    known |= {word for path in files() for word in Path(path).parts} | {"fid_mynet", "RESULTS", "critic_r1"}
    for code in re.findall(r"`([A-Za-z_][\w.]*)(?:\(\))?`", prose):
        if "." in code or "_" in code or code[0].isupper():
            if Path(code).suffix in (".py", ".md", ".toml", ".yml", ".parquet", ".npy", ".csv"):
                continue
            missing = set(re.findall(r"[^\W\d]\w*", code)) - known
            assert not missing, f"{document}: {code}"
