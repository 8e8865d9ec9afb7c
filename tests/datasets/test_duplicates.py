"""Images that are in two splits of a user's own data are named while the data are loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from gan_bench import datasets
from gan_bench.datasets.image_folders import domain_folders, unpaired_folder
from gan_bench.datasets.paired_folders import paired_folder
from tests.datasets.levels import level, png, save

SPLITS = ("train", "val", "test")
CURE = "leave such images out of one of the two"


def doubled(notes: tuple[str, ...]) -> list[str]:
    return [note for note in notes if "also in" in note]


def test_identical_files_in_two_splits_are_named_once_for_every_two_splits(tmp_path: Path) -> None:
    for first, split in zip((0, 50, 100), SPLITS, strict=True):
        save(tmp_path / split / "cat", *range(first, first + 5))
    data = datasets.load(f"images:{tmp_path}")
    assert not doubled(data.notes)
    before = data.content_hash
    for name, value in (
        ("a", 3),
        ("b", 3),
        ("c", 51),
    ):  # the level of two training images, and of one to validate
        (tmp_path / "test" / "cat" / f"{name}.png").write_bytes(png(level(value)))
    data = datasets.load(f"images:{tmp_path}")
    assert doubled(data.notes) == [
        f"2 of 8 test images are also in the training split (test/cat/a.png is train/cat/3.png): {CURE}",
        f"1 of 8 test images is also in the validation split (test/cat/c.png is val/cat/1.png): {CURE}",
    ]
    assert data.content_hash != before  # of the images, not of the note: without them it is the same again
    for name in "abc":
        (tmp_path / "test" / "cat" / f"{name}.png").unlink()
    assert datasets.load(f"images:{tmp_path}").content_hash == before


def test_images_that_one_pixel_tells_apart_are_no_duplicates(tmp_path: Path) -> None:
    images = np.stack([level(value) for value in range(20)])
    images[19] = images[0]
    np.save(tmp_path / "mine.npy", images)
    assert (
        "number 1 of test is number 0 of training"
        in doubled(datasets.load(f"{tmp_path / 'mine.npy'}").notes)[0]
    )
    images[19, 7, 7] += 1
    np.save(tmp_path / "mine.npy", images)
    assert not doubled(datasets.load(f"{tmp_path / 'mine.npy'}").notes)


@pytest.mark.parametrize("layout", ["pairs", "domains", "kinds"])
def test_pairs_and_domains_are_compared_as_well(tmp_path: Path, layout: str) -> None:
    places = {"pairs": "{}", "domains": "{}A", "kinds": "{}/blue"}
    others = {"pairs": [], "domains": ["{}B"], "kinds": ["{}/red"]}
    read = {"pairs": paired_folder, "domains": unpaired_folder, "kinds": domain_folders}[layout]
    for number, split in enumerate(SPLITS):
        for letter, place in enumerate([places[layout], *others[layout]]):
            first = 100 * letter + 10 * number
            save(tmp_path / place.format(split), *range(first, first + 3), shape=(16, 32))
    assert not doubled(read("mine", tmp_path, 16).notes)
    one, other = (tmp_path / places[layout].format(split) for split in ("train", "test"))
    shutil.copy(one / "2.png", other / "0.png")
    total = 3 * (1 + len(others[layout]))
    train, test = (
        (folder / name).relative_to(tmp_path) for folder, name in ((one, "2.png"), (other, "0.png"))
    )
    assert doubled(read("mine", tmp_path, 16).notes) == [
        f"1 of {total} test images is also in the training split ({test} is {train}): {CURE}"
    ]
