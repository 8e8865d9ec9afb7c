"""Laws, streams and subclasses of one's own, tried on a few rows when they are loaded."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.datasets import AlignedSource, DatasetError, ResidentSource, StreamingSource, registry
from gan_bench.datasets.base import Truth
from gan_bench.datasets.images import ImageDataset, Split
from gan_bench.datasets.sampled import SampledDataset
from gan_bench.spaces import Space


@pytest.fixture
def load():
    """Register a dataset for one test, and load it."""

    def load(make, kind="planar"):
        with registry.DATASETS.restored():
            datasets.register_dataset("mine", kind=kind)(make)
            return datasets.load("mine")

    return load


def law(draw, classes=None, others=None, **options):
    def make():
        return SampledDataset("mine", "planar", (2,), Truth(classes=classes), draw, others=others, **options)

    return make


def normal(count, generator, dtype):
    return torch.randn(count, 2, generator=generator, dtype=dtype)


def labelled(label):
    return {"labelled": lambda n, g, t: {"real": normal(n, g, t), "label": label(n)}}


def zeros(n):
    return torch.zeros(n, dtype=torch.int64)


def test_a_sound_law_is_loaded(load):
    assert load(law(normal, 1, labelled(zeros))).truth.classes == 1
    huge = law(lambda *a: 1e30 * normal(*a), shift=(0.0, 0.0), scale=(1e30, 1e30))
    assert load(huge).shape == (2,), "a prepared scale of 1 is fine"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (law(lambda *a: normal(*a)[:, :1]), r"gives shape \(64, 1\) for 64 rows, expected \(64, 2\)"),
        (law(lambda n, g, t: normal(n // 2, g, t)), r"gives shape \(32, 2\) for 64 rows"),
        (law(lambda *a: normal(*a).round().long()), r"points are torch.int64, expected floats"),
        (law(lambda *a: normal(*a).numpy()), r"gives ndarray, expected a tensor"),
        (law(lambda *a: normal(*a) / 0), r"64 of 64 rows read are not finite"),
        (law(lambda *a: 1e30 * normal(*a)), r"whose square float32 cannot hold.*shift and scale"),
        (law(lambda n, g, t: torch.rand(n, 2, dtype=t)), r"something beside the generator"),
        (law(normal, None, labelled(zeros)), r"states no number of classes"),
        (
            law(normal, 3, labelled(lambda n: zeros(n) + 3)),
            r"labels go from 3 to 3, with classes = 3 expected 0",
        ),
        (law(normal, 3, labelled(lambda n: zeros(n) - 1)), r"labels go from -1"),
        (law(normal, 3, labelled(lambda n: zeros(n).float())), r"labels are torch.float32, expected int64"),
        (law(normal, 3, labelled(lambda n: zeros(n)[:, None])), r"field label gives shape \(64, 1\)"),
        (
            law(normal, 1, {"labelled": lambda n, g, t: {"label": zeros(n), "real": normal(n, g, t) + 1}}),
            "draws other rows of real than stream real",
        ),
        (
            lambda: SampledDataset("mine", "planar", (3,), Truth(), normal),
            r"of planar data \(2,\) is expected",
        ),
        (lambda: 1 / 0, r"dataset 'mine' \(test_checks.py, line \d+\): ZeroDivisionError"),
        (lambda: np.load("nowhere.npy"), r"test_checks.py, line \d+\): FileNotFoundError"),
    ],
)
def test_a_law_that_breaks_its_promise_is_refused_when_it_is_loaded(load, make, message):
    with pytest.raises(DatasetError, match=message) as refused:
        load(make)
    assert str(refused.value).startswith("dataset 'mine'")


def black(rows, shape=(1, 4, 4), dtype=np.uint8):
    return np.zeros((len(rows), *shape), dtype)


def streamed(read, shape=(1, 4, 4), length=9):
    def make():
        parts = {
            name: Split(StreamingSource(read, length, shape)) for name in ("train", "validation", "test")
        }
        return ImageDataset("mine", parts, content_hash="0" * 64)

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (streamed(lambda rows: black(rows, (4, 4))), r"shape \(3, 4, 4\) for 3 rows of shape \(1, 4, 4\)"),
        (streamed(lambda rows: black(rows)[:1]), r"shape \(1, 1, 4, 4\) for 3 rows"),
        (streamed(lambda rows: black(rows, dtype=float)), r"torch.float64, expected uint8.*to_pixels"),
        (streamed(lambda rows: black(rows, (1, 4)), (1, 4)), r"of images data \(channels, height"),
        (streamed(lambda rows: 1 / 0), "ZeroDivisionError"),
        (streamed(black, length=0), "has 0 images"),
    ],
)  # fmt: skip
def test_a_stream_that_gives_other_rows_is_refused_when_it_is_loaded(load, make, message):
    with pytest.raises(DatasetError, match=message):
        load(make, "images")


class Declared(datasets.Dataset):
    """Three images with labels and numbers, whose declarations a test may break."""

    name, kind, content_hash = "mine", "vectors", "2" * 64
    rows = {
        "real": torch.rand(5, 3, generator=torch.Generator().manual_seed(0)),
        "label": torch.tensor([0, 1, 2, 0, 1]),
        "map": torch.tensor([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]]),
    }

    def __init__(self, **changes):
        self.truth = Truth(classes=3)
        self.spaces = {"real": Space((3,)), "label": Space(classes=3), "map": Space((2,), classes=2)}
        self.streams = {"real": ("real",), "labelled": ("real", "label", "map")}
        for name, value in changes.items():
            setattr(self, name, value)

    def stream(self, name="real", split="train"):
        sources = {field: ResidentSource(self.rows[field]) for field in self.streams[name]}
        return sources[name] if [*sources] == [name] else AlignedSource(sources)

    def reference(self, split="test", count=None, field="real"):
        return self.rows[field][:count]


SPACES = Declared().spaces


class Shifted(Declared):
    """The reference of the main field has other rows than the stream of its labels."""

    def reference(self, split="test", count=None, field="real"):
        return super().reference(split, None, field).roll(int(field == "real"), 0)[:count]


class Short(Declared):
    """The stream of labels has fewer rows than the main one."""

    def stream(self, name="real", split="train"):
        source = super().stream(name, split)
        if name == "real":
            return source
        return AlignedSource({field: ResidentSource(rows.data[:3]) for field, rows in source.fields.items()})


MAIN = {"real": ("real",)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"streams": ("real", "labelled")}, "streams = .*: expected a mapping by name"),
        ({"spaces": Space((3,))}, "spaces = .*: expected a mapping by name"),
        ({"streams": {"labelled": ("real", "label")}}, "expected a stream real of the field real"),
        ({"streams": MAIN | {"labelled": "label"}}, "fields 'label', expected a tuple"),
        ({"streams": MAIN | {"labelled": ("real", "lable")}}, "no Space of its field lable"),
        ({"streams": MAIN}, "a Space of label, which is a field of no stream"),
        ({"spaces": SPACES | {"label": Space(classes=4)}}, "labels of 4 classes', .* states 3 classes"),
        ({"spaces": SPACES | {"label": Space()}}, "'one number', the truth states 3 classes"),
        ({"truth": Truth()}, "states no number of classes"),
        ({"spaces": SPACES | {"map": Space((2,), classes=1)}}, "map: labels go from 0 to 1, with"),
        ({"spaces": SPACES | {"map": Space((3,), classes=2)}}, r"shape \(3, 2\) for 3 rows, expected"),
        ({"spaces": SPACES | {"real": Space((3,), (2.0, 3.0))}}, "the bounds are 2 to 3"),
    ],
)
def test_declarations_that_do_not_agree_with_each_other_or_the_rows_are_refused(load, changes, message):
    with pytest.raises(DatasetError, match=f"^dataset 'mine'.*{message}"):
        load(lambda: Declared(**changes), "vectors")


@pytest.mark.parametrize("kind", [Shifted, Short])
def test_references_of_a_stream_that_are_not_its_rows_are_refused(load, kind):
    with pytest.raises(DatasetError, match="real has other rows in the validation split than stream real"):
        load(kind, "vectors")


def test_a_subclass_of_several_fields_is_loaded_and_its_fields_belong_together(load):
    data = load(Declared, "vectors")
    assert data.class_weights == (0.4, 0.4, 0.2)
    given = data.given(["map", "real"], "test", 3)
    assert torch.equal(given["map"], Declared.rows["map"][:3])
    assert torch.equal(data.paired("map", ["real"], "test", 3), given["map"]), "a segmentation's target"


def test_a_dataset_of_before_is_told_what_it_lacks(load):
    class Old(Declared):
        def __init__(self):
            self.truth = Truth()

    with pytest.raises(
        DatasetError, match="dataset 'mine': the dataset has no spaces; expected name, kind, spaces"
    ):
        load(Old, "vectors")


def test_a_stream_may_not_change_its_type_later():
    def read(rows):
        return np.zeros((len(rows), 2), dtype=np.uint8 if rows[0] == 0 else np.int32)

    source = StreamingSource(read, 9, (2,))
    source.gather(torch.tensor([0, 3]))
    with pytest.raises(ValueError, match="gave int32 after uint8"):
        source.gather(torch.tensor([3]))


@pytest.mark.parametrize("keep", [0, 40, 200])
def test_a_file_that_is_cut_short_is_named(tmp_path, keep):
    path = tmp_path / "images.npy"
    np.save(path, np.zeros((20, 4, 4), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"images\.npy is not a whole \.npy file"):
        StreamingSource.open(path)
