"""Folders of images: pairs, domains, and what is wrong with them, by name of the file."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from PIL import Image

from gan_bench.datasets import DatasetError
from gan_bench.datasets.image_files import image_files
from gan_bench.datasets.image_folders import domain_folders, unpaired_folder
from gan_bench.datasets.paired_folders import paired_folder

RNG = np.random.default_rng(0)
SPLITS = ("train", "val", "test")


def save(path, size=(16, 32), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return pixels


@pytest.fixture
def pairs(tmp_path):
    for split in SPLITS:
        for number in range(3):
            save(tmp_path / split / f"{number}.png")
    return tmp_path


def test_halves_lie_side_by_side_and_the_direction_says_which_is_given(pairs):
    pixels = save(pairs / "val" / "0.png")
    left, right = (torch.from_numpy(pixels[:, half].transpose(2, 0, 1)) for half in (np.s_[:16], np.s_[16:]))
    there = paired_folder("mine", pairs, 16)
    assert torch.equal(there.reference("validation", 1, "a")[0], left)
    assert torch.equal(there.reference("validation", 1, "real")[0], right)
    back = paired_folder("mine", pairs, 16, direction="b-to-a")
    assert torch.equal(back.reference("validation", 1, "a")[0], right)
    assert there.content_hash != back.content_hash
    assert torch.equal(there.paired("b", ["a"], "validation"), there.reference("validation"))


def test_training_rows_are_crops_of_both_halves_at_one_place(tmp_path):
    for split in SPLITS:
        for number in range(2):
            half = RNG.integers(0, 256, (18, 18, 3), dtype=np.uint8)
            path = tmp_path / split / f"{number}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(np.concatenate((half, 255 - half), 1)).save(path)
    data = paired_folder("mine", tmp_path, 16)  # loaded at 18 pixels: 3 x 3 crops, and mirrored
    source = data.stream("pairs")
    assert len(source) == 2 * 9 * 2
    rows = source.gather(torch.arange(len(source)))
    assert torch.equal(rows["a"], 255 - rows["b"])
    assert len({row.numpy().tobytes() for row in rows["a"]}) == len(source)


def test_two_folders_are_the_same_as_halves(tmp_path, pairs):
    apart = tmp_path / "apart"
    for split in SPLITS:
        for path in (pairs / split).iterdir():
            image = Image.open(path)
            for side, box in (("A", (0, 0, 16, 16)), ("B", (16, 0, 32, 16))):
                (apart / side / split).mkdir(parents=True, exist_ok=True)
                image.crop(box).save(apart / side / split / path.name)
    one, other = paired_folder("mine", pairs, 16), paired_folder("mine", apart, 16)
    assert one.content_hash == other.content_hash


def refused(make, message):
    with pytest.raises(DatasetError, match=message):
        make()


def test_what_is_wrong_is_named(pairs):
    make = lambda: paired_folder("mine", pairs, 16)  # noqa: E731
    save(pairs / "train" / "odd.png", (16, 31))
    refused(make, r"train/odd\.png is 31 pixels wide: its halves differ in size")
    (pairs / "train" / "odd.png").unlink()
    whole = pairs / "test" / "torn.jpg"
    save(whole, (64, 128))
    whole.write_bytes(whole.read_bytes()[:900])
    refused(make, r"damaged image .*test/torn\.jpg: .*truncated")
    whole.write_bytes(b"no image")
    refused(make, r"damaged image .*test/torn\.jpg")
    whole.unlink()
    for path in (pairs / "val").iterdir():
        path.unlink()
    refused(make, rf"{re.escape(str(pairs / 'val'))} holds no image")
    (pairs / "val").rmdir()
    refused(make, r"has no folder 'val'; expected train, val and test")


def test_partners_that_are_missing_or_of_another_size_are_named(tmp_path):
    for side in "AB":
        for split in SPLITS:
            for number in range(2):
                save(tmp_path / side / split / f"{number}.png", (16, 16))
    save(tmp_path / "B" / "train" / "1.png", (16, 18))
    refused(
        lambda: paired_folder("mine", tmp_path, 16), r"1\.png and .*1\.png differ in size: 16x16 and 16x18"
    )
    (tmp_path / "B" / "train" / "1.png").unlink()
    refused(lambda: paired_folder("mine", tmp_path, 16), r"A/train/1\.png has no partner of its name in .*B")


def test_two_files_of_one_name_are_no_pair(tmp_path):
    for side in "AB":
        for split in SPLITS:
            save(tmp_path / side / split / "1.png", (16, 16))
    save(tmp_path / "B" / "val" / "1.jpg", (16, 16))
    refused(
        lambda: paired_folder("mine", tmp_path, 16), r"B/val/1\.(jpg|png) and .*1\.(jpg|png) have one name"
    )


def test_grey_files_among_colour_are_repeated_and_said(pairs):
    save(pairs / "train" / "grey.png", mode="L")
    data = paired_folder("mine", pairs, 16)
    assert data.notes == ("1 grey file (grey.png): repeated to three channels",)
    assert paired_folder("other", pairs, 16).spaces["a"].shape == (3, 16, 16)


def test_unpaired_domains_and_domains_by_folder(tmp_path):
    for split in SPLITS:
        for letter, count in (("A", 2), ("B", 3)):
            for number in range(count):
                save(tmp_path / f"{split}{letter}" / f"{number}.png", (16, 16))
    data = unpaired_folder("mine", tmp_path, 16)
    assert data.reference_rows("test", "domain_a") == 2
    assert data.reference_rows("test", "domain_b") == 3
    assert len(data.stream("domain_a")) == 2 * 9 * 2
    assert data.paired("domain_b", ["domain_a"]) is None
    kinds = tmp_path / "kinds"
    for split in SPLITS:
        for domain in ("blue", "amber", "cyan"):
            save(kinds / split / domain / "1.png", (16, 16))
        (kinds / split / ".thumbnails").mkdir()
    several = domain_folders("mine", kinds, 16)
    assert several.given(["domain"], "test")["domain"].tolist() == [0, 1, 2]
    (kinds / "test" / "cyan").rename(kinds / "test" / "red")
    refused(
        lambda: domain_folders("mine", kinds, 16),
        "test has the domains amber, blue, red; expected those of train: amber, blue, cyan",
    )


def test_files_are_in_natural_order_without_hidden_ones(tmp_path):
    for number in (10, 9, 1):
        save(tmp_path / f"{number}.png")
    assert [path.name for path in image_files(tmp_path)] == ["1.png", "9.png", "10.png"]
    (tmp_path / "._1.png").write_bytes(b"of another system")
    assert len(image_files(tmp_path)) == 3
