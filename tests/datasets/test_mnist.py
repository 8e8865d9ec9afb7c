from __future__ import annotations

import gzip
import os
import time

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Unreachable
from gan_bench.datasets.idx import FILES
from gan_bench.datasets.mnist import from_idx


def snapshot(folder):
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


@pytest.mark.parametrize("packed", [True, False])
def test_splits_are_cut_from_the_files_in_order(small, folders, tmp_path, packed):
    root = small.write(tmp_path / "root", packed=packed)
    before = snapshot(root)
    data = from_idx("small", small.files, folders(root), held_out=10)
    images, labels, test_images, test_labels = (small.arrays[name] for name in FILES)
    for split, expected in {"train": images[:20], "validation": images[20:], "test": test_images}.items():
        np.testing.assert_array_equal(data.stream("real", split).data[:, 0].numpy(), expected)
    assert data.reference_labels("validation").tolist() == labels[20:].tolist()
    assert data.reference_labels("test").tolist() == test_labels.tolist()
    assert data.shape == (1, 28, 28)
    assert snapshot(root) == before, "nothing is written to the user's folders"


def test_packed_and_unpacked_files_are_the_same_data(small, folders, tmp_path):
    packed, unpacked = small.write(tmp_path / "a"), small.write(tmp_path / "b", packed=False)
    hashes = {from_idx("small", small.files, folders(root), 10).content_hash for root in (packed, unpacked)}
    assert len(hashes) == 1
    assert from_idx("small", small.files, folders(packed), 9).content_hash not in hashes


def test_the_first_root_with_the_files_is_used(small, folders, tmp_path):
    empty, good, other = tmp_path / "empty", small.write(tmp_path / "good"), small.write(tmp_path / "other")
    empty.mkdir()
    (other / "MNIST" / "raw" / f"{FILES[0]}.gz").write_bytes(b"damaged, but never looked at")
    assert len(from_idx("small", small.files, folders(empty, good, other), 10).stream()) == 20


def test_damage_is_never_passed_over(small, folders, tmp_path):
    bad, good = small.write(tmp_path / "bad"), small.write(tmp_path / "good")
    path = bad / "MNIST" / "raw" / f"{FILES[2]}.gz"
    path.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DatasetError, match=f"damaged file {path}") as error:
        from_idx("small", small.files, folders(bad, good), 10)
    assert not isinstance(error.value, Unreachable), "no stand-in for damage"


def test_an_incomplete_root_is_an_error(small, folders, tmp_path):
    part, good = small.write(tmp_path / "part"), small.write(tmp_path / "good")
    (part / "MNIST" / "raw" / f"{FILES[1]}.gz").unlink()
    with pytest.raises(DatasetError, match=f"incomplete: it lacks {FILES[1]}"):
        from_idx("small", small.files, folders(part, good), 10)


def test_the_cache_comes_after_the_roots(small, folders, tmp_path):
    here = folders()
    small.write(here.cache)
    assert len(from_idx("small", small.files, here, 10).stream()) == 20


def test_the_message_says_where_it_looked(small, folders, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    here = folders(root)
    with pytest.raises(Unreachable) as error:
        from_idx("small", small.files, here, 10)
    for part in (root / "MNIST" / "raw", here.cache / "MNIST" / "raw", "small", "switched off"):
        assert str(part) in str(error.value)
    assert not here.cache.exists()


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_digits_stand_in_and_say_so(name, tmp_path, monkeypatch):
    monkeypatch.delenv("BENCH_DATA", raising=False)
    data = datasets.load(name, cache=tmp_path, allow_download=False)
    digits = datasets.load("digits")
    assert (data.name, data.stand_in_for) == ("digits", name)
    assert data.stand_in_reason.startswith(f"{name} lies in none of {tmp_path}")
    assert digits.stand_in_for is digits.stand_in_reason is None
    assert data.content_hash == digits.content_hash
    with pytest.raises(DatasetError, match=f"{name} lies in none of"):
        datasets.load(name, cache=tmp_path, allow_download=False, stand_in=False)


def test_damage_has_no_stand_in(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in FILES:
        (raw / name).write_bytes(b"damaged")
    with pytest.raises(DatasetError, match="expected SHA-256 ba891046"):
        datasets.load("mnist", roots=[tmp_path], allow_download=False)


needs_data = pytest.mark.skipif(not os.environ.get("BENCH_DATA"), reason="BENCH_DATA is not set")


@needs_data
@pytest.mark.parametrize(("name", "content"), [("mnist", "aae304bd4ec6"), ("fashion-mnist", "3a3905352d75")])
def test_the_published_files(name, content):
    start = time.process_time()
    data = datasets.load(name, allow_download=False, stand_in=False)
    assert time.process_time() - start < 2, "0.4 s on an idle core"
    assert data.content_hash.startswith(content), "raise the version where the change is meant"
    assert {split: len(data.stream("real", split)) for split in data.splits} == {
        "train": 50_000,
        "validation": 10_000,
        "test": 10_000,
    }
    assert torch.bincount(data.stream("labelled").fields["label"].data, minlength=10).min() > 4_000


@needs_data
def test_mnist_reads_as_torchvision_reads_it(tmp_path):
    torchvision = pytest.importorskip("torchvision.datasets")
    data = datasets.load("mnist", allow_download=False, stand_in=False)
    root = next(root for root in datasets.data_roots() if (root / "MNIST" / "raw").is_dir())
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in FILES:
        packed = root / "MNIST" / "raw" / f"{name}.gz"
        unpacked = root / "MNIST" / "raw" / name
        (raw / name).write_bytes(
            gzip.decompress(packed.read_bytes()) if packed.exists() else unpacked.read_bytes()
        )
    theirs = torchvision.MNIST(tmp_path, train=True)
    assert torch.equal(data.stream("real", "train").data[:, 0], theirs.data[:50_000])
    assert torch.equal(data.reference("validation")[:, 0], theirs.data[50_000:])
    assert torch.equal(data.reference_labels("validation"), theirs.targets[50_000:])
    assert torch.equal(data.reference("test")[:, 0], torchvision.MNIST(tmp_path, train=False).data)
