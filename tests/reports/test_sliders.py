"""Pictures before and after: the pixels that were stored, in one size, by entry."""

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.datasets.resizing import enlarge
from gan_bench.reports.folder import Folder
from gan_bench.reports.sliders import sliders
from tests.reports.synthetic import board_of

RNG = np.random.default_rng(0)


def pixels(*shape):
    return RNG.integers(0, 256, shape).astype(np.uint8)


@pytest.fixture
def written(make, tmp_path):
    """Give the sliders of a trial that keeps some arrays, and a reader of their pictures."""

    def write(**arrays):
        results = make(tmp_path / "a", variants={"gan": 2014}, seeds=1, lost=False, ema=False, points=1)
        (path,) = results.trials["samples"]
        np.savez(path, **{f"enlarged.final.up.{name}": array for name, array in arrays.items()})
        return sliders(board_of(results), Folder(tmp_path / "out"))

    def read(picture):
        image = np.asarray(Image.open(tmp_path / "out" / picture.file))
        return image[None] if image.ndim == 2 else image.transpose(2, 0, 1)

    return write, read


def test_pictures_are_those_that_were_stored_and_the_input_is_as_large(written):
    write, read = written
    low, made, target = pixels(3, 6, 9), pixels(3, 24, 36), pixels(3, 24, 36)
    (found,) = write(**{"0.given": low, "0.made": made, "0.target": target})
    np.testing.assert_array_equal(read(found.after), made)
    np.testing.assert_array_equal(read(found.truth), target)
    bicubic = enlarge(torch.from_numpy(low).double(), (24, 36)).clip(0, 255).numpy()
    inner = np.s_[:, 8:-8, 8:-8]  # beyond a border Pillow has no pixels, MATLAB mirrors
    assert np.abs(read(found.before) - bicubic)[inner].max() <= 2  # Pillow calculates in whole numbers
    assert (found.width, found.height) == (36, 24)
    assert "9×6 pixels, enlarged bicubically" in found.before.alt


def test_grey_images_and_those_without_truth_have_a_slider_each(written):
    write, read = written
    made = [pixels(1, 4, 4), pixels(1, 8, 8)]
    first, second = write(**{
        "0.given": pixels(1, 2, 2), "0.made": made[0], "1.given": pixels(1, 2, 2), "1.made": made[1],
    })  # fmt: skip
    for found, expected in zip((first, second), made, strict=True):
        np.testing.assert_array_equal(read(found.after), expected)
        assert found.truth is None
    assert len({first.after.file, second.after.file, first.before.file, second.before.file}) == 4


def test_what_is_no_picture_has_no_slider(written):
    write, _ = written
    assert write(**{"0.given": pixels(2, 2, 2), "0.made": pixels(2, 4, 4)}) == []
    assert write(**{"0.made": pixels(1, 4, 4)}) == []
