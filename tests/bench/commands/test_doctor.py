from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench import datasets
from gan_bench.bench.commands import examining
from tests.bench.conftest import Run


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without data or weights, whose compiler need not be tried."""
    monkeypatch.delenv("BENCH_DATA", raising=False)
    monkeypatch.setenv("GAN_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("gan_bench.bench.engine.compiled.compilation_error", lambda: None)


def line_of(out: str, what: str) -> list[str]:
    (line,) = (line.split() for line in out.splitlines() if line[9:].startswith(f"{what} "))
    return line


def test_what_is_missing_is_named_with_what_happens_without_it(bench: Run, tmp_path: Path) -> None:
    status, out, err = bench("doctor")
    assert (status, err) == (0, "")
    assert line_of(out, "data mnist") == ["missing", "data", "mnist", "digits", "stands", "in", "for", "it"]
    assert line_of(out, "compiler")[0] == "fine"
    assert line_of(out, "Inception")[:2] == ["missing", "Inception"]
    assert "--inception download fetches the weights" in " ".join(out.split())
    assert [*tmp_path.iterdir()] == [], "nothing is written"
    listed = {name for name in datasets.names() if datasets.info(name).files}
    assert {line.split()[2] for line in out.splitlines() if line[9:].startswith("data ")} == listed


def test_damaged_data_and_a_folder_that_cannot_be_made_are_wrong(bench: Run, tmp_path: Path) -> None:
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(b"no images")
    (tmp_path / "file").touch()
    status, out, _ = bench("doctor", "--data-dir", "data", "--out", "file/results")
    assert status == 1
    assert line_of(out, "data mnist")[0] == "wrong"
    assert "is incomplete: it lacks t10k-images-idx3-ubyte" in " ".join(out.split())
    assert line_of(out, "results")[0] == "wrong"


def test_a_part_that_is_missing_says_how_to_get_it(bench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PARTS", {"no_such_part": "pip install 'gan-bench[part]'"})
    _, out, _ = bench("doctor")
    assert line_of(out, "no_such_part") == ["missing", "no_such_part", "pip", "install", "'gan-bench[part]'"]


def test_a_compiler_that_fails_is_quoted(bench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_bench.bench.engine.compiled.compilation_error", lambda: "no g++")
    status, out, _ = bench("doctor")
    assert status == 0
    assert line_of(out, "compiler") == ["missing", "compiler", "no", "g++"]
