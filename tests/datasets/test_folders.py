from __future__ import annotations

import os
from pathlib import Path

import pytest

from gan_bench.datasets import DatasetError, Folders, cache_folder, data_roots


def test_the_cache_folder_follows_the_environment(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    for variable in ("GAN_BENCH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert cache_folder() == Path("/home/someone/.cache/gan-bench")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_folder() == Path("/xdg/gan-bench")
    monkeypatch.setenv("GAN_BENCH_CACHE", "~/own")
    assert cache_folder() == Path("/home/someone/own")


def test_roots_come_from_the_argument_or_from_bench_data(monkeypatch, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setenv("BENCH_DATA", os.pathsep.join([str(first), str(second)]))
    assert data_roots() == (first, second)
    assert Folders.of().roots == (first, second)
    assert Folders.of([second]).roots == (second,)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BENCH_DATA", "~/first")  # which no shell has expanded: from a file of settings
    assert Folders.of().roots == (first,)
    monkeypatch.setenv("BENCH_DATA", "")
    assert Folders.of().roots == ()


def test_a_root_that_does_not_exist_is_an_error(monkeypatch, tmp_path):
    with pytest.raises(DatasetError, match=r"typo' \(from --data-dir\)"):
        Folders.of([tmp_path / "typo"])
    monkeypatch.setenv("BENCH_DATA", str(tmp_path / "typo"))
    with pytest.raises(DatasetError, match=r"typo' \(from BENCH_DATA\)"):
        Folders.of()
