"""Wheel and source distribution: the same bytes from two checkouts, and everything that the code reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = """
import sys
from setuptools import build_meta
folder = sys.argv[1]  # setuptools replaces the arguments
build_meta.build_sdist(folder)
build_meta.build_wheel(folder)
"""


def build(checkout: Path, out: Path, umask: str) -> dict[str, Path]:
    """Build both in a copy of the tracked files; return wheel and sdist by their ending."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, checkout / name)
            (checkout / name).chmod(0o666 & ~int(umask, 8))
    out.mkdir()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    shell = f'umask {umask} && "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable, BUILD, str(out)],
        cwd=checkout, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {path.suffix: path for path in out.iterdir()}


@pytest.mark.slow
@pytest.mark.sample
def test_two_builds_have_the_same_bytes_and_hold_what_is_needed(tmp_path):
    """At other times, in other folders, and by users who keep their files to themselves or not."""
    pytest.importorskip("setuptools", minversion="77")
    one = build(tmp_path / "here", tmp_path / "one", "022")
    other = build(tmp_path / "there" / "again", tmp_path / "other", "077")
    assert one.keys() == other.keys() == {".whl", ".gz"}
    with tarfile.open(one[".gz"]) as archive:
        entries = archive.getmembers()
    assert {entry.mtime for entry in entries} == {1700000000}
    assert {entry.uid for entry in entries} == {0}
    inside = {entry.name.partition("/")[2] for entry in entries}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    needed = {
        name for name in tracked.splitlines()
        if name.startswith(("bench/", "variants/", "datasets/", "reports/")) and (ROOT / name).is_file()
        and name.endswith((".py", ".toml", ".safetensors", ".parquet", ".html", ".css", ".js"))
    }  # fmt: skip
    assert needed <= inside
    assert {"README.md", "LICENSE", "pyproject.toml", "setup.py"} <= inside
    with zipfile.ZipFile(one[".whl"]) as wheel:
        names = set(wheel.namelist())
    packaged = {f"gan_bench/{name.removeprefix('bench/package/gan_bench/')}" for name in needed}
    assert packaged <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"gan_bench"}
    for ending, path in one.items():
        assert path.read_bytes() == other[ending].read_bytes(), ending
