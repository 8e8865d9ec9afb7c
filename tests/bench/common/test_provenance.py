from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
import torch

from gan_bench.bench.common import provenance
from gan_bench.bench.engine.numerics import numerics


def test_it_is_plain_and_says_what_ran(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text("x = 1")
    facts = provenance.provenance("cpu", (plugin,))
    assert json.loads(json.dumps(facts)) == facts
    assert facts["device"] == "cpu"
    assert facts["versions"]["torch"]
    assert facts["plugins"] == {"mine.py": hashlib.sha256(b"x = 1").hexdigest()}
    assert facts["revision"] is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", facts["revision"])


def test_it_states_what_else_decides_the_last_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")
    monkeypatch.setenv("EDITOR", "vi")
    with numerics():
        inside = provenance.provenance("cpu")
        assert (inside["threads"], inside["flush_denormal"]) == (1, True)
    torch.set_num_threads(2)
    try:  # found out anew: one process trains, fails and reports under other settings
        outside = provenance.provenance("cpu")
        assert (outside["threads"], outside["flush_denormal"]) == (2, False)
    finally:
        torch.set_num_threads(1)
    assert inside["switches"]["NVIDIA_TF32_OVERRIDE"] == "0"
    assert "EDITOR" not in inside["switches"]
    assert inside["node"] == platform.node()
    assert inside["instructions"] in torch.backends.cpu.get_cpu_capability()
    assert inside["versions"]["numpy"] == metadata.version("numpy")


def test_changed_and_new_code_is_told_and_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    module = checkout / "bench" / "common" / "provenance.py"
    module.parent.mkdir(parents=True)
    module.write_text("one = 1\n")
    git = ["git", "-C", str(checkout), "-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setattr(provenance, "__file__", str(module))

    def look() -> tuple[str, str]:
        provenance.revision.cache_clear()
        provenance.code.cache_clear()
        return str(provenance.revision()), provenance.code()

    try:
        (checkout / "notes.txt").write_text("beside the code")
        clean, first = look()
        (checkout / "bench" / "new.py").write_text("two = 2\n")
        new, second = look()
        (checkout / "bench" / "new.py").unlink()
        module.write_text("one = 2\n")
        changed, third = look()
    finally:
        provenance.revision.cache_clear()
        provenance.code.cache_clear()
    assert (new, changed) == (f"{clean}+changes",) * 2
    assert not clean.endswith("+changes")
    assert len({first, second, third}) == 3


@pytest.mark.cuda
def test_it_states_the_gpu_and_its_driver() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    gpu = provenance.provenance("cuda:0")["gpu"]
    assert gpu["name"] == torch.cuda.get_device_name(0)
    assert re.fullmatch(r"[\d.]+", gpu["driver"])


def test_a_foreign_checkout_is_not_taken_for_ours(tmp_path: Path, monkeypatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    inside = tmp_path / "venv" / "bench" / "common" / "provenance.py"
    inside.parent.mkdir(parents=True)
    monkeypatch.setattr(provenance, "__file__", str(inside))
    provenance.revision.cache_clear()
    try:
        assert provenance.revision() is None
    finally:
        provenance.revision.cache_clear()


def test_a_plug_in_that_is_not_here_has_no_hash(tmp_path: Path) -> None:
    facts = provenance.provenance("cpu", (tmp_path / "elsewhere.py",))
    assert facts["plugins"] == {"elsewhere.py": None}


def test_two_plug_ins_of_one_name_are_both_in_it(tmp_path: Path) -> None:
    files = (tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py", tmp_path / "other.py")
    facts = provenance.provenance("cpu", files)
    assert list(facts["plugins"]) == [str(files[0]), str(files[1]), "other.py"]
