"""Files of unfinished trainings, from which another process continues, and of ended ones, for longer ones.

    RESULTS/unfinished/<pack id>/snapshot.json       identity, and size and checksum of the other file
                                 <number>.safetensors    tensors, and plain values as text in one of them
    RESULTS/ends/<hash>/                             the same of trainings that ended

`snapshot.json` is replaced last, so a process that is killed while it writes leaves the snapshot before.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import as_table, read_bytes, sync, write
from gan_bench.bench.common.seals import check_file, check_seal, seal_of, sealed
from gan_bench.bench.results.records import Seal, check_types

FOLDER, ENDS = "unfinished", "ends"
TEXT = "facts"
"""Tensor of the bytes of a JSON text; it may hold NaN, which sealed tables may not."""


class _Content(TypedDict):
    keys: list[str]
    identity: dict[str, Any]
    about: dict[str, Any]
    files: dict[str, Seal]


class _Way(TypedDict):
    way: str


class _Length(TypedDict):
    kimg: float
    points: list[float]


class _End(TypedDict):
    identity: _Way
    about: _Length


_CONTENT, _END = TypeAdapter(_Content), TypeAdapter(_End)


@dataclass(frozen=True)
class Unfinished:
    """The place of a pack's snapshot.

    Args:
        results: the folder of results.
        pack: the pack's id.
        keys: of its trials.
        identity: plain values on which the bits of a training depend beside the keys; a snapshot with
            another identity is not read.
        room: `FOLDER`, or `ENDS` with the courses of the trials as their keys, and a hash of these as id.
    """

    results: Path
    pack: str
    keys: tuple[str, ...]
    identity: Mapping[str, Any]
    room: str = FOLDER

    @property
    def folder(self) -> Path:
        """The folder, which need not exist."""
        return self.results / self.room / self.pack

    def write(
        self, tensors: Mapping[str, Any], facts: Mapping[str, Any], about: Mapping[str, Any] | None = None
    ) -> None:
        """Replace the snapshot, whole or not at all; raise OSError where that is impossible.

        Args:
            tensors: on the CPU, contiguous, by name.
            facts: plain values; floats may be NaN.
            about: plain values that :meth:`about` returns without reading the rest.
        """
        import torch
        from safetensors.torch import save

        text = torch.frombuffer(bytearray(json.dumps(facts).encode()), dtype=torch.uint8)
        stated = {"keys": list(self.keys), "identity": dict(self.identity), "about": dict(about or {})}
        _put(self.folder, save({**tensors, TEXT: text}), stated)

    def read(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the tensors and plain values of the snapshot; None without one of this identity.

        Raises:
            UsageError: for a damaged one, which it names.
        """
        from safetensors.torch import load_file

        if (index := self._index()) is None:
            return None
        ((name, seal),) = index["files"].items()
        check_file(self.folder / name, seal)
        tensors = load_file(self.folder / name)
        return tensors, json.loads(bytes(tensors.pop(TEXT).tolist()))

    def about(self) -> dict[str, Any] | None:
        """Return what the snapshot says of itself; otherwise as :meth:`read`."""
        index = self._index()
        return None if index is None else index["about"]

    def _index(self) -> dict[str, Any] | None:
        path = self.folder / "snapshot.json"
        index = _index(path) if path.exists() else None
        same = index is not None and index["keys"] == list(self.keys)
        return index if index is not None and same and index["identity"] == dict(self.identity) else None

    def remove(self) -> None:
        """Remove the snapshot, if there is one."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _put(folder: Path, tensors: bytes, stated: Mapping[str, Any]) -> None:
    """Replace the snapshot of a folder, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.stem) for path in folder.glob("*.safetensors") if path.stem.isdecimal()]
    path = folder / f"{max(numbers, default=0) + 1}.safetensors"
    write(path, tensors)
    write(folder / "snapshot.json", sealed({**stated, "files": {path.name: seal_of(path)}}))
    sync(folder)
    for old in folder.glob("*.safetensors"):
        if old != path:
            old.unlink(missing_ok=True)


def sweep(results: Path, done: Callable[[str], bool]) -> None:
    """Remove the snapshots of packs whose trials are all `done`: their process ended before it did so."""
    for path in (results / FOLDER).glob("*/snapshot.json"):
        try:
            trials = _index(path)["keys"]
        except UsageError:  # damaged: of no use to anybody
            trials = []
        with contextlib.suppress(UsageError):  # a damaged record: its trial is to be trained again
            if all(map(done, trials)):
                shutil.rmtree(path.parent, ignore_errors=True)


def ends(results: Path) -> list[tuple[list[str], dict[str, Any]]]:
    """Return the courses and the identity of every pack whose end was kept, without damaged ones."""
    found = []
    for path in sorted((results / ENDS).glob("*/snapshot.json")):
        with contextlib.suppress(UsageError):
            index = _index(path)
            found.append((index["keys"], index["identity"]))
    return found


def damaged_ends(results: Path) -> dict[Path, str]:
    """Return what is wrong with the kept ends of a folder of results, by path; every file is read."""
    found = {}
    for path in sorted((results / ENDS).glob("*/snapshot.json")):
        try:
            ((name, seal),) = _index(path)["files"].items()
            check_file(path.with_name(name), seal)
        except UsageError as error:
            found[path] = str(error)
    return found


def copy_ends(source: Path, target: Path) -> tuple[int, dict[Path, str]]:
    """Copy the kept ends of one folder of results to another, unless as long a one of the pack is there.

    Returns how many were copied, and what is wrong with damaged ones by path.
    """
    copied, damaged = 0, damaged_ends(source)
    for path in sorted({*(source / ENDS).glob("*/snapshot.json")} - damaged.keys()):
        index = _index(path)
        (name,) = index["files"]
        there = target / ENDS / path.parent.name
        if _length(there / path.name) < index["about"]["kimg"]:
            stated = {name: index[name] for name in ("keys", "identity", "about")}
            _put(there, path.with_name(name).read_bytes(), stated)
            copied += 1
    return copied, damaged


def _length(path: Path) -> float:
    """Return the length in kimg of a kept end; 0 without one whose files are all whole."""
    try:
        index = _index(path)
        ((name, seal),) = index["files"].items()
        check_file(path.with_name(name), seal)
        return index["about"]["kimg"]
    except UsageError:
        return 0.0


def remove(results: Path, packs: Iterable[str]) -> None:
    """Remove the snapshots of packs, by their ids."""
    for pack in packs:
        shutil.rmtree(results / FOLDER / pack, ignore_errors=True)


def _index(path: Path) -> dict[str, Any]:
    """Return a snapshot's index; raise UsageError where it is damaged."""
    text = read_bytes(path, "JSON")
    index = as_table(text, path)
    try:
        check_seal(text, index)
        names = list(index["files"])
        if len(names) != 1 or Path(names[0]).name != names[0]:
            raise ValueError("not the name of one file")
        check_types(_CONTENT, index)
        if path.parent.parent.name == ENDS:  # which longer trainings find by their way and length
            check_types(_END, index)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: damaged ({error})") from None
    return index
