"""What the documents say is so: code is run or quoted, commands parse, paths, links and names exist."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import typer
from safetensors.torch import save_file

from gan_bench.bench.commands.app import app
from gan_bench.bench.planning.paper_numbers import published_of
from gan_bench.bench.planning.suite import load_suite
from tests.test_rooms import rooms

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "datasets/README.md",
    "bench/metrics/extractors/README.md",
    *(f"notes/{path.name}" for path in sorted((ROOT / "notes").glob("*.md"))),
]
FOLDERS = ("bench", "variants", "datasets", "reports", "tests", "notes", ".ci")
WRITTEN = re.compile(r"<!-- (\w+): python .*?<!-- end of \1 -->", re.DOTALL)
"""Tables that a program writes from the register; tests/variants/test_table.py compares them with it."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = typer.main.get_command(app)


@cache
def text(document: str) -> str:
    return WRITTEN.sub("", (ROOT / document).read_text("utf-8"))


def blocks(document: str, language: str) -> list[str]:
    return [code for kind, code in FENCE.findall(text(document)) if kind == language]


def inline(document: str) -> list[str]:
    """Return every piece of code inside a line, and the lines of indented blocks."""
    prose = FENCE.sub("", text(document)).replace("\\\n", " ")
    indented = re.findall(r"^ {4}(\S.*)$", prose, re.MULTILINE)
    return indented + [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", prose)]


@cache
def files() -> list[str]:
    """Return the paths of all files of the four packages and the tests."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts]


@cache
def source() -> str:
    """Return the text of every Python file of the four packages."""
    own = (ROOT / path for path in files() if path.endswith(".py") and not path.startswith(("tests", "notes")))
    return "\n".join(path.read_text("utf-8") for path in own)


def run(folder: Path, *command: str) -> str:
    """Run Python in `folder` as a user of the clone does; return what it prints."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "bench" / "package")])
    caches = {"GAN_BENCH_CACHE": str(folder / "cache"), "PYTHONPATH": paths, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=os.environ | caches, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# Python


def plugins(folder: Path) -> dict[str, Path]:
    """Write CONTRIBUTING's plug-ins into `folder`, under the names that its command gives; title -> file."""
    sections = re.split(r"^## ", text("CONTRIBUTING.md"), flags=re.MULTILINE)
    words = {"variant": "variant", "dataset": "dataset", "family": "family", "extractor": "extractor"}
    words |= {"metric": "metric", "row": "row"}
    written = {}
    for section in sections:
        title, code = section.split("\n")[0], [c for kind, c in FENCE.findall(section) if kind == "python"]
        if code:
            assert title.endswith(" in one file")
            word = words[title.removesuffix(" in one file").split()[-1]]
            assert len(code) == 1
            written[word] = folder / f"my_{word}.py"
            written[word].write_text(code[0], "utf-8")
    assert written.keys() == words.keys()
    return written


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Return a folder in which CONTRIBUTING's suite of its plug-ins has been trained."""
    folder = tmp_path_factory.mktemp("contributing")
    plugins(folder)
    numbers = np.random.default_rng(0)
    np.save(folder / "mine.npy", numbers.integers(0, 256, (2500, 32, 32)))
    generator = torch.Generator().manual_seed(0)
    layers = {"hidden": torch.randn(1024, 16, generator=generator) / 32}
    layers["classes"] = torch.randn(16, 10, generator=generator)
    save_file(layers, folder / "mynet.safetensors")
    (suite,) = (code for code in blocks("CONTRIBUTING.md", "toml") if "datasets" in code)
    (folder / "my.toml").write_text(suite, "utf-8")
    (command,) = (line for line in inline("CONTRIBUTING.md") if "--suite my.toml" in line)
    run(folder, *shlex.split(command)[1:], "--jobs", "1")
    return folder


def scores(house):
    return pd.concat(map(pd.read_csv, sorted((house / "results" / "my-quick" / "report").rglob("scores.csv"))))


def test_a_suite_of_the_plugins_of_contributing_is_trained_and_measured(house):
    found = scores(house)
    assert set(found["variant"]) == {"nsgan", "my-hinge"}
    assert set(found["seed"]) == {0, 1}
    assert {"fid_mynet", "brightness_error"} <= set(found["metric"])
    assert found.loc[found["metric"] == "fid_mynet", "value"].gt(0).all()


def test_the_reference_row_of_contributing_has_the_brightness_of_the_data(house):
    """A mean image is as bright as the training images; the error is that of rounding and of two splits.

    A pixel of the data is uniform on 0 to 255: its standard deviation is 73.9, and the mean of the 500 test
    images' 512,000 pixels deviates from 127.5 by 0.10.
    """
    rows = [json.loads(path.read_text("utf-8")) for path in (house / "results").rglob("references/*.json")]
    (average,) = (row for row in rows if row["reference"] == "average")
    errors = [found["value"] for found in average["rows"] if found["metric"] == "brightness_error"]
    assert errors
    assert max(errors) < 0.6


def test_the_variant_of_contributing_is_the_papers_hinge_loss(tmp_path):
    space: dict = {}
    exec(compile(plugins(tmp_path)["variant"].read_text("utf-8"), "CONTRIBUTING.md", "exec"), space)
    try:
        real, fake = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 0.5, 1.0])
        game, hp = space["MyHinge"].__new__(space["MyHinge"]), SimpleNamespace()
        assert game.real_objective(real, hp).item() == pytest.approx((0 + 0.5 + 2) / 3)
        assert game.fake_objective(fake, hp).item() == pytest.approx((0 + 1.5 + 2) / 3)
        assert game.generator_objective(real, fake, hp).item() == pytest.approx(0.5 / 3)
    finally:
        from gan_bench.variants import registry

        registry._variants.pop("my-hinge")


