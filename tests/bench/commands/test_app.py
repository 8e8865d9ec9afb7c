from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from gan_bench.bench.commands.app import app
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.planning.user_errors import usage_error
from gan_bench.errors import UnknownEntry
from gan_bench.reports import site
from tests.bench.conftest import FakeEngine
from tests.documents import ROOT

Run = Callable[..., tuple[int, str, str]]


def test_every_command_with_an_output_takes_it_as_o_too() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    outputs = {name: p.opts for name, c in commands.items() for p in c.params if "--out" in p.opts}
    assert {"run", "speed", "explain", "report", "sample", "doctor"} <= outputs.keys()
    assert all(options == ["--out", "-o"] for options in outputs.values()), outputs


def test_a_run_ends_with_a_table_and_the_path_of_a_report(
    bench: Run, engine: FakeEngine, suite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    draw_only: Callable[..., None],
) -> None:  # fmt: skip
    draw_only()
    run = ["run", "--suite", str(suite_file), "--executor", "inline", "--seeds", "1", "--variants", "nsgan"]
    status, out, err = bench(*run)
    assert (status, err) == (0, "")
    assert "[1/1]" in out
    page = tmp_path / "results" / "tiny-quick" / "report" / "index.html"
    assert "python -m bench run --suite" in page.read_text()
    assert f"Report: {page.relative_to(tmp_path)}" in out

    asked: list[str] = []
    monkeypatch.setattr(
        site,
        "write",
        lambda *frames, command, **rest: asked.append(command) or page,  # type: ignore[func-returns-value]
    )
    status, out, _ = bench("report", "results/tiny-quick")
    assert status == 0
    assert "nsgan" in out
    (command,) = asked  # the one that does it all again
    assert command.startswith("python -m bench run --suite")


