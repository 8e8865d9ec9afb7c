"""`python -m bench speed` from the command line to its files, on tiny workloads; no time is asserted."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch

from gan_bench.bench.commands import app as cli
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.compiled import compilation_error
from gan_bench.bench.planning.options import parse_packs
from gan_bench.bench.planning.pack_table import read
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.columns import COLUMNS
from gan_bench.bench.speed.training import job_of
from gan_bench.bench.speed.workload import DEFAULT

Bench = Callable[..., tuple[int, str, str]]
TINY = ["--rounds", "2", "--seconds", "0.002"]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bench:
    """Runs `bench speed` in this process: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["/somewhere/bench/__main__.py", "speed", *arguments])
        status = cli.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


def check_rows(rows: pd.DataFrame) -> None:
    """Check relations between the columns of a measurement of 2 rounds and packs of 1 and 16."""
    assert set(COLUMNS) < set(rows.columns)
    assert rows.groupby(["variant", "replicas"])["round"].apply(list).tolist() == [[0, 1]] * 4
    assert set(rows["replicas"]) == {1, 16}
    assert (rows["way"] == "batched").all()
    assert rows[["date", "host", "device", "torch", "workload", "settings"]].notna().all(axis=None)
    per_second = 1000 * rows["replicas"] / rows["milliseconds_per_iteration"]
    np.testing.assert_allclose(rows["iterations_per_second"], per_second)
    np.testing.assert_allclose(rows["images_per_second"], 256 * per_second)
    np.testing.assert_allclose(rows["flop_per_second"], rows["flop_per_iteration"] * per_second)
    share = rows["flop_per_second"] / rows["matrix_product_flop_per_second"]
    np.testing.assert_allclose(rows["fraction_of_matrix_product"], share)
    np.testing.assert_allclose(rows["bytes_per_second"], rows["bytes_per_iteration"] * per_second)
    share = rows["bytes_per_second"] / rows["memory_copy_bytes_per_second"]
    np.testing.assert_allclose(rows["fraction_of_memory_copy"], share)
    single, packed = rows[rows["replicas"] == 1], rows[rows["replicas"] == 16]
    assert (single["pack_gain"] == 1).all()
    assert single[["milliseconds_per_critic_update", "cost"]].notna().all(axis=None)
    assert packed[["milliseconds_per_critic_update", "cost"]].isna().all(axis=None)
    reference = single[single["variant"] == "nsgan"]
    assert (reference["cost"] == 1).all()
    other = single[single["variant"] == "lsgan"]
    ratio = other["milliseconds_per_iteration"].array / reference["milliseconds_per_iteration"].array
    np.testing.assert_allclose(other["cost"], ratio)


@pytest.mark.slow
def test_compositions_have_a_look_too(bench: Bench) -> None:
    status, out, err = bench("--variants", "lsgan+r1", "--packs", "1", *TINY, "--out", "s")
    assert (status, err) == (0, "")
    assert {*pd.read_csv("s/speed.csv")["variant"]} >= {"lsgan+r1"}
    assert "cost.svg" in out


