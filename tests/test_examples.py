"""Examples of the documents work: plug-ins are trained and measured, quotations are the source."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from gan_bench.bench.commands import app as cli
from gan_bench.bench.planning.suite import load_suite
from tests.documents import DOCUMENTS, FENCE, ROOT, blocks, inline, text


def run(folder: Path, *command: str) -> str:
    """Run Python in `folder` as a user of the clone does; return what it prints."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "bench" / "package")])
    caches = {"GAN_BENCH_CACHE": str(folder / "cache"), "PYTHONPATH": paths, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=os.environ | caches, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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
    run(folder, *command_line(), "--jobs", "2")  # in processes of their own
    return folder


def command_line() -> list[str]:
    """Return the arguments of the command that trains CONTRIBUTING's suite."""
    (command,) = (line for line in inline("CONTRIBUTING.md") if "--suite my.toml" in line)
    return shlex.split(command)[1:]


def scores(house):
    return pd.concat(
        map(pd.read_csv, sorted((house / "results" / "my-quick" / "report").rglob("scores.csv")))
    )


@pytest.mark.slow
@pytest.mark.sample
def test_a_suite_of_the_plugins_of_contributing_is_trained_and_measured(house):
    found = scores(house)
    assert set(found["variant"]) == {"nsgan", "my-hinge"}
    assert set(found["seed"]) == {0, 1}
    assert {"fid_mynet", "brightness_error"} <= set(found["metric"])
    assert found.loc[found["metric"] == "fid_mynet", "value"].gt(0).all()


@pytest.mark.slow
@pytest.mark.sample
def test_plug_ins_may_be_given_in_any_order_and_twice(house):
    """The trials have the same keys, so nothing is left to do."""
    command = command_line()
    start = command.index("--plugin")
    files = [name for name in command[start:] if name != "--plugin"]
    options = [word for name in [*reversed(files), files[0]] for word in ("--plugin", name)]
    shown = run(house, *command[:start], *options, "--dry-run")
    assert "0 packs to train, 0 trials to measure again" in shown


@pytest.mark.slow
@pytest.mark.sample
def test_the_extractor_and_the_variant_of_contributing_are_shown(house):
    listed = run(house, "-m", "bench", "list", "extractors", "--plugin", "my_extractor.py")
    identity = hashlib.sha256((house / "mynet.safetensors").read_bytes()).hexdigest()
    assert dict(map(str.split, listed.splitlines()[1:]))["mynet"] == identity
    kept = [json.loads(path.read_text("utf-8")) for path in house.rglob("evaluation*/*.json")]
    assert kept
    assert {evaluation["protocol"]["extractors"]["mynet"] for evaluation in kept} == {identity}
    shown = run(house, "-m", "bench", "show", "my-hinge", "--plugin", "my_variant.py")
    assert "E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))" in shown


@pytest.mark.slow
@pytest.mark.sample
def test_the_reference_row_of_contributing_has_the_brightness_of_the_data(house):
    """A mean image is as bright as the training images; the error is that of rounding and of two splits.

    A pixel of the data is uniform on 0 to 255: its standard deviation is 73.9, and the mean of the 500 test
    images' 512,000 pixels deviates from 127.5 by 0.10.
    """
    rows = [json.loads(path.read_text("utf-8")) for path in (house / "results").rglob("references/*.json")]
    (average,) = (row for row in rows if row["name"] == "average")
    errors = [found["value"] for found in average["rows"] if found["metric"] == "brightness_error"]
    assert errors
    assert max(errors) < 0.6


def test_the_variant_of_contributing_is_the_papers_hinge_loss(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "gan_bench.variants.register", lambda *_, **__: lambda game: game
    )  # not for other tests
    space: dict = {}
    exec(compile(plugins(tmp_path)["variant"].read_text("utf-8"), "CONTRIBUTING.md", "exec"), space)
    real, fake = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 0.5, 1.0])
    hinge, hp = space["MyHinge"](), SimpleNamespace()
    assert hinge.real(real, hp).item() == pytest.approx((0 + 0.5 + 2) / 3)
    assert hinge.fake(fake, hp).item() == pytest.approx((0 + 1.5 + 2) / 3)
    assert hinge.critic(real, fake, hp).item() == pytest.approx((2.5 + 3.5) / 3)
    assert hinge.generator(real, fake, hp).item() == pytest.approx(0.5 / 3)


def code_of(text: str, name: str) -> str:
    """Return the code of one class of a module, without docstrings and layout."""
    (found,) = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef) and n.name == name)
    for node in ast.walk(found):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(found)


def test_the_page_of_variants_quotes_lsgan():
    (code,) = blocks("docs/variants.md", "python")
    path = re.search(r"`(variants/[\w/]+\.py)`", text("docs/variants.md"))
    assert path is not None
    assert code_of(code, "LSGAN") == code_of((ROOT / path[1]).read_text("utf-8"), "LSGAN")


def test_the_usage_of_datasets_runs(tmp_path, monkeypatch):
    usage, *_ = blocks("datasets/README.md", "python")
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "example", [pytest.param(1, id="law", marks=pytest.mark.sample), pytest.param(2, id="pairs")]
)
def test_the_datasets_of_datasets_hold_the_contract(tmp_path, example):
    code = blocks("datasets/README.md", "python")[example]
    file = re.match(r"# (\w+\.py)", code)
    assert file is not None
    (tmp_path / file[1]).write_text(code, "utf-8")
    (command,) = (line for line in inline("datasets/README.md") if "bench check" in line)
    *program, checked = command.split()
    assert (program, checked) == (["python", "-m", "bench", "check"], "mine.py")
    assert " checks hold." in run(tmp_path, *program[1:], file[1])


def test_every_block_of_python_is_run_or_quoted():
    """The tests above take these, tests/test_docs.py those of docs/; others need a test of their own."""
    elsewhere = [document for document in DOCUMENTS if not document.startswith("docs/")]
    counts = {document: len(blocks(document, "python")) for document in elsewhere}
    expected = {"CONTRIBUTING.md": 6, "datasets/README.md": 3}
    assert {document: count for document, count in counts.items() if count} == expected


def test_the_published_numbers_of_contributing_are_read(tmp_path, monkeypatch):
    (block,) = (code for code in blocks("CONTRIBUTING.md", "toml") if "[[published]]" in code)
    ring = (ROOT / "bench" / "suites" / "ring.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(f"{ring}\n{block}", "utf-8")
    suite = load_suite(str(tmp_path / "mine.toml"))
    small = ("--budget", "smoke", "--variants", "nsgan")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", "run", "--suite", "mine.toml", "--dry-run", *small])
    assert cli.main() == 0  # it refuses unknown names
    (table,) = suite.published
    assert table.values["ring"]["modes"] == {"nsgan": (1.0, None), "veegan": (8.0, 0.0)}
