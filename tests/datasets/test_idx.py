from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pytest

from gan_bench.datasets import DatasetError
from gan_bench.datasets.idx import FASHION_MNIST, FILES, MNIST, parse


def test_reads_packed_and_unpacked_files_alike(small, tmp_path):
    packed = small.files.find(small.write(tmp_path / "packed"))
    unpacked = small.files.find(small.write(tmp_path / "unpacked", packed=False))
    for name in FILES:
        assert packed[name].suffix == ".gz"
        assert unpacked[name].suffix == ""
        np.testing.assert_array_equal(small.files.read(name, packed[name]), small.arrays[name])
        np.testing.assert_array_equal(small.files.read(name, unpacked[name]), small.arrays[name])


def test_unpacked_files_come_first_where_both_lie_there(small, tmp_path):
    small.write(tmp_path)
    (tmp_path / "MNIST" / "raw" / FILES[2]).write_bytes(small.contents[FILES[2]])
    found = small.files.find(tmp_path)
    assert [found[name].name for name in FILES] == [
        f"{FILES[0]}.gz",
        f"{FILES[1]}.gz",
        FILES[2],
        f"{FILES[3]}.gz",
    ]


def test_a_locked_folder_is_named_and_not_passed_over(small, tmp_path, monkeypatch):
    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", locked)
    with pytest.raises(DatasetError, match=r"cannot look into .*raw: Permission denied"):
        small.files.find(tmp_path)


@pytest.mark.parametrize("packed", [True, False])
def test_a_damaged_file_is_named_with_both_checksums(small, tmp_path, packed):
    path = small.files.find(small.write(tmp_path, packed=packed))[FILES[0]]
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    expected = (small.files.packed if packed else small.files.unpacked)[FILES[0]]
    found = small.sums({"it": bytes(content)})["it"]
    with pytest.raises(DatasetError) as error:
        small.files.read(FILES[0], path)
    assert str(path) in str(error.value)
    assert expected in str(error.value)
    assert found in str(error.value)


def test_a_file_that_cannot_be_read_is_named(small, tmp_path):
    with pytest.raises(DatasetError, match=r"cannot read .*train"):
        small.files.read(FILES[0], tmp_path / FILES[0])


def test_a_truncated_gzip_file_is_named(small, tmp_path):
    path = small.files.find(small.write(tmp_path))[FILES[0]]
    path.write_bytes(path.read_bytes()[:-20])
    files = replace(small.files, packed=small.sums({FILES[0]: path.read_bytes()}))
    with pytest.raises(DatasetError, match=f"damaged file {path}: not a complete gzip file"):
        files.read(FILES[0], path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x08\0",
        b"\0\0\x0d\x01\0\0\0\x01\0",  # floats
        b"\0\0\x08\x01\0\0\0\x02\0",  # one value short
        b"\0\0\x08\x01\0\0\0\x01\0\0",  # one value too many
        b"\0\0\x08\x03\0\0\0\x01",  # sizes missing
        gzip.compress(b"\0\0\x08\x01\0\0\0\x01\0", mtime=0),
    ],
)
def test_bytes_that_are_no_idx_file_are_refused(content, tmp_path):
    with pytest.raises(DatasetError, match="not an IDX file"):
        parse(content, tmp_path / "file")


@pytest.mark.parametrize("files", [MNIST, FASHION_MNIST])
def test_file_sets_name_every_file(files):
    assert set(files.packed) == set(files.unpacked) == set(FILES)
    assert len({*files.packed.values(), *files.unpacked.values()}) == 8
