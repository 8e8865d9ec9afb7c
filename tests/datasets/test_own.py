"""Datasets of a user's own files: forms, splits, names, options and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import DatasetError, registry
from gan_bench.datasets.own import Address
from tests.datasets.levels import labels, level, levels, png, save

RNG = np.random.default_rng(0)


def test_of_ten_images_in_natural_order_the_last_two_are_held_out(tmp_path: Path) -> None:
    save(tmp_path / "plain", *range(30))
    name = f"images:{tmp_path / 'plain'}"
    assert levels(name, "validation") == [8, 18, 28]
    assert levels(name, "test") == [9, 19, 29]
    assert levels(name, "train") == [value for value in range(30) if value % 10 < 8]
    data = datasets.load(name)
    assert data.name == "images:plain"
    assert data.notes[0].startswith("24 / 3 / 3 images for training, validation and test: of 10 rows")


def test_every_class_is_divided(tmp_path: Path) -> None:
    save(tmp_path / "b", *range(100, 110))
    save(tmp_path / "a", *range(20))
    (tmp_path / ".cache").mkdir()
    name = f"images:{tmp_path}"
    assert levels(name, "test") == [9, 19, 109]
    assert labels(name, "test") == [0, 0, 1]
    assert datasets.load(name).truth.classes == 2
    assert "classes 0 a, 1 b" in datasets.load(name).notes


@pytest.mark.parametrize("validation", ["", "val", "validation"])
def test_stated_splits_are_kept(tmp_path: Path, validation: str) -> None:
    save(tmp_path / "train" / "cat", *range(10))
    save(tmp_path / "train" / "dog", *range(10, 20))
    save(tmp_path / "test" / "dog", 200, 201)
    if validation:
        save(tmp_path / validation / "cat", 100, 101)
    name = f"images:{tmp_path}"
    assert (levels(name, "test"), labels(name, "test")) == ([200, 201], [1, 1])
    expected = [100, 101] if validation else [9, 19]
    assert levels(name, "validation") == expected
    assert len(levels(name, "train")) == (20 if validation else 18)


def test_images_become_squares_and_grey(tmp_path: Path) -> None:
    save(tmp_path / "tall", *[7] * 20, shape=(12, 8, 3))
    (tmp_path / "tall" / "0.png").write_bytes(png(level(9, (8, 20))))
    data = datasets.load(f"images:{tmp_path / 'tall'},size=4,grey")
    assert data.shape == (1, 4, 4)
    assert data.name == "images:tall-4-grey"
    assert levels(f"images:{tmp_path / 'tall'},size=4,grey", "train")[:2] == [9, 7]
    coloured = datasets.load(f"images:{tmp_path / 'tall'},size=4")
    assert coloured.shape == (3, 4, 4)
    assert "1 grey among files in colour: repeated to three channels" in coloured.notes
    assert coloured.content_hash != data.content_hash


def test_the_centre_of_an_image_is_kept(tmp_path: Path) -> None:
    wide = np.zeros((4, 12), np.uint8)
    wide[:, 4:8] = 255
    (tmp_path / "wide").mkdir()
    for number in range(20):
        (tmp_path / "wide" / f"{number}.png").write_bytes(png(wide))
    data = datasets.load(f"images:{tmp_path / 'wide'},size=4")
    assert (data.reference() == 255).all()


def test_the_hash_is_of_pixels_and_options_and_not_of_the_place(tmp_path: Path) -> None:
    for place in ("here", "there"):
        save(tmp_path / place / "faces", *range(20))
    here, there = (datasets.load(f"images:{tmp_path / place / 'faces'}") for place in ("here", "there"))
    assert here.content_hash == there.content_hash
    (tmp_path / "there" / "faces" / "3.png").write_bytes(png(level(200)))
    assert datasets.load(f"images:{tmp_path / 'there' / 'faces'}").content_hash != here.content_hash


def test_names_cannot_leave_the_results_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "..a b,c=d" / "é <x>"
    save(odd, *range(20))
    monkeypatch.chdir(odd)
    for place in (".", str(odd), "../é <x>"):
        data = datasets.load(f"images:{place}")
        assert data.name == "images:é-x"
        assert not {*data.name} & {*"/\\ <>"}
    name = registry.whole_name("images:.,size=4")
    assert name == f"images:{odd},size=4"
    assert registry.whole_name(name) == name
    assert Address.parse(name) == Address("images", str(odd), {"size": "4"})


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ({}, "images:{}/none", r"none is no folder; expected images:FOLDER with the options size=SIDE, grey"),
        ({}, "images:{}", "holds no image"),
        ({"a": 5}, "images:{}/a", "5 rows without splits; expected at least 20"),
        ({"train": 5, "test": 5}, "images:{}", "5 training rows and no split for validation; expected at"),
        ({"train": 20, "val": 5}, "images:{}", "there are splits train, validation; expected train and test"),
        ({"train": 20, "test": 5, "cat": 5}, "images:{}", "has the splits test, train and the folder cat"),
        ({"a": 20, "a/b": 5}, "images:{}/a", "holds both images and folders"),
        ({"a": 20}, "images:{}/a,size=one", "size=one: expected a side in pixels from 2 to 4096"),
        ({"a": 20}, "images:{}/a,size=1", "size=1: expected a side"),
        ({"a": 20}, "images:{}/a,gray", "a,gray is no folder"),
        ({"train": 20, "test": 1}, "images:{}", "test"),
        (
            {"train": 20, "test": 5, "val": 5, "validation": 5},
            "images:{}",
            "the folders val and validation, both of the validation split",
        ),
    ],
)
def test_other_folders_are_refused(tmp_path: Path, files: dict[str, int], name: str, message: str) -> None:
    for folder, count in files.items():
        save(tmp_path / folder, *range(count))
    with pytest.raises(DatasetError, match=message):
        datasets.load(name.format(tmp_path))


def test_images_of_several_sizes_are_refused_with_the_cure(tmp_path: Path) -> None:
    save(tmp_path / "a", *range(20))
    (tmp_path / "a" / "9.png").write_bytes(png(level(0, (8, 9))))
    with pytest.raises(DatasetError, match=r"a: 0\.png is 8×8 and 9\.png 9×8: .* --size SIDE makes squares"):
        datasets.load(f"images:{tmp_path / 'a'}")


@pytest.mark.parametrize(
    ("shape", "kind"), [((40,), "scalar"), ((40, 1), "scalar"), ((40, 2), "planar"), ((40, 5), "vectors")]
)
def test_points_of_a_file_are_standardised(tmp_path: Path, shape: tuple[int, ...], kind: str) -> None:
    values = RNG.normal(100, 30, shape)
    np.save(tmp_path / "mine.npy", values)
    data = datasets.load(str(tmp_path / "mine.npy"))
    assert (data.kind, data.name) == (kind, "npz:mine")
    rows = data.stream().gather(torch.arange(32))  # type: ignore[attr-defined]
    assert rows.mean().item() == pytest.approx(100, abs=20)
    prepared = data.prepare(rows)
    assert prepared.mean(0).abs().max() < 1e-5
    assert prepared.std(0).sub(1).abs().max() < 1e-5
    assert torch.allclose(data.restore(prepared), rows, atol=1e-3)


def test_points_of_another_byte_order_are_the_same_points(tmp_path: Path) -> None:
    values = RNG.normal(size=(40, 2))
    for name, order in (("little", "<f8"), ("big", ">f8")):
        np.save(tmp_path / f"{name}.npy", values.astype(order))
    little, big = (datasets.load(str(tmp_path / f"{name}.npy")) for name in ("little", "big"))
    assert torch.equal(little.reference("test"), big.reference("test"))


IMAGES, MANY = RNG.integers(0, 256, (40, 6, 6)), RNG.integers(0, 256, (20, 6, 6, 3))
CLASSES = np.arange(40) % 4
PARTS = ("train", "val", "test")
MEDICAL = {f"{part}_images": IMAGES for part in PARTS} | {
    f"{part}_labels": CLASSES[:, None] for part in PARTS
}
"""As MedMNIST names its arrays."""


@pytest.mark.parametrize(
    ("arrays", "options", "shape", "classes"),
    [
        ({"samples": IMAGES}, "", (1, 6, 6), None),
        ({"anything": IMAGES}, "", (1, 6, 6), None),
        ({"images": IMAGES, "labels": CLASSES}, "", (1, 6, 6), 4),
        ({"images": IMAGES / 255}, ",values=0:1", (1, 6, 6), None),
        ({"images": MANY}, ",channels-last", (3, 6, 6), None),
        ({"images": MANY}, ",channels-last,grey,size=4", (1, 4, 4), None),
        (
            {"x_train": IMAGES, "y_train": CLASSES, "x_test": IMAGES[:8], "y_test": CLASSES[:8]},
            "", (1, 6, 6), 4,
        ),
        (
            MEDICAL,
            "", (1, 6, 6), 4,
        ),
    ],
)  # fmt: skip
def test_arrays_of_the_usual_names_are_read(tmp_path: Path, arrays, options, shape, classes) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    data = datasets.load(f"{tmp_path / 'mine.npz'}{options}")
    assert (data.shape, data.truth.classes) == (shape, classes)


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"a": IMAGES, "b": IMAGES}, "", "holds the arrays a, b; expected one array, or `samples`"),
        ({"train": IMAGES, "labels": CLASSES}, "", "holds the arrays train, labels; expected"),
        ({"images": IMAGES, "labels": CLASSES[:3]}, "", "3 labels for 40 rows"),
        ({"images": IMAGES / 255}, "", "state which values are black.*FILE.npz,values=0:1 states it"),
        ({"points": IMAGES[:, 0, 0], "y": np.array(["cat"] * 40)}, "", "mine.npz: labels are of type <U3"),
        ({"points": IMAGES[:, 0, 0], "y": np.array(3)}, "", r"mine.npz: labels have shape \(\), expected"),
        ({"x_train": IMAGES, "x_val": IMAGES, "x_test": IMAGES[:0]}, "", "the array x_test has no rows"),
        ({"points": np.array(1.0)}, "", "a single number; expected an array of rows"),
        ({"images": IMAGES / 255}, ",values=dark", "values=dark: expected two numbers"),
        ({"images": np.array([{}] * 40)}, "", "cannot be read as arrays: .* one of Python objects, which is"),
        ({"points": IMAGES[:, 0]}, ",size=4", "size is an option of images, the file holds points"),
        ({"points": np.array(["cat"] * 40)}, "", "mine.npz: the train rows: numbers are of type <U3"),
        ({"points": np.where(CLASSES, 1.0, np.nan)}, "", "mine.npz: the train rows: .* are not finite"),
        ({"images": np.zeros((2, 2, 2, 2, 2))}, "", "arrays of 5 axes; expected points"),
        (
            {"train": IMAGES[:, 0], "validation": IMAGES[:, 0, :2], "test": IMAGES[:, 0]},
            "",
            "validation rows",
        ),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, arrays, options, message) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(DatasetError, match=message):
        datasets.load(f"{tmp_path / 'mine.npz'}{options}")


@pytest.mark.parametrize("place", [60, 200, 400, 600])
def test_a_damaged_file_of_arrays_is_named(tmp_path: Path, place: int) -> None:
    np.savez_compressed(tmp_path / "mine.npz", images=np.random.default_rng(0).integers(0, 255, (40, 8, 8)))
    content = bytearray((tmp_path / "mine.npz").read_bytes())
    content[place : place + 40] = bytes(40)
    (tmp_path / "mine.npz").write_bytes(content)
    with pytest.raises(DatasetError, match=r"mine\.npz cannot be read as arrays"):
        datasets.load(str(tmp_path / "mine.npz"))
