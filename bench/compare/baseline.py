"""Baseline frames: results of a store in a form small enough for version control.

The columns are in `bench.compare.layout`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.files import unwritable, whole
from gan_bench.bench.compare.layout import COLUMNS, LAYOUT, ROUNDING, damage, uniform
from gan_bench.bench.compare.speed import SPEED_FILES, speed_rows
from gan_bench.bench.compare.survival import bound_rows
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.shipped import Shipped, holds_results, read
from gan_bench.bench.results.store import Store

EARLY_ROWS = 2
"""Rows of the loss history in a baseline; in later rows rounding errors have grown too far to compare."""


def frame_of(
    store: Store, trials: Collection[str] | None = None, evaluations: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the frame of a store.

    Args:
        store: the folder of results.
        trials: keys of the trials; None for all.
        evaluations: training key -> evaluation key; the latest of trials that it does not name.

    Raises:
        UsageError: if there are no such trials, or a file in the folder is damaged.
    """
    store.check_whole()
    rows, describe = list[dict[str, Any]](), _Describe()
    for key in store:
        if trials is None or key in trials:
            record = store.read(key)
            assert record is not None  # `check_whole` has read every record
            rows += _rows(record, _chosen(store.evaluations(key), (evaluations or {}).get(key)), describe)
    for name in SPEED_FILES:
        if (path := store.root / name).is_file():
            rows += speed_rows(_read(path), path).to_dict("records")
    if not rows:
        raise UsageError(f"{store.root} holds no results to compare")
    frame = uniform(pd.DataFrame(rows, columns=COLUMNS))
    return uniform(pd.concat([frame, *bound_rows(frame)], ignore_index=True))


def _chosen(evaluations: list[Evaluation], key: str | None) -> list[Evaluation]:
    """Return the evaluation of a key, or else the latest; none where there is none."""
    return [one for one in evaluations if one.key == key] or evaluations[-1:]


def frame_of_shipped(shipped: Shipped) -> pd.DataFrame:
    """Return the frame of a file of results; without early losses, which it does not hold."""
    describe = _Describe()
    found = (
        _rows(record, [] if evaluation is None else [evaluation], describe)
        for record, evaluation in shipped.trials
    )
    return uniform(pd.DataFrame([row for rows in found for row in rows], columns=COLUMNS))


def _rows(record: Record, evaluations: list[Evaluation], describe: _Describe) -> list[dict[str, Any]]:
    """Return the rows of a trial and of its evaluations."""
    shared = _shared(record)
    trial = {"what": "trial", "value": record.outcome.get("diverged_at")}
    return [{**shared, **row} for row in (trial, *_losses(record), *_scores(evaluations, describe))]


def save(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame to a Parquet file; raise UsageError if the file cannot be written."""
    with unwritable(f"cannot write {path}"), whole(path) as file:
        frame.assign(layout=LAYOUT).to_parquet(file, index=False, write_page_checksum=True)


def load(path: Path) -> pd.DataFrame:
    """Return the frame of a folder of results, a baseline file, a file of results (.parquet) or a speed file.

    Raises:
        UsageError: for any other path, and for files that cannot be read.
    """
    if path.is_dir():
        return frame_of(Store(path))
    if holds_results(path):
        return frame_of_shipped(read(str(path)))
    if not path.is_file():
        raise UsageError(f"{path} is neither a folder of results nor a baseline file")
    frame = _read(path)
    if "layout" not in frame.columns:
        return uniform(speed_rows(frame, path))
    if frame.empty:
        raise UsageError(f"{path} holds no results to compare")
    if set(frame["layout"]) != {LAYOUT}:
        raise UsageError(f"{path}: a baseline of another layout; this version reads layout {LAYOUT}")
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise UsageError(f"{path}: incomplete baseline file; missing columns: {', '.join(missing)}")
    frame = uniform(frame[COLUMNS])
    if fault := damage(frame):
        raise UsageError(f"{path}: damaged baseline file: {fault}")
    return frame


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".csv":
            return pd.read_csv(path, encoding="utf-8-sig")
        return pd.read_parquet(path, page_checksum_verification=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UsageError(f"{path}: cannot be read as a baseline file: {one_line(error)}") from None


def _shared(record: Record) -> dict[str, Any]:
    trial = record.trial
    return {
        "suite": trial.suite,
        "budget": trial.budget,
        "dataset": trial.dataset,
        "variant": trial.variant,
        "architecture": trial.architecture,
        "hyperparameters": json.dumps(dict(trial.hyperparameters), sort_keys=True),
        "kimg": trial.kimg,
        "content": f"{trial.data_name} {trial.content_hash}",
        "device": record.provenance.get("device"),
        "protocol": f"{json.dumps(dict(trial.network), sort_keys=True)} {trial.dtype}",
        "versions": json.dumps(dict(trial.versions), sort_keys=True),
        **_rounding(record.provenance),
        "trial": trial.key,
        "seed": trial.seed,
        "status": record.status,
    }


def _rounding(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that change rounding, besides the key: pack, torch version, processor."""
    pack, versions = provenance.get("pack", {}), provenance.get("versions", {})
    facts = (pack.get("id"), versions.get("torch"), provenance.get("processor"))
    return dict(zip(ROUNDING, facts, strict=True))


def _losses(record: Record) -> list[dict[str, Any]]:
    steps = record.history.get("iteration", [])[:EARLY_ROWS]
    names = [name for name, kind in record.followed.items() if kind == "loss"]
    return [
        {"what": "loss", "name": name, "at": at, "value": record.history[name][i]}
        for name in names
        for i, at in enumerate(steps)
    ]


def _scores(evaluations: list[Evaluation], describe: _Describe) -> list[dict[str, Any]]:
    return [
        {
            "what": "score",
            **{name: row[name] for name in ("value", "direction", "version")},
            "name": row["metric"],
            "primary": row["metric"] in evaluation.primary.split(","),
            **describe(evaluation.protocol, row["metric"]),
        }
        for evaluation in evaluations
        for row in evaluation.rows
        if (row["when"], row["weights"], row["split"]) == ("final", "raw", "test")
    ]


class _Describe:
    """Cells of a metric beside its value; calculated once for all evaluations of one protocol."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def __call__(self, protocol: Mapping[str, Any], metric: str) -> dict[str, Any]:
        place = keys.protocol_key(protocol), metric
        if place not in self._known:
            low, high = _range(metric)
            self._known[place] = {"measured": _measured(protocol, metric), "low": low, "high": high}
        return self._known[place]


def _range(metric: str) -> tuple[float, float]:
    """Return the range of a metric's values; infinite for an unknown metric (of a plug-in not loaded)."""
    from gan_bench.bench.metrics import registry

    named = [name for name in registry.names() if metric == name or metric.startswith(f"{name}_")]
    known = registry.info(max(named, key=len)) if named else None
    return (known.low, known.high) if known else (-math.inf, math.inf)


def _measured(protocol: Mapping[str, Any], metric: str) -> str:
    """Return a hash of everything, besides training and its version, that this metric's value depends on."""
    facts = {name: part for name, part in protocol["metrics"].get(metric, {}).items() if name != "version"}
    rest = {name: part for name, part in protocol.items() if name != "metrics"}
    return keys.digest({**rest, "metric": facts})
