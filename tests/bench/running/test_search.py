"""A search of one variant's profile, and the use of its file."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.overrides import draws
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.search import search
from gan_bench.variants import Objective, register, registry
from tests.bench.conftest import FakeEngine, Run, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def mine() -> Any:
    with registry.VARIANTS.restored():

        @register("mine", paper="none", year=2026)
        class Mine(Objective):
            """Mean scores."""

            def real(self, real: Any, hp: Any) -> Any:
                """Return -E D(x)."""
                return -real.mean()

            def fake(self, fake: Any, hp: Any) -> Any:
                """Return E D(G(z))."""
                return fake.mean()

            def generator(self, real: Any, fake: Any, hp: Any) -> Any:
                """Return -E D(G(z))."""
                return -fake.mean()

        yield


def searched(tmp_path: Path, **options: Any) -> int:
    console = Console(file=io.StringIO(), width=200)
    defaults = {"budget": "smoke", "executor": "inline", "results": tmp_path / "trials"}
    return search("mine", "ring", tmp_path / "mine.toml", console, command="again", **{**defaults, **options})


def test_a_search_has_the_settings_of_the_shipped_one(mine: Any, engine: FakeEngine, tmp_path: Path) -> None:
    assert searched(tmp_path) == 0
    suite = load_suite("search-planar")
    assert suite.search is not None
    store = Store(tmp_path / "trials")
    found = [store.read(key).trial for key in store]  # type: ignore[union-attr]
    expected = draws(suite.search, "mine", {"lr", "beta1", "beta2", "n_critic"})
    assert sorted(trial.varied["lr"] for trial in found) == sorted(drawn["lr"] for drawn in expected)
    assert len(found) == suite.search.settings * len(suite.seeds)
    assert {trial.dataset for trial in found} == {"ring"}
    content = tomllib.loads((tmp_path / "mine.toml").read_text())
    assert content["provenance"]["planar"][0]["settings"] == {"mine": suite.search.settings}
    assert content["provenance"]["planar"][0]["command"] == "again"
    assert set(content["tuned"]["planar"]) == {"mine"}


def test_its_file_is_read_by_run_and_named_in_records(
    mine: Any, engine: FakeEngine, session: Start, tmp_path: Path
) -> None:
    searched(tmp_path)
    profile = tomllib.loads((tmp_path / "mine.toml").read_text())["tuned"]["planar"]["mine"]
    status, _ = session(variants=("mine",), profile="tuned", profiles=tmp_path / "mine.toml", seeds=(0,))
    assert status == 0
    store = Store(tmp_path / "out")
    (record,) = (store.read(key) for key in store)
    assert record is not None
    assert record.trial.hyperparameters["lr"] == profile["lr"]
    assert record.trial.profile == "tuned (mine.toml)"
    assert list(record.provenance["profiles"]) == ["mine.toml"]
    assert len(record.provenance["profiles"]["mine.toml"]) == 64


def test_a_dry_run_writes_nothing(mine: Any, tmp_path: Path) -> None:
    assert searched(tmp_path, dry_run=True) == 0
    assert list(tmp_path.iterdir()) == []


def test_data_without_a_shipped_search_are_refused() -> None:
    with pytest.raises(
        UsageError, match="no shipped search for vectors data; there are scalar, planar, images"
    ):
        search("nsgan", "mixture-1200d", Path("none"), Console(quiet=True), command="")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give either a folder of results, or --variant and --dataset"),
        (("results", "--variant", "nsgan", "--dataset", "ring"), "give either a folder"),
        (("--variant", "nsgan"), "give either a folder"),
        (("--variant", "nsgam", "--dataset", "ring"), "--variant: unknown variant 'nsgam'; did you mean"),
        (("--variant", "nsgan", "--dataset", "rong"), "unknown dataset 'rong' in --dataset; did you mean"),
        (("--variant", "nsgan", "--dataset", "ring", "--budget", "fast"), "unknown budget 'fast'"),
        (("none",), "none is not a folder"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(bench: Run, words: tuple[str, ...], message: str) -> None:
    status, _, shown = bench("tune", *words)
    assert (status, message in shown) == (2, True), shown
