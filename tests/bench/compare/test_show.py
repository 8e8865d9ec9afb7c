"""Output of a comparison as text, JSON and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from gan_bench.bench.compare import compare, show
from gan_bench.bench.compare.gate import FAIL_ON

Make = Callable[..., pd.DataFrame]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_every_test_shows_before_after_change_and_interval(make: Make) -> None:
    found = compare(make(stream=1), make(stream=2, worse={1: 1.8}))
    text = show(found, "text", FAIL_ON)
    for variant in ("v00", "v01", "v02"):
        (line,) = (line for line in text.splitlines() if f"quality: {variant}: " in line)
        assert " before, " in line
        assert " now: " in line
        assert line.count("%") == 3
    tests = [f for f in json.loads(show(found, "json", FAIL_ON))["findings"] if f["tier"] == "quality"]
    assert [test["verdict"] for test in tests] == ["fine", "regression", "fine"]
    for test in tests:
        numbers = test["numbers"]
        assert numbers["low"] <= numbers["change"] <= numbers["high"]
        assert numbers["change"] == pytest.approx(numbers["after"] / numbers["before"] - 1)
    github = show(found, "github", FAIL_ON).splitlines()
    assert [line for line in github if line.startswith("::error")] == github[:1]
    assert github[1] == "::group::Tested, no regression (2)"
    assert github[-2] == "::endgroup::"
    assert sum("quality: v0" in line for line in github) == 2


def test_of_a_metric_that_should_be_large_the_change_has_its_own_sign(make: Make) -> None:
    found = compare(make(direction="max"), make(direction="max", worse={0: 0.5}))
    (worse,) = found.of("regression")
    assert worse.numbers["change"] == pytest.approx(-0.5)
    assert worse.numbers["low"] <= -0.5 <= worse.numbers["high"] < 0


def test_the_text_fits_80_columns_and_says_one_cause_once(make: Make) -> None:
    before, after = make(variants=16, seeds=5, budget="quick"), make(variants=16, seeds=12, stream=1)
    text = show(compare(before, after), "text", FAIL_ON)
    assert max(map(len, text.splitlines())) <= 80
    assert "has 5 seeds before and 12 now" in " ".join(text.split())
    assert len(text.splitlines()) < 20


def test_another_budget_is_named_once_and_not_cell_by_cell(make: Make) -> None:
    before = make(variants=16, seeds=5, budget="quick")
    found = compare(before, make(variants=16, kimg=384.0, budget="full"))
    (finding,) = found.findings
    assert (finding.verdict, finding.cell, len(finding.cells)) == ("incomparable", "toy", 32)
    assert "budget differs: quick (96 kimg) before, full (384 kimg) now" in finding.text
    assert found.exit_code() == 3
    assert show(found, "text", FAIL_ON).count("\n") < 6
    assert len(show(found, "github", FAIL_ON).splitlines()) == 2


def test_a_variant_that_is_missing_is_not_laid_to_the_budget(make: Make) -> None:
    after = make(kimg=384.0, budget="full")
    found = compare(make(budget="quick"), after[after["variant"] != "v01"])
    assert [(f.verdict, f.cell) for f in found.findings] == [
        ("incomparable", "toy"),
        ("missing", "toy · ring · mlp · 96 kimg · v01"),
    ]


@pytest.mark.parametrize("fail_on", [FAIL_ON, ("exact",)])
def test_fine_is_never_said_beside_a_regression(make: Make, fail_on: tuple[str, ...]) -> None:
    found = compare(make(stream=1), make(stream=2, worse={1: 1.8}))
    for format in ("text", "github"):
        text = show(found, format, fail_on)
        assert "fine" not in text.lower()
        assert "1 regression (exit" in text
    content = json.loads(show(found, "json", fail_on))
    assert content["outcome"] == ("regression" if fail_on == FAIL_ON else "regression, not in --fail-on")


def test_latex_holds_the_table_and_lists_what_was_not_tested_as_comments(make: Make) -> None:
    after = make(stream=2, worse={1: 1.8})
    found = compare(make(stream=1), after[after["variant"] != "v02"])
    text = show(found, "latex", FAIL_ON)
    rows = [line for line in text.splitlines() if line.startswith(("{}", r"\midrule {}"))]
    assert [row.split(" & ")[0] for row in rows] == ["{}v01", "{}v00"]
    assert [row.split(" & ")[-1].split()[0] for row in rows] == ["regression", "fine"]
    (comment,) = (line for line in text.splitlines() if "v02" in line)
    assert comment.startswith("% Missing in the candidate: toy")
    assert text.isascii()