@pytest.mark.slow
@pytest.mark.sample
def test_a_measurement_from_end_to_end(bench: Bench, tmp_path: Path) -> None:
    status, out, err = bench("--variants", "lsgan", "--packs", "16", "--against", "bare", *TINY, "--out", "s")
    assert (status, err) == (0, "")
    rows = pd.read_csv("s/speed.csv")
    check_rows(rows)
    bare = rows["bare_milliseconds_per_iteration"] / 1000 * rows["iterations_per_second"]
    np.testing.assert_allclose(rows["ratio_to_bare"], bare)
    assert rows[["ratio_to_bare", "ratio_to_classic"]].notna().all(axis=None)
    assert rows[["ratio_to_bare_captured", "gain_of_capture"]].isna().all(axis=None)  # there is no CUDA here
    peaks = rows.groupby("replicas")["peak_memory_mib"].median()
    assert peaks[16] > peaks[1] + 1, "16 replicas need no more memory than one"
    assert "ring, mlp hidden=16x16, batch 256; median (quartiles) of 2 rounds" in out
    for heading in ("ms per critic update", "images/s", "FLOP per iteration", "peak MiB", "speed to bare"):
        assert heading in out
    assert re.search(r"^nsgan .*\(.*–.*\)", out, re.MULTILINE)
    assert out.count("K=16") == 3
    written = re.findall(r"^Written: (.*)$", out, re.MULTILINE)
    assert sorted(written) == sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "s").iterdir())
    for image in (tmp_path / "s").glob("*.svg"):
        ElementTree.fromstring(image.read_text())
        assert image.with_suffix(".csv").is_file()
    assert len(list((tmp_path / "s").glob("*.svg"))) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variants", "nsgam"], "nsgan"),
        (["--suite", "rin"], "did you mean 'ring'?"),
        (["--dataset", "rin"], "did you mean 'ring'?"),
        (["--reference", "rsgann"], "rsgan"),
        (["--against", "keras"], "expected 'bare'"),
        (["--against", "bare", "--architecture", "mlp, dropout=0.5"], "Dropout"),
        (["--packs", "0,2"], "--packs 0,2: expected numbers from 1 to 4096"),
        (["--packs", "two"], "--packs two"),
        (["--compile", "auto"], "expected on or off"),
        (["--rounds", "0"], "--rounds"),
        (["--seconds", "0"], "--seconds"),
        (["--device", "tpu"], "expected auto, cpu or cuda"),
        (["--set", "lr=fast"], "a number expected"),
        (["--plugin", "none.py"], "does not exist"),
        (["--out", "taken"], "--out taken"),
    ],
)
def test_a_wrong_command_line_gives_one_message(
    bench: Bench, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    status, out, err = bench("--variants", "nsgan", "--packs", "1", *TINY, *arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
    assert "Written" not in out


def test_a_job_is_compiled_on_request(trial: Trial) -> None:
    jobs = [job_of(trial, 2, way=way) for way in ("compiled", "batched", "streams")]
    assert [(job.compile, job.way) for job in jobs] == [
        (True, "batched"),
        (False, "batched"),
        (False, "streams"),
    ]


@pytest.mark.slow
def test_times_are_put_into_a_table_of_packs(bench: Bench, tmp_path: Path) -> None:
    path, arguments = (
        tmp_path / "table.toml",
        ("--variants", "nsgan", "--packs", "2", "--table", "table.toml"),
    )
    for way in ("batched", "streams"):
        assert bench(*arguments, "--way", way, *TINY)[0] == 0
    (timing,) = read(path)
    assert (timing.device, timing.variant, timing.family) == ("cpu", "nsgan", "mlp")
    sizes = {way: list(times) for way, times in timing.milliseconds.items()}
    assert sizes == {"batched": [1, 2], "streams": [1, 2]}
    csv = pd.read_csv("results/speed/speed.csv")
    times, alone = timing.milliseconds["streams"], csv[csv["replicas"] == 1]
    assert times[1] == pytest.approx(alone["milliseconds_per_iteration"].min(), rel=0.01)
    gains = csv[csv["replicas"] == 2]["pack_gain"]
    assert 2 * times[1] / times[2] == pytest.approx(gains.median(), rel=0.02)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a = [", "table.toml: cannot be read as a table of packs: "),
        ("[other]", "table.toml: cannot be read as a table of packs: it has no [[timings]]"),
        ("[[timings]]\ndevice = 1", "table.toml: cannot be read as a table of packs: "),
        (None, "--table nowhere/table.toml: there is no folder nowhere"),
    ],
)
def test_a_table_that_cannot_be_extended_is_found_out_first(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, sentence: str
) -> None:
    monkeypatch.setattr("gan_bench.bench.speed.session.time_workload", None)  # fails if it is called
    name = "nowhere/table.toml" if content is None else "table.toml"
    if content is not None:
        (tmp_path / name).write_text(content)
    status, _, err = bench("--variants", "nsgan", "--table", name, *TINY)
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err


def test_compiling_where_nothing_compiles(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_bench.bench.speed.session.compilation_error", lambda: "no C++ compiler")
    status, _, err = bench("--variants", "nsgan", "--compile", "on", *TINY)
    assert status == 2
    assert "--compile on: the compiler does not work on this machine: no C++ compiler" in err


@pytest.mark.slow
def test_compiled_packs(bench: Bench) -> None:
    if (why := compilation_error()) is not None:
        pytest.skip(f"nothing compiles here: {why}")
    status, out, err = bench("--variants", "nsgan", "--packs", "2", "--compile", "on", *TINY)
    assert (status, err) == (0, "")
    rows = pd.read_csv("results/speed/speed.csv")
    assert (rows["way"] == "compiled").all()
    assert rows["milliseconds_per_iteration"].notna().all()
    assert rows["peak_memory_mib"].isna().all()
    assert "peak MiB" not in out


def test_packs_are_ascending_and_start_with_one() -> None:
    assert parse_packs("16,4, 4") == (1, 4, 16)
    with pytest.raises(UsageError, match="--packs"):
        parse_packs("4,")


def test_the_help_names_the_default_workload(bench: Bench) -> None:
    status, out, _ = bench("--help")
    assert status == 0
    assert all(option in out for option in ("--variants", "--against", "--packs", "--architecture"))
    text = DEFAULT.read_text()
    assert "perceptrons of 2x16, batch 256" in " ".join(out.split())
    assert "hidden = [16, 16]" in text
    assert "batch_size = 256" in text


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_measurement_on_a_gpu(bench: Bench) -> None:
    status, _, err = bench(
        "--variants", "lsgan", "--packs", "16", "--device", "cuda", "--against", "bare", *TINY
    )
    assert (status, err) == (0, "")
    rows = pd.read_csv("results/speed/speed.csv")
    check_rows(rows)
    assert rows["device"].str.startswith("cuda:0 (").all()
    compared = ["ratio_to_bare", "ratio_to_bare_captured", "ratio_to_classic", "gain_of_capture"]
    assert rows[compared].notna().all(axis=None)
    peaks = rows.groupby("replicas")["peak_memory_mib"].median()
    assert 0 < peaks[1] < peaks[16]
