"""CIFAR-10 from small files of its form: folder, archive, download, damages, pickles that would run code."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Unreachable, cifar

ROWS = 30


def content_of(number: int) -> bytes:
    """Return a file of CIFAR-10's form: keys are bytes, images rows of 3072 numbers."""
    images = np.random.default_rng(number).integers(0, 256, (ROWS, 3072), dtype=np.uint8)
    batch = {b"batch_label": b"a batch", b"data": images, b"labels": [row % 10 for row in range(ROWS)]}
    return pickle.dumps(batch, protocol=3)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return small files with the names of CIFAR-10's, whose checksums the module then expects."""
    made = {name: content_of(number) for number, name in enumerate((*cifar.TRAIN, cifar.TEST))}
    monkeypatch.setattr(cifar, "MD5", {name: hashlib.md5(c).hexdigest() for name, c in made.items()})
    monkeypatch.setattr(cifar, "HELD_OUT", 20)
    return made


def archive_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{cifar.FOLDER}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def load(root: Path, cache: Path, **options) -> datasets.Dataset:
    return datasets.load("cifar10", roots=[root], cache=cache, stand_in=False, **options)


@pytest.fixture
def unpacked(tmp_path: Path, files: dict[str, bytes]) -> Path:
    folder = tmp_path / "data" / cifar.FOLDER
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return tmp_path / "data"


def test_a_folder_and_an_archive_hold_the_same_data(
    tmp_path: Path, unpacked: Path, files: dict[str, bytes]
) -> None:
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "cifar-10-python.tar.gz").write_bytes(archive_of(files))
    here, there = (
        load(root, tmp_path / "cache", allow_download=False) for root in (unpacked, tmp_path / "packed")
    )
    assert here.content_hash == there.content_hash
    assert (here.shape, here.truth.classes) == ((3, 32, 32), 10)
    expected = pickle.loads(files["test_batch"], encoding="bytes")
    assert np.array_equal(here.reference("test").numpy().reshape(ROWS, -1), expected[b"data"])
    assert here.reference_labels("test").tolist() == expected[b"labels"]  # type: ignore[union-attr]
    last = pickle.loads(files["data_batch_5"], encoding="bytes")[b"data"][-20:]
    assert np.array_equal(here.reference("validation").numpy().reshape(20, -1), last)


def test_damaged_and_incomplete_folders_are_sentences(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / cifar.FOLDER / "data_batch_3").write_bytes(b"other")
    with pytest.raises(DatasetError, match=r"damaged file cifar-10-batches-py/data_batch_3: expected MD5"):
        load(unpacked, tmp_path / "cache")
    (unpacked / cifar.FOLDER / "data_batch_3").unlink()
    with pytest.raises(DatasetError, match="is incomplete: it lacks data_batch_3"):
        load(unpacked, tmp_path / "cache")


class Evil:
    def __reduce__(self):
        return os.getcwd, ()


def test_a_pickle_that_would_run_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (pickle.dumps({b"data": Evil()}, protocol=3), pickle.dumps([np.dtype(object), Evil()])):
        monkeypatch.setitem(cifar.MD5, "test_batch", hashlib.md5(content).hexdigest())
        with pytest.raises(DatasetError, match=r"damaged file test_batch: it asks for \w+\.getcwd"):
            cifar.read_batch(content, "test_batch")


def test_the_archive_is_fetched_into_the_cache_and_checked(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any]
) -> None:
    content = archive_of(files)
    address, _ = serve({"cifar-10-python.tar.gz": content})
    monkeypatch.setattr(cifar.Archive, "mirrors", lambda _: (address,))
    small = cifar.Archive(packed={"cifar-10-python.tar.gz": hashlib.sha256(content).hexdigest()})
    monkeypatch.setattr(cifar, "CIFAR10", small)
    (tmp_path / "empty").mkdir()
    made = load(tmp_path / "empty", tmp_path / "cache")
    assert len(made.reference()) == ROWS
    assert (tmp_path / "cache" / "datasets" / "cifar-10-python.tar.gz").read_bytes() == content
    monkeypatch.setattr(cifar, "CIFAR10", cifar.Archive())
    with pytest.raises(DatasetError, match=r"damaged file.*6d958be074577803"):
        load(tmp_path / "empty", tmp_path / "other")


def test_out_of_reach_another_dataset_stands_in(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"cifar10 lies in none of .*cifar-10-batches-py.*--data-dir"):
        load(tmp_path, tmp_path / "cache", allow_download=False)
    instead = datasets.load("cifar10", roots=[tmp_path], cache=tmp_path, allow_download=False)
    assert (instead.name, instead.stand_in_for) == ("digits", "cifar10")


def test_checksums_are_those_that_torchvision_publishes() -> None:
    from torchvision.datasets import CIFAR10

    published = dict(map(tuple, [*CIFAR10.train_list, *CIFAR10.test_list]))
    assert published == cifar.MD5
    assert cifar.CIFAR10.mirrors()[0] + CIFAR10.filename == CIFAR10.url
