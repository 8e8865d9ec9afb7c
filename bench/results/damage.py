"""Damage: files of a store that cannot be read, or are not those of their trial.

Every check of a stored file is called here. What fails one is left out of tables, and set aside by `run`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import as_table, check_arrays, check_tensors, read_bytes
from gan_bench.bench.common.program import program
from gan_bench.bench.common.seals import check_file
from gan_bench.bench.results.records import ROW, SCHEMA, Evaluation, Record
from gan_bench.bench.results.whole import Texts, Whole, texts

Seals = Mapping[str, Mapping[str, Any]]
"""Size and checksum of files by name, as a record holds them."""
_COLUMNS = frozenset(ROW)
MOST = 10
"""Damaged files that are named one by one."""


def refuse_newer(left_out: Mapping[Path, str]) -> None:
    """Raise UsageError where a newer version of the program has written what was left out.

    That is not damage: setting it aside would undo the work of others who share the folder.

    Args:
        left_out: trials' folders, plans and reference rows, and what is wrong with each.
    """
    for path, why in left_out.items():
        files = (
            [path / "record.json", *(path / "evaluations").glob("[!.]*.json")] if path.is_dir() else [path]
        )
        if any(map(_is_newer, files)):
            raise UsageError(why)


def _is_newer(path: Path) -> bool:
    try:
        layout = as_table(read_bytes(path, "JSON"), path).get("schema")
    except UsageError:
        return False
    return isinstance(layout, int) and layout > SCHEMA


def cure() -> str:
    """Return what to do about a damaged trial."""
    return f"`{program()} run` sets it aside and trains it again"


def problem(folder: Path, *, deep: bool = False) -> str | None:
    """Return what is wrong with a trial's folder, in one sentence with the file; None where nothing is.

    With `deep` the checkpoint is read, too; see :func:`check`.
    """
    try:
        check(folder, texts(folder), Whole(), deep=deep)
    except UsageError as error:
        return str(error)
    return None


def check(folder: Path, found: Texts, whole: Whole, *, deep: bool = False) -> tuple[Record, list[Evaluation]]:
    """Return record and evaluations of a trial whose files are all as they were written.

    Args:
        folder: of the trial.
        found: its JSON files.
        whole: takes up those that are read without an error.
        deep: also read the checkpoint, of which only the size is compared otherwise; whatever reads its
            weights compares the checksum then.

    Raises:
        UsageError: for others; it names the file.
    """
    _check_links(folder)
    record, evaluations = _content(folder, found, whole)
    check_arrays_of(folder, record.files, deep=deep)
    return record, evaluations


def check_known(folder: Path, seals: Seals) -> None:
    """Raise UsageError where files of a trial are not as written whose JSON files are known to be.

    Args:
        folder: of the trial.
        seals: those that its record holds.
    """
    _check_links(folder)
    check_arrays_of(folder, seals, deep=False)


def check_arrays_of(folder: Path, files: Seals | None, *, deep: bool) -> None:
    """Raise UsageError, naming the file, where samples or checkpoint are not those of a trial's record."""
    check_samples(folder, files)
    check_checkpoint(folder, files, deep=deep)


def _check_links(folder: Path) -> None:
    """Raise UsageError for a symbolic link in place of a folder, or for one or a pipe in it at any depth."""
    refuse_link(folder)
    places = [os.fspath(folder)]
    while places and os.path.isdir(place := places.pop()):
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_symlink():
                    refuse_link(Path(entry.path))
                if entry.is_dir(follow_symlinks=False):
                    places.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    raise UsageError(f"{entry.path}: neither a file nor a folder")


def refuse_link(path: Path) -> None:
    """Raise UsageError for a symbolic link."""
    if path.is_symlink():
        raise UsageError(f"{path}: a symbolic link, which a folder of results must not hold")


def _content(folder: Path, found: Texts, whole: Whole) -> tuple[Record, list[Evaluation]]:
    """Return record and evaluations of a trial; raise UsageError where its JSON files are not as written."""
    if not (path := folder / "record.json").exists():
        raise UsageError(f"{folder}: there is no record.json in it")
    record = whole.record(path, found)
    if record.trial.key != folder.name:
        raise UsageError(f"{path}: the record of another trial, whose key is {record.trial.key}")
    inner, evaluations = folder / "evaluations", []
    names = (os.path.basename(place) for place in [*found.content][1:])
    for path in (inner / name for name in names if name.endswith(".json") and not name.startswith(".")):
        evaluation = whole.evaluation(path, found)
        key = keys.evaluation_key(folder.name, evaluation.protocol)
        if not key == evaluation.key == path.stem:
            raise UsageError(f"{path}: not an evaluation of this trial under the protocol that it states")
        if not all(row.keys() >= _COLUMNS for row in evaluation.rows):
            raise UsageError(f"{path}: damaged (a row without {', '.join(ROW)})")
        evaluations.append(evaluation)
    if not inner.is_dir() and inner.exists():
        raise UsageError(f"{inner}: a file where a folder belongs")
    return record, evaluations


def check_samples(folder: Path, files: Seals | None) -> None:
    """Raise UsageError, naming the file, where a trial's samples are not those of its record."""
    if not (path := folder / "samples.npz").exists():
        return
    if files is None:
        check_arrays(path)
    else:
        check_file(path, _seal(path, files))


def check_checkpoint(folder: Path, files: Seals | None, *, deep: bool = True) -> None:
    """Raise UsageError, naming the file, where a trial's checkpoint is not that of its record.

    Without `deep` its length is compared, not its checksum.
    """
    if not (path := folder / "checkpoint.safetensors").exists():
        return
    if files is not None:
        seal = _seal(path, files)
        if deep:
            check_file(path, seal)
        elif (size := path.stat().st_size) != seal["bytes"]:
            raise UsageError(f"{path}: damaged ({size:,} bytes, written with {seal['bytes']:,})")
    if files is None or not deep:
        check_tensors(path)


def _seal(path: Path, files: Seals) -> Mapping[str, Any]:
    if path.name not in files:
        raise UsageError(f"{path}: the record of the trial does not name this file")
    return files[path.name]


def sentences(damage: Mapping[Path, str]) -> list[str]:
    """Return what is wrong, a sentence each; of much damage the first of them and a count."""
    problems = list(damage.values())
    more = [f"... and {len(problems) - MOST} more"] if len(problems) > MOST else []
    return problems[:MOST] + more
