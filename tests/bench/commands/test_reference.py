"""`reference`: a file of results is filled seed by seed, and shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench.bench.results import current, shipped
from gan_bench.bench.results.shipped import contents, overview
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import rounds, session
from gan_bench.bench.running.request import Request
from tests.bench.conftest import FakeEngine, Run

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in this process, where the fake engine is."""

    def carry_out(request: Request, *given: Any, **named: Any) -> Any:
        return session.carry_out(dataclasses.replace(request, executor="inline"), *given, **named)

    monkeypatch.setattr(rounds, "carry_out", carry_out)


@pytest.mark.usefixtures("inline")
def test_suites_are_filled_and_written_and_given_again_nothing_is_trained(
    bench: Run, engine: FakeEngine, suite_file: Path, tmp_path: Path
) -> None:
    words = ["reference", "-o", str(tmp_path / "r.parquet"), "--suites", str(suite_file), "--seeds", "2"]
    words += ["--results", str(tmp_path / "store")]
    status, out, _ = bench(*words)
    assert status == 0
    assert "Written:" in out
    first = shipped.read(str(tmp_path / "r.parquet"))
    assert contents(first)[["seeds", "finished"]].to_numpy().tolist() == [[2, 2], [2, 2]]
    assert bench(*words)[0] == 0
    assert shipped.read(str(tmp_path / "r.parquet")).trials == first.trials


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Requests that `reference` makes, which are interrupted before anything is trained."""
    made: list[Request] = []

    def fill(requests: Sequence[Request], *_: Any) -> int:
        made.extend(requests)
        return 130

    monkeypatch.setattr(rounds, "fill", fill)
    return made


def test_seed_by_seed_each_of_every_suite_with_its_own_or_all_variants(
    bench: Run, asked: list[Request], tmp_path: Path
) -> None:
    words = ["--suites", "ring:all,grid", "--seeds", "2", "-o", str(tmp_path / "r.parquet")]
    assert bench("reference", *words)[0] == 130
    found = [(each.suite, each.variants, each.seeds) for each in asked]
    assert found == [(s, v, (n,)) for n in (0, 1) for s, v in (("ring", ("all",)), ("grid", None))]
    assert not (tmp_path / "r.parquet").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--suites", "ring:some"], "expected ring, or ring:all"),
        (["--suites", ","], "at least one suite"),
        (["--suites", "rings:all"], "unknown suite 'rings'"),
        (["-o", "r.csv"], "ends in .parquet"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    bench: Run, tmp_path: Path, words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, error = bench("reference", "-o", "r.parquet", *words)
    assert status == 2
    assert sentence in " ".join(error.split())
    assert not any(tmp_path.glob("*.parquet"))


@pytest.mark.usefixtures("inline")
def test_a_file_is_extended_by_what_it_lacks(
    bench: Run, engine: FakeEngine, suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "shipped", lambda: {"tiny": suite_file})
    load = current.load_suite
    monkeypatch.setattr(current, "load_suite", lambda _: load(str(suite_file)))
    words = ["reference", "--suites", str(suite_file)]
    first, second = str(tmp_path / "first.parquet"), str(tmp_path / "second.parquet")
    assert bench(*words, "-o", first, "--seeds", "1", "--results", str(tmp_path / "a"))[0] == 0
    more = [*words, "-o", second, "--extend", first, "--results", str(tmp_path / "b")]
    assert bench(*more, "--seeds", "2")[0] == 0
    store = Store(tmp_path / "b")
    assert {record.trial.seed for key in store if (record := store.read(key))} == {1}
    assert contents(shipped.read(second))["seeds"].to_list() == [2, 2]
    assert (
        bench(*words, "-o", second, "--extend", second, "--seeds", "2", "--results", str(tmp_path / "c"))[0]
        == 0
    )
    assert not [*Store(tmp_path / "c")]  # nothing was left to train
    assert contents(shipped.read(second))["seeds"].to_list() == [2, 2]


def test_extending_needs_a_file_to_write(bench: Run) -> None:
    status, _, error = bench("reference", "--extend", "reference")
    assert status == 2
    assert "--extend needs --out" in error


def test_the_overview_counts_variants_seeds_and_what_did_not_finish() -> None:
    rows = [
        ("one", "quick", "ring", "gan", 5, 5),
        ("one", "quick", "ring", "nsgan", 3, 2),
        ("two", "quick", "ring", "gan", 4, 4),
    ]
    found = overview(
        pd.DataFrame(rows, columns=["suite", "budget", "dataset", "variant", "seeds", "finished"])
    )
    assert found.to_numpy().tolist() == [
        ["one", "quick", "ring", 2, "3 to 5", "7 of 8"],
        ["two", "quick", "ring", 1, "4", "all"],
    ]


def test_it_is_shown_by_suite_or_by_variant_and_no_name_is_cut(
    bench: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, short, _ = bench("reference")
    monkeypatch.setenv("COLUMNS", "120")
    long = bench("reference", "--long")[1]
    rows = contents(shipped.read(shipped.REFERENCE))
    assert status == 0
    assert all(len(line) <= 80 for line in short.splitlines())
    for names in (rows["suite"], rows["dataset"]):
        assert set(names) <= set(short.split())
    lines = [line.split() for line in long.splitlines()]
    for suite, budget, dataset, variant, seeds, finished in rows.itertuples(index=False):
        assert [suite, budget, dataset, variant, str(seeds), str(finished)] in lines
