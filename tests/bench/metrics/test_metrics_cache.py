from __future__ import annotations

import os

import pytest
import torch

from bench.metrics.cache import cached_outputs
from bench.metrics.extractors import Outputs

KEY = ("data", "weights", "test", "3")


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return Outputs(torch.arange(6.0).view(3, 2), torch.ones(3, 10))


def test_computed_once_and_equal(tmp_path):
    compute = Counter()
    first = cached_outputs(tmp_path, KEY, compute)
    second = cached_outputs(tmp_path, KEY, compute)
    assert compute.calls == 1
    assert torch.equal(first.features, second.features)
    assert torch.equal(first.logits, second.logits)
    assert len(list(tmp_path.rglob("*"))) == 2  # the folder and one file, nothing temporary


def test_another_key_is_computed(tmp_path):
    compute = Counter()
    cached_outputs(tmp_path, KEY, compute)
    cached_outputs(tmp_path, (*KEY[:3], "4"), compute)
    assert compute.calls == 2


@pytest.mark.parametrize("damage", [b"", b"no zip file", b"PK\x03\x04half"])
def test_a_damaged_file_is_computed_anew(tmp_path, damage):
    compute = Counter()
    cached_outputs(tmp_path, KEY, compute)
    next(tmp_path.rglob("*.npz")).write_bytes(damage)
    cached_outputs(tmp_path, KEY, compute)
    cached_outputs(tmp_path, KEY, compute)
    assert compute.calls == 2


def test_no_folder_stores_nothing(tmp_path):
    compute = Counter()
    cached_outputs(None, KEY, compute)
    assert compute.calls == 1


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert len(cached_outputs(tmp_path / "file", KEY, Counter()).features) == 3


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached_outputs(tmp_path, KEY, Counter())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
