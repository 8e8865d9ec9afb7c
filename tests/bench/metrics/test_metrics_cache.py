from __future__ import annotations

import os

import numpy as np
import pytest

from gan_bench.bench.metrics.cache import cached_arrays

KEY = ("data", "weights", "test", "3")


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return {"features": np.arange(6.0).reshape(3, 2), "logits": np.ones((3, 10))}


def test_computed_once_and_equal(tmp_path):
    compute = Counter()
    first = cached_arrays(tmp_path, KEY, compute)
    second = cached_arrays(tmp_path, KEY, compute)
    assert compute.calls == 1
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert len(list(tmp_path.rglob("*"))) == 2  # the folder and one file, nothing temporary


def test_another_key_is_computed(tmp_path):
    compute = Counter()
    cached_arrays(tmp_path, KEY, compute)
    cached_arrays(tmp_path, (*KEY[:3], "4"), compute)
    assert compute.calls == 2


@pytest.mark.parametrize("damage", [b"", b"no zip file", b"PK\x03\x04half"])
def test_a_damaged_file_is_computed_anew(tmp_path, damage):
    compute = Counter()
    cached_arrays(tmp_path, KEY, compute)
    next(tmp_path.rglob("*.npz")).write_bytes(damage)
    cached_arrays(tmp_path, KEY, compute)
    cached_arrays(tmp_path, KEY, compute)
    assert compute.calls == 2


def test_no_folder_stores_nothing(tmp_path):
    compute = Counter()
    cached_arrays(None, KEY, compute)
    assert compute.calls == 1


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert len(cached_arrays(tmp_path / "file", KEY, Counter())["features"]) == 3


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached_arrays(tmp_path, KEY, Counter())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
