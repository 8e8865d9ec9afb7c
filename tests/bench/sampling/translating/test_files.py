"""Files that `translate` reads and writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.sampling.translating.files import read_mask
from gan_bench.datasets import DatasetError


def test_a_mask_is_1_where_it_is_bright(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 127], [128, 255]], np.uint8)).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), [[[0, 0], [1, 1]]])


def test_a_mask_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--mask .*none\.png: there is no such file$"):
        read_mask(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(DatasetError, match=r"damaged image .*text\.png"):
        read_mask(tmp_path / "text.png")
