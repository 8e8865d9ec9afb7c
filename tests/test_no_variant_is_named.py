"""Only `variants/` names a variant: the programs elsewhere know games by what these can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gan_bench import variants
from gan_bench.variants import registry

ROOT = Path(__file__).parents[1]
PROGRAMS = (".py", ".html", ".js", ".css")
"""Suites and other data files may name what they train."""
WORD = re.compile(r"(?<![\w.-])[A-Za-z][\w-]*(?![\w-])")


ORDINARY = {"unit"}
"""Names that programs use as the word: the unit of an axis."""


def forbidden():
    """Names and aliases of all variants, but those that are ordinary words."""
    return {*variants.names(), *registry.VARIANTS.aliases()} - ORDINARY


def named(text):
    """Variants that are named anywhere in a program: in its code, its messages or its comments."""
    return sorted(set(WORD.findall(text)) & forbidden())


@pytest.mark.parametrize("package", ["bench", "datasets", "reports"])
def test_no_program_names_a_variant(package):
    programs = [path for path in sorted((ROOT / package).rglob("*")) if path.suffix in PROGRAMS]
    assert len(programs) > 5
    found = {
        str(path.relative_to(ROOT)): names for path in programs if (names := named(path.read_text("utf-8")))
    }
    assert not found, f"ask for an ability, or say it in a suite: {found}"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('if trial.variant == "wgan-gp":', ["wgan-gp"]),
        (
            "from variants.generation.veegan import VEEGAN",
            [],
        ),  # no word of its own: imports are checked below
        ("VARIANTS = ('nsgan+r1(gamma=0.3)',)", ["nsgan"]),
        ("# only for began and mmgan", ["began", "mmgan"]),
        ("self._began = began_at", []),
        ("by VEEGAN's rule (Srivastava et al. 2017)", []),
        ('family = "conv"', []),
        ("a gan-bench of any-gan", []),
        ("unit: of the values, for axes", []),
    ],
)
def test_what_counts_as_naming_one(line, names):
    assert named(line) == names


@pytest.mark.parametrize("package", ["bench", "datasets", "reports"])
def test_no_program_imports_a_variants_module(package):
    modules = {variants.get(name).__module__ for name in variants.names()}
    inner = re.compile(
        r"\bvariants\.(generation|conditional|clustering|inference|semisupervised|translation|adaptation|restoration)\b"
    )
    assert all(inner.search(m) for m in modules if m.startswith("gan_bench.variants.")), (
        "a new group of variants"
    )
    for path in (ROOT / package).rglob("*.py"):
        assert not inner.search(path.read_text("utf-8")), path