@pytest.mark.usefixtures("no_report")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_tests_is_not_the_outcome_of_one(
    bench: Run, engine: FakeEngine, suite_file: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(engine, "outcome", lambda _: os.kill(os.getpid(), number))
    with pytest.raises(pytest.exit.Exception, match="from outside"):
        bench("run", "--suite", str(suite_file), "--executor", "inline", "--seeds", "1")


@pytest.mark.usefixtures("no_report")
def test_a_failed_trial_makes_the_exit_status_one(bench: Run, engine: FakeEngine, suite_file: Path) -> None:
    engine.fail = {0: RuntimeError("[red]no[/red]")}  # not markup
    status, out, _ = bench("run", "--suite", str(suite_file), "--executor", "inline", "--seeds", "1")
    assert status == 1
    assert "2 trials failed: RuntimeError: [red]no[/red]" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--suite", "mnits"], "did you mean 'mnist'?"),
        (["run", "--suite", "ring", "--variants", "nsgam"], "did you mean 'nsgan'"),
        (["run", "--suite", "ring", "--budget", "smok"], "did you mean 'smoke'?"),
        (["run", "--suite", "ring", "--profile", "paper", "--set", "lr=fast"], "a number expected"),
        (["run", "--suite", "ring", "--seeds", "x"], "expected a count"),
        (["run", "--suite", "ring", "--pack", "0"], "expected auto or a number"),
        (["run", "--suite", "ring", "--device", "tpu"], "expected auto, cpu or cuda"),
        (["run", "--suite", "ring", "--inception", "none.pt"], "no such file; expected download or a file"),
        (["evaluate", "x.npy", "--inception", "none.pt"], "no such file; expected download or a file"),
        (["run", "--suite", "ring", "--plugin", "none.py"], "does not exist"),
        (["run", "--suite", "mnist", "--data-dir", "nowhere"], "nowhere"),
        (["report", "nowhere"], "is not a folder"),
        (["report", ":x:/[bold]ü"], "error: :x:/[bold]ü is not a folder"),
        (["report", "."], "holds no results"),
        (["tune", "nowhere", "-o", "x.toml"], "is not a folder"),
        (["list", "everything"], "everything"),
        (["run"], "--suite"),
        (["run", "--suite", "ring", "--job", "1"], "--jobs"),
        (["run", "--suite", "ring", "--dataset", ".", "--variants", "nsgan"], "the dataset images:."),
    ],
)
def test_a_wrong_command_line_gives_one_message(
    bench: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    status, out, err = bench(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
    assert out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_every_console_prints_names_as_they_are() -> None:
    """rich's own default shows `results:x:best` with a picture of a cross."""
    made = [
        f"{path.relative_to(ROOT)}, line {number}"
        for path in (ROOT / "bench").rglob("*.py")
        if path.name != "printing.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"(?<![\w.])Console\(", line)
    ]
    assert made == []
    with new_console(file=io.StringIO(), width=20) as console:
        console.print(":x:")
    assert console.file.getvalue() == ":x:\n"


def test_an_error_of_another_package_is_told_wherever_it_is_raised(
    bench: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_bench.bench import metrics

    def damaged() -> None:
        raise MetricError("lenet28.safetensors is damaged")

    monkeypatch.setattr(metrics, "names", damaged)
    status, out, err = bench("list", "metrics")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert "safetensors is damaged" in err


def test_a_fault_of_the_code_keeps_its_traceback(bench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from gan_bench.bench.metrics import extractors

    monkeypatch.setattr(extractors, "extractor", lambda name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bench("list", "extractors")


def test_unknown_names_point_to_plug_ins() -> None:
    assert str(usage_error(UnknownEntry("no x"))) == "no x (a plug-in's needs --plugin FILE.py)"
    assert str(usage_error(MetricError("no y"))) == "no y"


def test_help_and_usage_errors_load_neither_torch_nor_pandas() -> None:
    """Both answer in a fraction of a second; torch alone takes more than one."""
    for arguments in (["--help"], ["run", "--suite", "nope"]):
        code = (
            "import sys\nfrom gan_bench.__main__ import main\n"
            f"sys.argv = ['bench', *{arguments!r}]\nmain()\n"
            "print({'torch', 'pandas', 'matplotlib', 'scipy'} & {*sys.modules})"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "set()"


def test_malformed_toml_names_file_and_line(bench: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('title = "x"\nvariants = [\n')
    status, _, err = bench("run", "--suite", "my.toml")
    assert status == 2
    assert err.startswith("error: my.toml: malformed TOML")
    assert "line 2" in err


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("variants", ["wgan-gp", "arXiv:1704.00028", "began", "hinge+sn", "algorithm 1", "sn-gan", "2018"]),
        ("datasets", ["gaussian1d", "mnist", "digits"]),
        ("suites", ["toy", "mnist", "search-planar"]),
        ("metrics", ["fid", "modes", "w1"]),
    ],
)
def test_lists(bench: Run, what: str, names: list[str]) -> None:
    status, out, _ = bench("list", what, "--long")
    assert status == 0
    assert all(name in out for name in names)


def test_a_plug_in_is_listed(bench: Run, tmp_path: Path) -> None:
    from gan_bench.variants import registry

    (tmp_path / "mine.py").write_text(
        "from gan_bench.variants import register, get\n"
        "@register('my-own', paper='[none]', year=2026)\nclass Mine(get('nsgan')):\n    '''Mine.'''\n"
    )
    with registry.VARIANTS.restored():
        status, out, _ = bench("list", "variants", "--long", "--plugin", "mine.py")
    assert status == 0
    assert "my-own" in out
    assert "[none]" in out


def test_an_error_of_a_plug_in_is_one_sentence_and_one_of_ours_a_traceback(
    bench: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error may come long after loading: from a network, a metric, a reference row."""
    (tmp_path / "late.py").write_text("def fail():\n    raise TypeError('of the plug-in')\n")

    def listing(_: str, long: bool) -> None:
        sys.modules["plugin_late"].fail()

    monkeypatch.setattr("gan_bench.bench.commands.listing.listing", listing)
    status, out, err = bench("list", "metrics", "--plugin", "late.py")
    assert (status, out) == (2, "")
    assert err == "error: plug-in late.py, line 2: TypeError: of the plug-in\n"
    monkeypatch.setattr("gan_bench.bench.commands.listing.listing", lambda _, long: int("ours"))
    with pytest.raises(ValueError, match="ours"):
        bench("list", "metrics", "--plugin", "late.py")
    del sys.modules["plugin_late"]
