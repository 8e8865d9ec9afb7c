"""`bench baseline` and `bench compare` on the records of a store, as a build would call them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import compare, compare_paths, frame_of, load, save, show
from gan_bench.bench.compare.gate import FAIL_ON
from gan_bench.bench.results.store import Store
from tests.bench.conftest import FakeEngine, Start

Run = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["/somewhere/bench/__main__.py", *map(str, arguments)])
        status = cli.main()
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def results(remembered: Callable[..., Path], engine: FakeEngine, tmp_path: Path) -> Path:
    return Path(shutil.copytree(remembered(seeds=tuple(range(8))), tmp_path / "out"))


def test_a_baseline_file_stands_for_its_store(bench: Run, results: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.parquet"
    status, out, _ = bench("baseline", results, "-o", file)
    assert (status, file.stat().st_size < 50_000) == (0, True)
    assert "Baseline of 16 trials" in out
    pd.testing.assert_frame_equal(load(file), frame_of(Store(results)))
    status, out, err = bench("compare", file, results)
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "Tested, no regression (4)"
    assert out.splitlines()[-1] == "Fine: 2 cells, 4 tests, 0 regressions (exit 0)."


def test_what_the_frame_holds_of_a_store(results: Path) -> None:
    frame = load(results)
    trials = frame[frame["what"] == "trial"]
    assert len(trials) == 16
    assert set(trials["dataset"]) == {"ring"}
    scores = frame[(frame["what"] == "score") & frame["primary"]]
    assert set(scores["name"]) == {"modes", "high_quality"}
    assert set(scores["direction"]) == {"max"}
    assert set(scores.loc[scores["name"] == "high_quality", "high"]) == {1.0}
    assert trials["torch"].str.startswith("2").all()
    assert set(trials["budget"]) == {"quick"}


def test_diverging_trials_end_a_build_with_1(
    bench: Run, session: Start, engine: FakeEngine, results: Path, tmp_path: Path
) -> None:
    engine.diverge = {2}
    session(seeds=tuple(range(8)), out=tmp_path / "new")
    status, out, _ = bench("compare", results, tmp_path / "new", "--format", "json")
    found = json.loads(out)
    assert (status, found["exit"], found["outcome"]) == (1, 1, "regression")
    texts = [finding["text"] for finding in found["findings"] if finding["tier"] == "stability"]
    assert texts[:2] == ["newly diverging: 1 of 8 seeds that finished before"] * 2
    assert bench("compare", results, tmp_path / "new", "--fail-on", "quality,speed")[0] == 0
    status, out, _ = bench("compare", results, tmp_path / "new", "--format", "github")
    assert status == 1
    assert "::error title=gan-bench stability regression::tiny · ring · mlp · 0.32 kimg · nsgan: newly" in out


def test_fewer_variants_end_a_build_with_3_and_failed_trials_with_4(
    bench: Run, session: Start, engine: FakeEngine, results: Path, tmp_path: Path
) -> None:
    session(seeds=tuple(range(8)), variants=("nsgan",), out=tmp_path / "fewer")
    status, out, _ = bench("compare", results, tmp_path / "fewer")
    assert status == 3
    assert "Missing in the candidate (1)" in out
    engine.fail = {7: RuntimeError("no")}
    session(seeds=tuple(range(8)), pack=1, out=tmp_path / "failed")
    status, out, _ = bench("compare", results, tmp_path / "failed")
    assert status == 4
    assert "1 of 8 trials failed in the candidate" in out


def test_usage_errors_end_with_2(bench: Run, results: Path, tmp_path: Path) -> None:
    for arguments, said in [
        (("compare", results, tmp_path / "nowhere"), "neither a folder of results nor a baseline file"),
        (("compare", results, results, "--fail-on", "speeed"), "did you mean 'speed'?"),
        (("compare", results, results, "--metric", "high_qualty"), "did you mean 'high_quality'?"),
        (("compare", results, results, "--tolerance", "modes"), "expected METRIC=RELATIVE,ABSOLUTE"),
        (("compare", results, results, "--tolerance", "kid=0,0"), "unknown metric 'kid'"),
        (("compare", results, results, "--tolerance", "off_mode=0,0"), "--tolerance off_mode: not judged"),
        (("baseline", results, "-o", "x.csv"), "--out x.csv: expected a name that ends in .parquet"),
        (("baseline", tmp_path / "nowhere", "-o", "x.parquet"), "is not a folder"),
        (("baseline", results, "-o", tmp_path / "no" / "x.parquet"), "there is no folder"),
    ]:
        status, _, err = bench(*arguments)
        assert (status, said in err) == (2, True), (arguments, err)


def test_damaged_and_foreign_files_are_refused(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.parquet"
    save(load(results), file)
    read = pd.read_parquet(file)
    read.assign(layout=9).to_parquet(file)
    with pytest.raises(UsageError, match="another layout"):
        load(file)
    read.drop(columns="seed").to_parquet(file)
    with pytest.raises(UsageError, match="missing columns: seed"):
        load(file)
    for wrong, said in (
        ({"what": "guess"}, "a row of kind 'guess'"),
        ({"kimg": "many"}, "a row without a number in the column kimg"),
        ({"seed": None}, "a row without a number in the column seed"),
        ({"hyperparameters": "lr=1"}, "hyperparameters that are no JSON object"),
        ({"hyperparameters": "[1]"}, "hyperparameters that are no JSON object"),
    ):
        read.assign(**wrong).to_parquet(file)
        with pytest.raises(UsageError, match=f"b.parquet: damaged baseline file: {said}"):
            load(file)
    read.iloc[:0].to_parquet(file)
    with pytest.raises(UsageError, match=r"b\.parquet holds no results to compare"):
        load(file)
    file.write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="cannot be read"):
        load(file)
    with pytest.raises(UsageError, match="holds no results"):
        load(tmp_path)


def test_a_metric_without_a_better_direction_is_refused(make: Any, tmp_path: Path) -> None:
    """The gate would be fine whatever becomes of it."""
    frame = make()
    both = pd.concat([frame, frame[frame["what"] == "score"].assign(name="entropy", direction="target")])
    save(both, tmp_path / "b.parquet")
    for options in ({"metrics": ["entropy"]}, {"tolerances": ["entropy=0.1,0"]}):
        with pytest.raises(UsageError, match=r"entropy of .*b\.parquet has no better direction"):
            compare_paths(tmp_path / "b.parquet", tmp_path / "b.parquet", **options)


def test_the_terminal_is_not_controlled_by_names_of_a_file(make: Any, tmp_path: Path, bench: Run) -> None:
    save(make(variants=1, suite="s\x1b[31m"), tmp_path / "b.parquet")
    for form in ("text", "markdown", "latex", "github", "json"):
        out = bench("compare", tmp_path / "b.parquet", tmp_path / "b.parquet", "--format", form)[1]
        assert "\x1b" not in out
        assert "exit" in out


def test_hostile_text_cannot_break_out_of_an_annotation(make: Any) -> None:
    before, after = make(), make(dataset="ring")
    after["content"] = "a\n::error::100% wrong\r"
    text = show(compare(before, after), "github", FAIL_ON)
    lines = text.split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("::warning title=gan-bench pairing incomparable::")
    assert "%0A::error::100%25 wrong%0D" in lines[0]
