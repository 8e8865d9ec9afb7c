"""Damage: files of a store that cannot be read, or are not those of their trial.

Every check of a stored file is called here. What fails one is left out of tables, and set aside by `run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_arrays, check_tensors, read_json
from gan_bench.bench.common.seals import check_file
from gan_bench.bench.results.records import ROW, Evaluation, Record

CURE = "`python -m bench run` sets it aside and trains it again"
MOST = 10
"""Damaged files that are named one by one."""


def problem(folder: Path, *, deep: bool = False) -> str | None:
    """Return what is wrong with a trial's folder, in one sentence with the file; None where nothing is.

    Args:
        folder: of the trial.
        deep: also read the checkpoint, of which only the size is compared otherwise; whatever reads its
            weights compares the checksum then.
    """
    try:
        _check(folder, deep)
    except UsageError as error:
        return str(error)
    return None


def _check(folder: Path, deep: bool) -> None:
    for path in (folder, *sorted(folder.rglob("*"))):
        if path.is_symlink():
            raise UsageError(f"{path}: a symbolic link, which a folder of results must not hold")
    if not (path := folder / "record.json").exists():
        raise UsageError(f"{folder}: there is no record.json in it")
    record = Record.from_json(read_json(path), str(path))
    if record.trial.key != folder.name:
        raise UsageError(f"{path}: the record of another trial, whose key is {record.trial.key}")
    for path in sorted((folder / "evaluations").glob("[!.]*.json")):
        evaluation = Evaluation.from_json(read_json(path), str(path))
        key = keys.evaluation_key(folder.name, evaluation.protocol)
        if not key == evaluation.key == path.stem:
            raise UsageError(f"{path}: not an evaluation of this trial under the protocol that it states")
        if any(name not in row for row in evaluation.rows for name in ROW):
            raise UsageError(f"{path}: damaged (a row without {', '.join(ROW)})")
    if (path := folder / "evaluations").exists() and not path.is_dir():
        raise UsageError(f"{path}: a file where a folder belongs")
    check_samples(folder, record)
    check_checkpoint(folder, record, deep=deep)


def check_samples(folder: Path, record: Record) -> None:
    """Raise UsageError, naming the file, where a trial's samples are not those of its record."""
    if not (path := folder / "samples.npz").exists():
        return
    if record.files is None:
        check_arrays(path)
    else:
        check_file(path, _seal(path, record.files))


def check_checkpoint(folder: Path, record: Record, *, deep: bool = True) -> None:
    """Raise UsageError, naming the file, where a trial's checkpoint is not that of its record.

    Without `deep` its length is compared, not its checksum.
    """
    if not (path := folder / "checkpoint.safetensors").exists():
        return
    if record.files is not None:
        seal = _seal(path, record.files)
        if deep:
            check_file(path, seal)
        elif (size := path.stat().st_size) != seal["bytes"]:
            raise UsageError(f"{path}: damaged ({size:,} bytes, written with {seal['bytes']:,})")
    if record.files is None or not deep:
        check_tensors(path)


def _seal(path: Path, files: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    if path.name not in files:
        raise UsageError(f"{path}: the record of the trial does not name this file")
    return files[path.name]


def sentences(damage: Mapping[Path, str]) -> list[str]:
    """Return what is wrong, a sentence each; of much damage the first of them and a count."""
    problems = list(damage.values())
    more = [f"... and {len(problems) - MOST} more"] if len(problems) > MOST else []
    return problems[:MOST] + more
