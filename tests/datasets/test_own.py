"""Datasets of a user's own files: forms, splits, names, options and refusals."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Unreachable, registry
from gan_bench.datasets.own import Address

RNG = np.random.default_rng(0)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def level(value: int, shape: tuple[int, ...] = (8, 8)) -> np.ndarray:
    return np.full(shape, value, np.uint8)


def save(folder: Path, *values: int, shape: tuple[int, ...] = (8, 8)) -> None:
    """Save images, each of one level, under numbers as names."""
    folder.mkdir(parents=True)
    for number, value in enumerate(values):
        (folder / f"{number}.png").write_bytes(png(level(value, shape)))


def levels(name: str, split: str) -> list[int]:
    """Return the level of every image of a split."""
    return datasets.load(name).sources[split]["real"].data[:, 0, 0, 0].tolist()  # type: ignore[attr-defined]


def labels(name: str, split: str) -> list[int]:
    return datasets.load(name).sources[split]["label"].data.tolist()  # type: ignore[attr-defined]


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
    with pytest.raises(DatasetError, match=r"a: 0\.png is 8×8 and 9\.png 9×8: .* --size SIDE crops and"):
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
        ({"images": IMAGES / 255}, ",values=dark", "values=dark: expected two numbers"),
        ({"images": np.array([{}] * 40)}, "", "cannot be read as arrays: .*allow_pickle"),
        ({"points": IMAGES[:, 0]}, ",size=4", "size is an option of images, the file holds points"),
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


def parquet(path: Path, values: range | list[int], **columns: list) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"bytes": png(level(value)), "path": f"{value}.png"} for value in values]
    pq.write_table(pa.table({"image": cells, **columns}), path)


def test_parquet_files_of_a_folder_are_read_by_split(tmp_path: Path) -> None:
    for part in range(2):
        values = range(10 * part, 10 * part + 10)
        parquet(
            tmp_path / "data" / f"train-0000{part}-of-00002.parquet", values, label=[v % 2 for v in values]
        )
    parquet(tmp_path / "data" / "test-00000-of-00001.parquet", [100, 101], label=[1, 0])
    name = f"hf:{tmp_path}"
    assert (levels(name, "test"), labels(name, "test")) == ([100, 101], [1, 0])
    assert sorted(levels(name, "train") + levels(name, "validation")) == list(range(20))
    assert levels(name, "validation") == [18, 19]  # the tenth of each class
    assert datasets.load(name).name == f"hf:{tmp_path.name}"


def test_configurations_and_columns_are_chosen(tmp_path: Path) -> None:
    for config in ("small", "large"):
        parquet(tmp_path / config / "train" / "0000.parquet", range(20), fine=list(range(20)))
        parquet(tmp_path / config / "test" / "0000.parquet", range(2), fine=[0, 1])
    with pytest.raises(
        DatasetError, match="has the configurations large, small; choose one with config=NAME"
    ):
        datasets.load(f"hf:{tmp_path}")
    assert datasets.load(f"hf:{tmp_path},config=small").truth.classes is None
    with pytest.raises(DatasetError, match="there is no column coarse; there are image, fine"):
        datasets.load(f"hf:{tmp_path},config=small,label=coarse")
    two = pa.table({"a": [{"bytes": png(level(1))}], "b": [{"bytes": png(level(2))}]})
    pq.write_table(two, tmp_path / "two.parquet")
    with pytest.raises(DatasetError, match="columns of images a, b; choose one with image=COLUMN"):
        datasets.load(f"hf:{tmp_path / 'two.parquet'}")
    (tmp_path / "no.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"damaged file .*no\.parquet"):
        datasets.load(f"hf:{tmp_path / 'no.parquet'}")


def hub(monkeypatch: pytest.MonkeyPatch, download) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=download))


def test_a_name_on_the_hub_is_fetched_as_parquet_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def download(name: str, **options) -> str:
        asked.append((name, options["repo_type"], options["allow_patterns"], options["local_files_only"]))
        folder = tmp_path / str(options["revision"]).replace("/", "-")
        folder.mkdir(exist_ok=True)
        if options["revision"]:
            parquet(folder / "default" / "train" / "0000.parquet", range(20))
        return str(folder)

    hub(monkeypatch, download)
    data = datasets.load("hf:someone/faces")
    assert (data.name, len(data.reference())) == ("hf:someone-faces", 2)
    assert asked == [("someone/faces", "dataset", "*.parquet", False)] * 2
    datasets.load("hf:someone/faces", allow_download=False)
    assert asked[-1][-1] is True


def test_a_hub_that_is_out_of_reach_and_a_missing_library_are_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str, **options) -> str:
        raise OSError("Repository Not Found\nfor url")

    hub(monkeypatch, refuse)
    with pytest.raises(
        Unreachable, match=r"hub did not provide a dataset of this name: Repository Not Found$"
    ):
        datasets.load("hf:someone/nothing")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(DatasetError, match=r"needs huggingface_hub: pip install 'gan-bench\[hf\]'"):
        datasets.load("hf:someone/nothing")


def test_names_that_are_no_addresses_stay_names() -> None:
    assert Address.parse("mnist") is None
    assert not registry.known("photos:here")
    assert registry.with_options("images:a", size=4, grey=True, extractor=None) == "images:a,size=4,grey"
    with pytest.raises(DatasetError, match="--size and --grey: mnist has its own; expected own images"):
        registry.with_options("mnist", size=4, grey=True)
    with pytest.raises(datasets.UnknownName, match="did you mean 'mnist'"):
        datasets.load("mnst")
