"""The examination of an installation, and the advice that it gives."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from gan_bench import datasets
from gan_bench.bench.commands import examining
from gan_bench.bench.commands.app import app
from gan_bench.bench.metrics.extractors import inception as extractors_inception
from tests.bench.conftest import Run

ROOT = Path(__file__).parents[3]
NEEDED = {"run": ("--suite", "ring")}
"""Arguments that an advice leaves to its reader."""


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
    assert "`python -m bench run --inception download` fetches the weights" in " ".join(out.split())
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


@pytest.mark.parametrize("place", ["/proc", "/proc/nothing"])
def test_a_folder_in_which_no_file_can_be_made_is_wrong(place: str) -> None:
    """Also for root, whom permissions do not hold back."""
    found = examining._disk(Path(place))
    assert (found.what, found.state) == ("results", "wrong")
    assert found.found.startswith(f"{place} cannot be written: ")


def test_data_that_need_a_library_of_an_extra_are_missing_not_wrong(
    bench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "USPS").mkdir()
    (tmp_path / "USPS" / "usps.h5").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "h5py", None)
    status, out, _ = bench("doctor", "--data-dir", str(tmp_path))
    assert (status, line_of(out, "data usps")[0]) == (0, "missing")
    assert "usps.h5 needs h5py: pip install 'gan-bench[usps]'" in " ".join(out.split())


def test_a_part_that_is_missing_says_how_to_get_it(bench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PARTS", {"no_such_part": ("part", "the rest")})
    monkeypatch.setattr(examining.metadata, "version", lambda _: "1.0")
    _, out, _ = bench("doctor")
    assert line_of(out, "no_such_part") == ["missing", "no_such_part", "the", "rest", "needs", "it"]
    assert "`pip install 'gan-bench[part]'` brings it" in out


def test_in_a_clone_that_is_not_installed_an_extra_is_that_of_the_clone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(name: str) -> str:
        raise examining.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(examining.metadata, "version", absent)
    assert examining.installation("hf") == f"pip install -e '{ROOT}[hf]'"
    assert (ROOT / "pyproject.toml").is_file()


def advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the advice for every gap: nothing here, everything here, and folders that cannot be used."""
    inception = tmp_path / "weights.pt"
    (tmp_path / "file").touch()
    monkeypatch.setattr(extractors_inception, "published", lambda: inception)
    monkeypatch.setattr(examining, "find_spec", lambda name: True if name == "torch_fidelity" else None)
    monkeypatch.setattr("gan_bench.bench.common.devices.gpus", list)
    monkeypatch.setattr("gan_bench.bench.engine.compiled.compilation_error", lambda: "no g++")
    monkeypatch.setattr(examining, "SPACE", 2**70)
    found = [*examining.examine(tmp_path, ()), *examining.examine(tmp_path / "file" / "results", ())]
    inception.touch()
    found += examining.examine(tmp_path, ())
    return [finding.cure for finding in found if finding.cure]


def test_every_advice_is_a_command_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = advice(tmp_path, monkeypatch)
    commands = [command for text in texts for command in re.findall(r"`([^`]+)`", text)]
    program = typer.main.get_command(app)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (tmp_path / "FILE").touch()
    monkeypatch.chdir(tmp_path)
    for command in commands:
        if command.startswith("pip install "):
            assert re.search(r"\[(\w+)\]'$", command)[1] in extras, command
            continue
        python, _, module, name, *arguments = shlex.split(command)
        assert (python, module) == ("python", "bench"), command
        with program.commands[name].make_context(name, [*arguments, *NEEDED.get(name, ())]):
            pass
    assert {shlex.split(command)[3] for command in commands if command.startswith("python")} >= {
        "run",
        "evaluate",
    }
    prose = " ".join(re.sub(r"`[^`]+`", "", text) for text in texts)
    assert not re.search(r"(?<!\S)--\w|pip |python ", prose), "commands are whole, and in backquotes"


@pytest.mark.parametrize("place", re.findall(r"\b[\w/]+\.md\b", Path(examining.__file__).read_text("utf-8")))
def test_the_pages_that_it_names_exist(place: str) -> None:
    assert (ROOT / place).is_file()


def test_a_compiler_that_fails_is_quoted(bench: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_bench.bench.engine.compiled.compilation_error", lambda: "no g++")
    status, out, _ = bench("doctor")
    assert status == 0
    assert line_of(out, "compiler") == ["missing", "compiler", "no", "g++"]
