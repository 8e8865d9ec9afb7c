"""Runs on a user's own data, named on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.request import Request
from gan_bench.datasets import registry
from tests.bench.conftest import FakeEngine, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def test_a_folder_of_images_stands_in_the_plan(
    session: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "faces").mkdir()
    for number in range(20):
        Image.new("RGB", (12, 10), (number, 0, 0)).save(tmp_path / "faces" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    status, shown = session(dry_run=True, dataset="images:faces", size=8, grey=True)
    assert (status, "images:faces-8-grey · mlp" in shown) == (0, True), shown


def test_points_are_trained_on_and_records_name_the_file(
    session: Start, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "mine.npy", np.random.default_rng(0).normal(size=(200, 2)))
    monkeypatch.chdir(tmp_path)
    assert session(dataset="mine.npy")[0] == 0
    store = Store(tmp_path / "out")
    trial = store.read(next(iter(store))).trial  # type: ignore[union-attr]
    assert trial.data_name == "npz:mine"
    assert trial.data_source == f"npz:{tmp_path / 'mine.npy'}"
    monkeypatch.chdir("/")
    assert registry.load(trial.data_source).content_hash == trial.content_hash


def test_a_size_without_own_images_is_refused(session: Start) -> None:
    with pytest.raises(UsageError, match="--size and --grey are for own images"):
        Request("ring", "", size=8)
    with pytest.raises(UsageError, match="--size: ring has its own; expected own images"):
        session(dataset="ring", size=8)
