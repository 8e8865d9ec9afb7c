"""The functions of `gan_bench` do what the commands do, and refuse with the same sentences."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gan_bench
from gan_bench.bench.commands.api import screen
from gan_bench.bench.commands.api.requests import options, request_of
from gan_bench.bench.common.errors import Interrupted, UsageError
from gan_bench.bench.common.printing import draws_bars
from gan_bench.bench.evaluation.request import Request as EvaluateRequest
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.request import Request
from tests.bench.conftest import FakeEngine, Run

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


@pytest.fixture
def results(engine: FakeEngine, suite_file: Path, tmp_path: Path) -> Any:
    return gan_bench.run(suite_file, seeds=2, out=tmp_path / "out", executor="inline", progress=False)


def test_a_run_gives_the_frames_of_its_store(results: Any, tmp_path: Path) -> None:
    stored = frames.load(Store(tmp_path / "out"))
    pd.testing.assert_frame_equal(results.trials.sort_values("trial", ignore_index=True), stored.trials)
    assert len(results.scores) == len(stored.scores) > 0
    assert len(results.history) == len(stored.history) > 0
    assert results.status == 0
    assert repr(results) == f"<4 trials in {tmp_path / 'out'}>"


def test_a_run_gives_only_the_trials_that_were_asked_for(
    results: Any, suite_file: Path, tmp_path: Path
) -> None:
    """The report of the command shows the same."""
    some = gan_bench.run(
        suite_file, variants=["lsgan"], seeds=[1], out=tmp_path / "out", executor="inline", progress=False
    )
    assert list(some.trials[["variant", "seed"]].itertuples(index=False, name=None)) == [("lsgan", 1)]
    assert len(gan_bench.load(tmp_path / "out").trials) == 4


def test_tables_are_those_of_the_report(results: Any, draw_only: Callable[..., None]) -> None:
    draw_only()
    frame = results.table()
    assert list(frame["variant"]) == list(results.leaderboard()["label"])
    assert {*frame["variant"]} == {"nsgan", "lsgan"}
    texts = {format: results.table(format) for format in ("latex", "markdown", "text")}
    for text in texts.values():
        assert "nsgan" in text
        assert "lsgan" in text
    written = results.report().parent / "tables"
    assert texts["latex"] == (written / "leaderboard.tex").read_text()
    assert texts["markdown"] == (written / "leaderboard.md").read_text()
    chosen = results.table("latex", columns=["finished", "rank"])
    assert r"\begin{tabular}{lrr}" in chosen
    with pytest.raises(UsageError, match="did you mean 'rank'"):
        results.table("latex", columns=["rang"])
    with pytest.raises(UsageError, match="columns are those of a LaTeX table"):
        results.table("markdown", columns=["rank"])
    assert "<td>nsgan</td>" in results._repr_html_()


def test_samples_are_those_that_the_trial_keeps(results: Any) -> None:
    first, second = results.samples("nsgan"), results.samples("nsgan", seed=1)
    assert first.shape == second.shape == (100, 2)
    assert (results.samples("nsgan", seed=0) == first).all()
    assert (first != second).any()
    assert results.samples("nsgan", weights="ema").shape == (100, 2)
    with pytest.raises(UsageError, match="no samples of nsgan with seed 7"):
        results.samples("nsgan", seed=7)
    with pytest.raises(UsageError, match="did you mean 'nsgan'"):
        results.samples("nsgam")


def test_failed_trials_are_a_status_and_not_an_exception(
    engine: FakeEngine, suite_file: Path, tmp_path: Path
) -> None:
    engine.fail = {0: RuntimeError("no")}
    found = gan_bench.run(suite_file, seeds=1, out=tmp_path / "out", executor="inline", progress=False)
    assert found.status == 1
    assert set(found.trials["status"]) == {"failed"}
    assert "2 lost" in repr(found)


def test_an_interrupted_run_raises_and_names_the_call(
    engine: FakeEngine, suite_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.fail = {1: Interrupted()}
    with pytest.raises(KeyboardInterrupt):
        gan_bench.run(suite_file, seeds=[0, 1], out=tmp_path / "out", executor="inline", pack=1, fresh=True)
    shown = capsys.readouterr().out
    call = shown.split("Resume with:\n")[1].strip()
    assert call.startswith(f"gan_bench.run(suite={str(suite_file)!r}, seeds=[0, 1]")
    assert "fresh" not in call
    engine.fail = {}
    again = eval(call, {"gan_bench": gan_bench})  # what is shown can be made
    assert set(again.trials["status"]) == {"finished"}


SENTENCES: list[tuple[dict[str, Any], list[str]]] = [
    ({"suite": "mnits"}, ["--suite", "mnits"]),
    ({"suite": "ring", "variants": ["nsgam"]}, ["--suite", "ring", "--variants", "nsgam"]),
    ({"suite": "ring", "budget": "smok"}, ["--suite", "ring", "--budget", "smok"]),
    ({"suite": "ring", "seeds": "x"}, ["--suite", "ring", "--seeds", "x"]),
    ({"suite": "ring", "set": {"lr": "fast"}}, ["--suite", "ring", "--set", "lr=fast"]),
    ({"suite": "ring", "plugin": ["none.py"]}, ["--suite", "ring", "--plugin", "none.py"]),
    ({"suite": "ring", "device": "tpu"}, ["--suite", "ring", "--device", "tpu"]),
    ({"suite": "ring", "dtype": "float33"}, ["--suite", "ring", "--dtype", "float33"]),
    ({"suite": "ring", "timeout": -1}, ["--suite", "ring", "--timeout", "-1"]),
]


@pytest.mark.parametrize(("given", "line"), SENTENCES)
def test_an_error_has_the_sentence_of_the_command_line(
    bench: Run, given: dict[str, Any], line: list[str]
) -> None:
    status, _, printed = bench("run", *line)
    with pytest.raises(UsageError) as raised:
        gan_bench.run(**given)
    assert status == 2
    assert printed == f"error: {raised.value}\n"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"variantz": "nsgan"}, "unknown option 'variantz' in gan_bench.run; did you mean 'variants'?"),
        ({"jobs": 0}, "gan_bench.run: jobs=0: expected at least 1"),
        ({"jobs": "many"}, "gan_bench.run: jobs='many': input should be a valid integer"),
        ({"device": 3}, "gan_bench.run: device=3: input should be a valid string"),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        gan_bench.run("ring", **given)
    assert str(raised.value).startswith(sentence)


def test_an_array_in_place_of_a_file_is_one_short_line() -> None:
    with pytest.raises(
        UsageError, match=r"gan_bench.evaluate: source=array\(.*: input is not a valid path"
    ) as raised:
        gan_bench.evaluate(pd.Series(range(999)).to_numpy().reshape(-1, 3), dataset="ring", progress=False)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 200


def test_a_dataset_may_be_a_path() -> None:
    given = {"source": "points.npy", "dataset": Path("photos")}
    assert request_of(EvaluateRequest, "gan_bench.evaluate", given).dataset == "photos"


@pytest.mark.parametrize(("function", "kind"), [("run", Request), ("evaluate", EvaluateRequest)])
def test_every_option_of_a_command_is_an_argument(function: str, kind: type) -> None:
    fields = {field.name for field in dataclasses.fields(kind)} - {"command"}
    shown = inspect.signature(getattr(gan_bench, function)).parameters
    assert fields <= shown.keys() | {"format"}
    assert {"set": "changes", "plugin": "plugins", "data_dir": "data_dirs"}.items() & options(Request).items()


@pytest.mark.parametrize("latent", [(100, 1, 1), [100, 1, 1], "100x1x1"])
def test_latents_may_be_a_shape(latent: Any) -> None:
    given = {"source": None, "dataset": "ring", "model": "m:g", "latent": latent}
    assert request_of(EvaluateRequest, "gan_bench.evaluate", given).latent.shape == (100, 1, 1)
    assert request_of(EvaluateRequest, "gan_bench.evaluate", given | {"latent": 8}).latent.shape == (8,)


def test_values_are_read_as_the_command_line_reads_them() -> None:
    def request(**given: Any) -> Request:
        return request_of(Request, "gan_bench.run", {"suite": "ring", **given})

    assert request(seeds=3).seeds == request(seeds="3").seeds == request(seeds=range(3)).seeds == (0, 1, 2)
    assert request(seeds=[3]).seeds == (3,)
    parts = "nsgan+gp(target=0, weight=1)"
    assert request(variants=["wgan", parts]).variants == ("wgan", parts)
    assert request(variants=parts).variants == (parts,)
    assert request(set={"lr": 0.1, "nsgan.lr": 1e-3}).changes == ("lr=0.1", "nsgan.lr=0.001")
    assert request(set="lr=1").changes == request(changes=["lr=1"]).changes == ("lr=1",)
    assert request(out="x").out == Path("x")
    assert request(data_dir="a").data_dirs == request(data_dirs=["a"]).data_dirs == (Path("a"),)
    assert request(pack="auto").pack == "auto"
    assert request(pack=4).pack == 4
    assert request().command == "gan_bench.run(suite='ring')"


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        gan_bench.load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no results"):
        gan_bench.load(tmp_path)


def test_a_comparison_has_a_table(engine: FakeEngine, suite_file: Path, tmp_path: Path) -> None:
    run: dict[str, Any] = {"executor": "inline", "progress": False, "seeds": 8}
    before = gan_bench.run(suite_file, out=tmp_path / "before", **run)
    engine.diverge = {2}
    after = gan_bench.run(suite_file, out=tmp_path / "after", **run)
    assert gan_bench.compare(before, tmp_path / "before").exit_code() == 0
    found = gan_bench.compare(before, after)
    assert found.exit_code() == 1
    table = found.table()
    worse = table[(table["tier"] == "stability") & (table["verdict"] == "regression")]
    assert len(worse) == 2
    scores = table[table["tier"] == "quality"]
    assert {*scores["measure"]} == {"modes", "high_quality"}
    medians = before.scores.query("metric == 'high_quality' and `when` == 'final' and weights == 'raw'")
    medians = medians.query("split == 'test'").groupby("variant")["value"].median()
    shown = scores[scores["measure"] == "high_quality"].set_index("cell")["before"]
    assert {cell.rpartition(" · ")[2]: value for cell, value in shown.items()} == pytest.approx(dict(medians))
    assert (scores["low"] <= scores["change"]).all()
    with pytest.raises(UsageError, match="unknown metric 'mode'"):
        gan_bench.compare(before, after, tolerances={"mode": (0.1, 0.5)})


def test_runs_in_one_folder_are_compared_by_their_own_trials(
    engine: FakeEngine, suite_file: Path, tmp_path: Path
) -> None:
    """Compared by folder, a run would be its own baseline, and never worse."""
    run: dict[str, Any] = {"executor": "inline", "progress": False, "seeds": 8, "out": tmp_path / "out"}
    before = gan_bench.run(suite_file, variants="nsgan", **run)
    after = gan_bench.run(suite_file, variants="wgan-gp", **run)
    found = gan_bench.compare(before, after)
    assert (found.cells, found.exit_code()) == (0, 3)
    whole = gan_bench.compare(tmp_path / "out", after)
    assert (whole.cells, whole.exit_code()) == (1, 3)
    assert set(before.frame()["variant"]) == {"nsgan"}


def test_one_text_is_no_list_of_letters(results: Any) -> None:
    table = gan_bench.compare(results, results, metrics="modes").table()
    assert set(table.loc[table["tier"] == "quality", "measure"]) == {"modes"}
    with pytest.raises(UsageError, match=r"plug-in none\.py does not exist"):
        gan_bench.compare(results, results, plugins="none.py")
    with pytest.raises(UsageError, match=r"plug-in none\.py does not exist"):
        gan_bench.load(results.folder, plugins="none.py")


@pytest.mark.parametrize("pair", [0.1, "0.1", (0.1,), ("a", 1), None])
def test_a_tolerance_that_is_no_pair_is_named(results: Any, pair: Any) -> None:
    with pytest.raises(UsageError, match=r"tolerances\['modes'\]=.*: expected two numbers"):
        gan_bench.compare(results, results, tolerances={"modes": pair})


@pytest.mark.parametrize("widgets", [True, False])
def test_a_notebook_without_widgets_gets_plain_lines(monkeypatch: pytest.MonkeyPatch, widgets: bool) -> None:
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr(screen, "find_spec", lambda name: object() if widgets else None)
    shown = screen.screen()
    assert (shown.is_jupyter, shown.is_terminal, draws_bars(shown)) == (widgets, False, widgets)
    quiet = screen.screen(progress=False)
    assert (quiet.quiet, draws_bars(quiet)) == (True, False)


def test_the_import_loads_no_library() -> None:
    code = "import gan_bench, sys; assert callable(gan_bench.run) or True; print('torch' in sys.modules)"
    bare = "import gan_bench, sys; print({'torch', 'pandas', 'numpy', 'rich', 'typer'} & {*sys.modules})"
    for text, expected in ((bare, "set()"), (code, "False")):
        done = subprocess.run(
            [sys.executable, "-c", text],
            env={"PYTHONPATH": str(ROOT / "bench" / "package"), "PATH": ""},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_an_unknown_name_of_the_package_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'running'"):
        gan_bench.running  # noqa: B018
    assert {"run", "load", "evaluate", "compare"} <= {*dir(gan_bench)}
