"""Damage: files of a store that cannot be read, or are not those of their trial.

Every check of a stored file is called here. What fails one is left out of tables, and set aside by `run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_arrays, check_tensors, read_json
from gan_bench.bench.results.records import ROW, Evaluation, Record

CURE = "`python -m bench run` sets it aside and trains it again"
MOST = 10
"""Damaged files that are named one by one."""


def problem(folder: Path) -> str | None:
    """Return what is wrong with a trial's folder, in one sentence with the file; None where nothing is."""
    try:
        _check(folder)
    except UsageError as error:
        return str(error)
    return None


def _check(folder: Path) -> None:
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
    if (path := folder / "samples.npz").exists():
        check_arrays(path)
    if (path := folder / "checkpoint.safetensors").exists():
        check_tensors(path)


def sentences(damage: Mapping[Path, str]) -> list[str]:
    """Return what is wrong, a sentence each; of much damage the first of them and a count."""
    problems = list(damage.values())
    more = [f"... and {len(problems) - MOST} more"] if len(problems) > MOST else []
    return problems[:MOST] + more
