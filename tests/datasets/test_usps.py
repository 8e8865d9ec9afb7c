"""Files of USPS with other contents than the published ones, which are refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_bench.datasets import DatasetError
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.usps import ROWS, read_usps

h5py = pytest.importorskip("h5py")

WHITE = {part: np.ones((rows, 256), np.float32) for part, rows in ROWS.items()}
LABELS = {part: np.arange(rows) % 10 for part, rows in ROWS.items()}


def write(folder: Path, values: dict[str, np.ndarray], labels: dict[str, np.ndarray]) -> Folders:
    (folder / "USPS").mkdir()
    with h5py.File(folder / "USPS" / "usps.h5", "w") as file:
        for part in values:
            file[f"{part}/data"], file[f"{part}/target"] = values[part], labels[part]
    return Folders.of([folder], folder / "cache", allow_download=False)


def test_values_from_0_to_1_become_bytes(tmp_path: Path) -> None:
    images, labels = read_usps(write(tmp_path, WHITE, LABELS))["test"]
    assert (images.shape, images.dtype, int(images.min())) == ((2007, 1, 16, 16), np.uint8, 255)
    assert labels.tolist() == LABELS["test"].tolist()


@pytest.mark.parametrize("value", [-1.0, 255.0, np.nan])
def test_values_that_would_wrap_around_are_refused(tmp_path: Path, value: float) -> None:
    folders = write(tmp_path, WHITE | {"test": value * WHITE["test"]}, LABELS)
    with pytest.raises(DatasetError, match=r"damaged file .*usps\.h5: its values are not between"):
        read_usps(folders)


def test_labels_that_are_no_digits_and_other_keys_are_refused(tmp_path: Path) -> None:
    folders = write(tmp_path, WHITE, LABELS | {"train": LABELS["train"] + 1})
    with pytest.raises(DatasetError, match=r"usps\.h5: the train labels are not the digits 0 to 9"):
        read_usps(folders)
    with h5py.File(tmp_path / "USPS" / "usps.h5", "w") as file:
        file["images"] = WHITE["test"]
    with pytest.raises(DatasetError, match=r"damaged file .*usps\.h5: .*train"):
        read_usps(folders)
