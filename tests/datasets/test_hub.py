"""Tables of Parquet: folders of them, and datasets of the Hugging Face Hub."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gan_bench import datasets
from gan_bench.datasets import DatasetError, Unreachable, registry
from gan_bench.datasets.own import Address
from tests.datasets.levels import labels, level, levels, png


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


def test_damaged_and_unlike_files_are_sentences(tmp_path: Path) -> None:
    parquet(tmp_path / "unlike" / "train-0.parquet", range(20), label=[0, 1] * 10)
    parquet(tmp_path / "unlike" / "train-1.parquet", range(20), label=["a", "b"] * 10)
    with pytest.raises(DatasetError, match=r"train-0\.parquet and the files beside it have other columns"):
        datasets.load(f"hf:{tmp_path / 'unlike'}")
    parquet(tmp_path / "unknown" / "train-0.parquet", range(20), label=[0, None] * 10)
    with pytest.raises(DatasetError, match=r"hf:.*unknown: the \w+ split: labels are not whole numbers"):
        datasets.load(f"hf:{tmp_path / 'unknown'}")
    cells = pa.array([], pa.struct({"bytes": pa.binary()}))
    pq.write_table(pa.table({"image": cells}), tmp_path / "empty.parquet")
    with pytest.raises(DatasetError, match="there are no images"):
        datasets.load(f"hf:{tmp_path / 'empty.parquet'}")
    for text in (b"{", b"[]", b'{"info": {"features": 3}}'):
        table = pa.table({"image": [{"bytes": png(level(1))}]})
        pq.write_table(table.replace_schema_metadata({b"huggingface": text}), tmp_path / "info.parquet")
        with pytest.raises(DatasetError, match="the metadata `huggingface` cannot be read"):
            datasets.load(f"hf:{tmp_path / 'info.parquet'}")


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
