"""ARCHITECTURE's tables and figures are those of the source."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from gan_bench.variants import info
from gan_bench.variants.hyperparameters import resolve
from tests.documents import ROOT, table, text
from tests.training import make_job, trained


def test_rooms_import_what_architecture_lets_them():
    from tests.test_rooms import rooms

    said = table("ARCHITECTURE.md", "| room of `bench/`")
    found = {name.removeprefix("bench."): others for name, others in rooms().items() if name != "bench"}
    assert said.keys() == found.keys() | {"package"}
    for name, others in found.items():
        may = said[name][0]
        if may != "every room":
            allowed = set(re.findall(r"`(\w+)`", may))
            assert {other.removeprefix("bench.") for other in others - {"bench"}} <= allowed, name


LIBRARIES = {"scikit-learn": "sklearn", "Pillow": "PIL", "huggingface-hub": "huggingface_hub"}
"""Name of a library -> that of its package, where they differ in more than capitals."""


@pytest.mark.parametrize("package", ["variants", "datasets", "reports/statistics", "reports"])
def test_packages_import_the_libraries_that_architecture_lets_them(package):
    may = table("ARCHITECTURE.md", "| package ")[f"{package}/"][0]
    said = {
        LIBRARIES.get(word, word.lower()) for word in re.findall(r"(?<!`)\b[A-Za-z][\w-]+\b(?![/`])", may)
    }
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
    for path, line in rows:  # `...` stands for something left out
        pattern = ".*".join(map(re.escape, line.split("...")))
        assert re.search(pattern, (ROOT / path).read_text("utf-8")), f"{path}: {line}"


def test_the_iteration_is_the_one_that_architecture_draws():
    """Two rounds, of critic and generator, on latents [64, 64], and the columns that are named."""
    trainer = trained(
        make_job("nsgan+r1", iterations=2, settings={"batch_size": 64, "latent_dim": 64}), "ring"
    )
    assert [game_round.players for game_round in trainer.iteration.rounds] == [("critic",), ("generator",)]
    defaults = resolve(info("nsgan+r1").game.hyperparameters, {}, {})
    assert (defaults["batch_size"], defaults["latent_dim"]) == (64, 64)
    columns = re.search(r"leaves the columns (.*?) in the history", text("ARCHITECTURE.md"), re.DOTALL)
    assert columns is not None
    assert set(re.findall(r"`(\w+)`", columns[1])) <= trainer.outcome(0).history.keys()