def test_the_readme_quotes_lsgan():
    (code,) = blocks("README.md", "python")
    path = re.search(r"`(variants/[\w/]+\.py)`", text("README.md"))
    assert path is not None
    assert code in (ROOT / path[1]).read_text("utf-8")


def test_the_usage_of_datasets_runs(tmp_path, monkeypatch):
    usage, _ = blocks("datasets/README.md", "python")
    roots = [Path(place) for place in filter(None, os.environ.get("BENCH_DATA", "").split(os.pathsep))]
    ring, mnist = usage.split("\nmnist = ")
    space: dict = {}
    exec(compile(ring, "datasets/README.md", "exec"), space)
    assert space["points"].shape == space["batch"].shape == (256, 2)
    assert space["ring"].truth.modes.shape == (8, 2)
    found = [root for root in roots if (root / "MNIST").is_dir()]
    if not found:
        pytest.skip("no MNIST in BENCH_DATA")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(found[0].resolve())
    exec(compile(f"mnist = {mnist}", "datasets/README.md", "exec"), space)
    assert space["batch"]["real"].shape == (2, 2, 1, 28, 28)
    assert space["batch"]["label"].shape == (2, 2)


def test_the_dataset_of_datasets_holds_the_contract(tmp_path):
    _, law = blocks("datasets/README.md", "python")
    file = re.match(r"# (\w+\.py)", law)
    assert file is not None
    (tmp_path / file[1]).write_text(law, "utf-8")
    name = re.search(r'register_dataset\(\s*"(\w+)"', law)
    assert name is not None
    (command,) = (line for line in inline("datasets/README.md") if "BENCH_PLUGINS" in line)
    variable, program, path = command.split()
    assert program == "pytest"
    assert variable == f"BENCH_PLUGINS={file[1]}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", str(ROOT / path), "-k", name[1], "-p", "no:cacheprovider"],
        cwd=ROOT, env=os.environ | {"BENCH_PLUGINS": str(tmp_path / file[1])}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_every_block_of_python_is_run_or_quoted():
    """The tests above take these; a block in another place needs one of its own."""
    counts = {document: len(blocks(document, "python")) for document in DOCUMENTS}
    expected = {"README.md": 1, "CONTRIBUTING.md": 6, "datasets/README.md": 2}
    assert {document: count for document, count in counts.items() if count} == expected


