"""A dataset of images in Hugging Face's layout of Parquet files, from a folder or from the hub."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.datasets.base import DatasetError
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.datasets.image_files import decode
from gan_bench.datasets.images import ImageDataset
from gan_bench.datasets.own.address import Address
from gan_bench.datasets.own.shaping import fitted, image_dataset, stacked
from gan_bench.datasets.own.splitting import WHOLE, Rows, split_named

CONVERTED = "refs/convert/parquet"
"""The branch in which the hub keeps datasets of other formats as Parquet files."""
PLAIN = "data"
"""The folder of files that belong to no configuration."""


def parquet_dataset(address: Address, folders: Folders) -> ImageDataset:
    """Return the images of Parquet files.

    Splits are told by the names of files (`train-00000-of-00001.parquet`) or of their folders; images are a
    column of encoded files (`{bytes, path}`), labels a column of whole numbers. Nothing but Parquet files is
    fetched from the hub, and no code of a dataset is run.

    Args:
        address: `hf:FOLDER`, `hf:FILE.parquet` or `hf:OWNER/NAME`; options size, grey, extractor, image and
            label (columns), and config, where there are several.
        folders: whether the hub may be asked; otherwise only what huggingface_hub has in its cache is read.

    Raises:
        Unreachable: if the hub does not have it or does not answer.
        DatasetError: for files without images, or several configurations or columns to choose from.
    """
    root = Path(address.place)
    if not root.exists():
        root = _fetched(address, folders)
    files = _files(address, root)
    schema = _read_schema(next(iter(files.values()))[0])
    image, label = _columns(address, schema)
    names: list[str] = []
    labels: dict[str, np.ndarray | None] = {}

    def pixels() -> Iterator[tuple[str, np.ndarray]]:
        for split, parts in files.items():
            table = _joined(parts, [image, *([label] if label else [])])
            labels[split] = None if label is None else table[label].to_numpy()
            for number, cell in enumerate(table[image]):
                where = f"row {number} of {split} in {root}"
                content = cell["bytes"].as_py()
                if not content:
                    raise DatasetError(f"{where} has no image in its column {image}")
                names.append(split)
                yield where, fitted(decode(io.BytesIO(content), where), address.size, address.grey)

    images, grey = stacked(pixels(), str(address))
    of = np.array(names)
    found = {split: Rows(images[of == split], labels[split]) for split in files}
    repeated = (f"{grey} grey among images in colour: repeated to three channels",) if grey else ()
    return image_dataset(address, found, repeated)


def _fetched(address: Address, folders: Folders) -> Path:
    """Return the folder into which huggingface_hub has fetched the Parquet files of a dataset."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise DatasetError(
            f"{address.place} is no folder here; a name on Hugging Face's hub needs huggingface_hub: "
            "pip install 'gan-bench[hf]'"
        ) from error
    for revision in (None, CONVERTED):
        try:
            folder = Path(
                huggingface_hub.snapshot_download(
                    address.place, repo_type="dataset", revision=revision, allow_patterns="*.parquet",
                    local_files_only=not folders.allow_download,
                )
            )  # fmt: skip
        except (OSError, ValueError) as error:  # its errors of names, networks and rights derive from these
            reason = str(error).strip().split("\n")[0]
            raise Unreachable(
                f"{address.place} is no folder here, and Hugging Face's hub did not provide a dataset of "
                f"this name: {reason}"
            ) from error
        if any(folder.rglob("*.parquet")):
            return folder
    raise DatasetError(f"the dataset {address.place} has no Parquet files")


def _files(address: Address, root: Path) -> dict[str, list[Path]]:
    """Return the files of each split of one configuration."""
    every = [root] if root.is_file() else sorted(root.rglob("*.parquet"))
    if not every:
        raise DatasetError(f"{root} holds no Parquet file (.parquet)")
    configs: dict[str, dict[str, list[Path]]] = {}
    for path in every:
        folders = [part for part in path.relative_to(root).parts[:-1] if part != PLAIN]
        split = split_named(re.split(r"[-_.]", path.stem)[0])
        if split is None and folders and (split := split_named(folders[-1])):
            folders.pop()
        configs.setdefault("/".join(folders), {}).setdefault(split or WHOLE, []).append(path)
    wanted = address.options.get("config", next(iter(configs)) if len(configs) == 1 else "")
    if wanted not in configs:
        there = ", ".join(name or "(none)" for name in configs)
        raise DatasetError(f"{address} has the configurations {there}; choose one with config=NAME")
    found = configs[wanted]
    order = {split: place for place, split in enumerate(("train", "validation", "test", WHOLE))}
    return dict(sorted(found.items(), key=lambda item: order[item[0]]))


def _columns(address: Address, schema: pa.Schema) -> tuple[str, str | None]:
    """Return the columns of images and of labels; no labels where there is no such column."""
    try:
        stated = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        declared = dict(stated.get("info", {}).get("features", {}))
    except (ValueError, AttributeError, TypeError) as error:
        raise DatasetError(f"{address}: the metadata `huggingface` cannot be read: {error}") from error
    images = [f.name for f in schema if pa.types.is_struct(f.type) and f.type.get_field_index("bytes") >= 0]
    classes = [name for name, feature in declared.items() if _is_classes(feature)]
    labels = classes or [f.name for f in schema if f.name == "label" and pa.types.is_integer(f.type)]
    return _images(address, images, schema.names), _labels(address, labels, schema.names)


def _is_classes(feature: Any) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel"


def _images(address: Address, found: list[str], columns: list[str]) -> str:
    wanted = address.options.get("image")
    if wanted is None and len(found) == 1:
        return found[0]
    if wanted is not None and wanted in found:
        return wanted
    if not found:
        raise DatasetError(f"{address} has no column of images; it has {', '.join(columns)}")
    raise DatasetError(
        f"{address} has the columns of images {', '.join(found)}; choose one with image=COLUMN"
    )


def _labels(address: Address, found: list[str], columns: list[str]) -> str | None:
    wanted = address.options.get("label")
    if wanted is None:
        return found[0] if len(found) == 1 else None
    if wanted not in columns:
        raise DatasetError(f"{address}: there is no column {wanted}; there are {', '.join(columns)}")
    return wanted


def _read_schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"damaged file {path}: {error}") from error


def _joined(paths: list[Path], columns: list[str]) -> pa.Table:
    """Return the rows of several files."""
    tables = [_read(path, columns) for path in paths]
    try:
        return pa.concat_tables(tables)
    except pa.ArrowException as error:
        raise DatasetError(f"{paths[0]} and the files beside it have other columns: {error}") from error


def _read(path: Path, columns: list[str]) -> pa.Table:
    try:
        return pq.read_table(path, columns=columns, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"damaged file {path}: {error}") from error
