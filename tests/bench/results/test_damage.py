"""A damaged or foreign file is named in one sentence, and never blocks or changes the other trials."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.startup import ASCII, plain_output
from gan_bench.bench.compare import frame_of
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.results.damage import problem
from gan_bench.bench.results.report import write_report
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.session import run
from tests.bench.conftest import FakeEngine, Start

FILES = ["record.json", "evaluations/*.json", "samples.npz", "checkpoint.safetensors"]


@pytest.fixture
def results(trained: Path) -> Path:
    return trained


def damages(content: bytes) -> Iterator[bytes]:
    """Truncations and overwritten bytes at several places, and foreign content."""
    random_bytes = random.Random(0)
    for cut in (0, 1, len(content) // 3, len(content) // 2, len(content) - 1):
        yield content[:cut]
    for at in np.linspace(0, len(content) - 16, 12).astype(int):
        yield content[:at] + random_bytes.randbytes(16) + content[at + 16 :]
    yield from (b"[]", b"{}", b"null", b"PK\x03\x04", b"[" * 100_000, b"\xff\xfe\x00", b"PAR1 PAR1")


def others(results: Path, but: str) -> dict[Path, bytes]:
    paths = (p for p in (results / "trials").rglob("*") if p.is_file() and but not in p.parts)
    return {path: path.read_bytes() for path in paths}


@pytest.mark.parametrize("pattern", FILES)
def test_every_damage_of_every_file_is_one_sentence_that_names_it(results: Path, pattern: str) -> None:
    folder = min((results / "trials").iterdir())
    assert problem(folder) is None
    (path,) = folder.glob(pattern)
    content = path.read_bytes()
    found = 0
    for damaged in damages(content):
        path.write_bytes(damaged)
        why = problem(folder)
        found += why is not None
        if why is not None:
            assert why.startswith(str(path))
            assert len(why.splitlines()) == 1
        elif path.suffix == ".json":  # what changes only digits of a value is for checksums to find
            json.loads(path.read_text())
        # Numbers inside tensors may be overwritten unseen; never the header or the length.
    assert found >= {".safetensors": 12}.get(path.suffix, 20)


@pytest.mark.parametrize("pattern", FILES)
@pytest.mark.parametrize("place", [0, 2])
def test_a_damaged_trial_is_set_aside_and_done_again(
    results: Path, session: Start, engine: FakeEngine, pattern: str, place: int
) -> None:
    folder = sorted((results / "trials").iterdir())[place]
    whole = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    (path,) = folder.glob(pattern)
    path.write_bytes(path.read_bytes()[:40])
    before = others(results, folder.name)
    status, shown = session(dry_run=True)
    assert status == 0
    assert f"{path}: " in shown
    assert not (results / "set-aside").exists()
    status, shown = session()
    assert status == 0
    assert shown.count(f"{path}: ") == 1
    assert "set aside in" in shown
    assert others(results, folder.name) == before
    assert problem(folder) is None
    assert {p.relative_to(folder) for p in folder.rglob("*") if p.is_file()} == whole
    (kept,) = (results / "set-aside").glob(f"*/trials/{folder.name}")
    assert str(path) in (kept.parents[1] / "why.txt").read_text()
    assert "Nothing left to do" in session()[1]


def test_the_record_evaluation_and_folder_of_another_trial_are_foreign(results: Path) -> None:
    first, second, *_ = sorted((results / "trials").iterdir())
    shutil.copy(second / "record.json", first / "record.json")
    assert "the record of another trial" in str(problem(first))
    shutil.rmtree(first)
    shutil.copytree(second, first)
    assert "the record of another trial" in str(problem(first))
    (mine,) = (second / "evaluations").iterdir()
    mine.rename(mine.with_name("0" * 20 + ".json"))
    assert "not an evaluation of this trial" in str(problem(second))


def test_a_folder_without_a_record_does_not_block_its_trial(results: Path, session: Start) -> None:
    folder = min((results / "trials").iterdir())
    (folder / "record.json").unlink()
    status, shown = session()
    assert status == 0
    assert "there is no record.json in it" in shown
    assert problem(folder) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"schema": 1, "suite": 3, "packs": []}'])
def test_a_damaged_plan_is_set_aside_and_blocks_nothing(
    results: Path, session: Start, content: bytes
) -> None:
    (plan,) = (results / "plans").iterdir()
    plan.write_bytes(content)
    before = others(results, "nothing")
    status, shown = session()
    assert status == 0
    assert f"{plan}: " in shown
    assert "Nothing left to do" in shown
    assert others(results, "nothing") == before


def test_a_trial_that_must_be_measured_again_and_lacks_its_checkpoint_is_trained(
    results: Path, session: Start, engine: FakeEngine
) -> None:
    folder = min((results / "trials").iterdir())
    (folder / "checkpoint.safetensors").unlink()
    assert "Nothing left to do" in session()[1]  # nothing needs it
    (evaluation,) = (folder / "evaluations").iterdir()
    evaluation.unlink()
    status, shown = session()
    assert status == 0
    assert "checkpoint.safetensors: missing" in shown
    assert (folder / "checkpoint.safetensors").exists()


@pytest.mark.slow
@pytest.mark.sample
def test_a_report_shows_the_other_trials_and_says_what_is_left_out(
    suite_file: Path, engine: FakeEngine, tmp_path: Path, draw_only: Callable[..., None]
) -> None:
    draw_only()
    console = Console(record=True, width=200, file=io.StringIO())
    out = tmp_path / "out"
    assert run(Request(str(suite_file), "run", out=out, executor="inline", seeds=(0, 1)), console) == 0
    folder = min((out / "trials").iterdir())
    (folder / "samples.npz").write_bytes(b"PK")
    (out / "report" / "files.txt").write_bytes(b"\xff\xfe")
    (out / "explain" / "x" / "tables").mkdir(parents=True)
    (out / "explain" / "x" / "tables" / "watched.json").write_text("{}")
    store = Store(out)
    store.look_through()
    page = write_report(store, console, "report")
    shown = console.export_text()
    assert page.is_file()
    assert f"Left out: {folder / 'samples.npz'}: damaged" in shown
    assert f"Left out: {out / 'explain' / 'x' / 'tables'}: damaged" in shown
    assert folder.is_dir()
    with pytest.raises(UsageError, match=r"samples\.npz: damaged.*sets it aside and trains it again"):
        frame_of(Store(out))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
def test_text_goes_out_in_any_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    plain_output()
    text = "".join(ASCII) + "ring · mlp 1.0 ± 0.1 – Größe 模型 \udcff"
    print(text)
    sys.stdout.flush()
    shown = raw.getvalue().decode(encoding)
    assert "ring" in shown
    assert "\\udcff" in shown
    if encoding == "ascii":
        assert "ring - mlp 1.0 +/- 0.1 - Gr\\xf6\\xdfe" in shown


def test_the_command_line_works_in_the_c_locale() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "bench", "list", "suites"]
    assert not load_suite("quadratic").title.isascii()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