def test_the_published_numbers_of_contributing_are_read(tmp_path):
    (block,) = (code for code in blocks("CONTRIBUTING.md", "toml") if "[[published]]" in code)
    ring = (ROOT / "bench" / "suites" / "ring.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(f"{ring}\n{block}", "utf-8")
    suite = load_suite(str(tmp_path / "mine.toml"))
    assert published_of(suite)
    (table,) = suite.published
    assert table.values["ring"]["modes"] == {"nsgan": (1.0, None), "veegan": (8.0, 0.0)}


# Quotations



def table(document: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table after a line that starts with `heading`: first cell -> the others."""
    _, found, rest = text(document).partition(f"\n{heading}")
    assert found, f"{document} has no {heading}"
    rows = re.findall(r"^\|(.+)\|$", rest[rest.index("\n|---") :].split("\n\n")[0], re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows[1:]]
    return {first.strip("`"): others for first, *others in cells}


def test_rooms_import_what_architecture_lets_them():
    said = table("ARCHITECTURE.md", "| room of `bench/`")
    found = {name.removeprefix("bench."): others for name, others in rooms().items() if name != "bench"}
    assert said.keys() == found.keys() | {"package"}
    for name, others in found.items():
        may = said[name][0]
        if may != "every room":
            assert {other.removeprefix("bench.") for other in others - {"bench"}} == set(re.findall(r"`(\w+)`", may)), name


LIBRARIES = {"scikit-learn": "sklearn", "Pillow": "PIL"}
"""Name of a library -> that of its package, where they differ in more than capitals."""


@pytest.mark.parametrize("package", ["variants", "datasets", "reports/statistics", "reports"])
def test_packages_import_the_libraries_that_architecture_lets_them(package):
    may = table("ARCHITECTURE.md", "| package ")[f"{package}/"][0]
    said = {LIBRARIES.get(word, word.lower()) for word in re.findall(r"(?<!`)\b[A-Za-z-]+\b(?![/`])", may)}
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {name.partition(".")[0] for name in names}
    assert found - {"gan_bench"} - set(sys.stdlib_module_names) == said


def test_the_glossary_has_thirty_words_at_most():
    words = table("ARCHITECTURE.md", "## Glossary")
    assert 20 <= len(words) <= 30


QUOTED = re.compile(r"^\|[^|]*\| `([\w/.-]+\.py)`[^|]*\| `([^`]+)` \|$", re.MULTILINE)


def test_lines_that_a_table_quotes_stand_in_their_files():
    rows = QUOTED.findall(text("ARCHITECTURE.md"))
    assert len(rows) >= 10
    wrong = [row for row in rows if row[1] not in (ROOT / row[0]).read_text("utf-8")]
    assert not wrong


# Commands


def commands(document: str) -> list[str]:
    """Return the arguments of every command line of the harness that a document shows."""
    found = []
    for code in inline(document):
        shown = re.sub(r"^\.\.\. ", "python -m bench run --suite mnist ", code)
        for piece in re.split(r" && |; ", shown):
            if match := re.match(r"(?:python -m bench|bench|gan-bench) ([a-z].*)", piece):
                found.append(match[1].replace(" ...", ""))
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_those_of_the_program(document):
    for line in commands(document):
        name, *arguments = shlex.split(line, comments=True)
        assert name in COMMANDS.commands, line
        if arguments:  # a bare name is a mention
            with COMMANDS.commands[name].make_context(name, arguments):
                pass


def test_the_documents_show_commands():
    assert len(commands("README.md")) > 30


@pytest.mark.parametrize("document", DOCUMENTS)
def test_options_exist(document):
    known = {o for c in COMMANDS.commands.values() for p in c.params for o in (*p.opts, *p.secondary_opts)}
    foreign = {"--show"}
    for code in inline(document):
        if re.match(r"(pip|pytest|ruff|python -m (tests|gan_bench\.variants|bench\.metrics))\b", code):
            continue
        unknown = set(re.findall(r"(?<!\S)--[a-z][a-z-]+", code)) - known - foreign
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
    known = {Path(path).name for path in files()}
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


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_names_of_the_source_exist(document):
    """Names in code that can only be Python's: `Game.least_rows`, `ImageDataset`, `run_task`."""
    prose = FENCE.sub("", text(document))
    known = set(re.findall(r"\w+", source())) | {Path(path).stem for path in files()}
    known |= {word for path in files() for word in Path(path).parts} | {"fid_mynet", "RESULTS"}
    for code in re.findall(r"`([A-Za-z_][\w.]*)(?:\(\))?`", prose):
        if "." in code or "_" in code or code[0].isupper():
            if Path(code).suffix in (".py", ".md", ".toml", ".parquet", ".npy", ".csv"):
                continue
            missing = set(re.findall(r"[^\W\d]\w*", code)) - known
            assert not missing, f"{document}: {code}"
