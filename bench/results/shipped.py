"""Results in one Parquet file, to be shipped and shown beside others: the reference results of the package.

A row is a score of the end or the best point on the test data; a trial without any has one row without
metric. Columns for readers (suite, variant, metric, version, protocol, value ...) stand before `record` and
`evaluation`, from which this module restores the trials; only the first row of a trial has these two. Losses,
curves, samples and weights are left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.files import now, unwritable, whole
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Evaluation, Record, reading
from gan_bench.bench.results.store import Store

LAYOUT = 1
"""Version of the columns; raise it if they or their meaning change."""
REFERENCE = "reference"
"""The word for the file of the package, where users name a file."""
FACTS = b"gan-bench results"
"""Metadata of the file: `Shipped.facts` as JSON."""
PROVENANCE = ("pack", "started", "versions", "device", "processor", "cores", "platform", "gpu", "revision")
"""Parts of a record's provenance that are kept."""
SCORE = ("metric", "version", "direction", "split", "when", "weights", "value", "reason")
"""Columns of a score."""


@dataclass(frozen=True)
class Shipped:
    """Trials of a file.

    Attributes:
        name: for tables: `reference`, or the name of the file.
        facts: layout, created, digest, hours (of training and evaluation, summed over processes).
        trials: records without losses, each with its evaluation, or None where nothing was measured.
    """

    name: str
    facts: dict[str, Any]
    trials: tuple[tuple[Record, Evaluation | None], ...]


def path_of(name: str) -> Path:
    """Return the file that a name stands for: that of the package for `reference`, else the path itself."""
    if name == REFERENCE and not Path(name).is_file():
        return Path(str(resources.files(__package__) / "reference.parquet"))
    return Path(name)


def holds_results(path: Path) -> bool:
    """Return whether a path is a file that :func:`read` reads, by its metadata."""
    if path.suffix != ".parquet" or not path.is_file():
        return False
    try:
        return FACTS in (pq.read_schema(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def export(store: Store, path: Path, earlier: Iterable[tuple[Record, Evaluation | None]] = ()) -> Shipped:
    """Write the trials of a store into one file, replacing it; return what it holds.

    Args:
        store: of finished, diverged or failed trials.
        path: of the file, which ends in .parquet.
        earlier: trials of another file, which stand before those of the store unless it has them too.

    Raises:
        UsageError: for an empty or damaged store, and where the file cannot be written.
    """
    store.check_whole()
    own = {record.trial.key: (record, evaluation) for record, evaluation in _trials(store)}
    trials = (*(each for each in earlier if each[0].trial.key not in own), *own.values())
    if not trials:
        raise UsageError(f"{store.root} holds no results to export")
    rows = [row for record, evaluation in trials for row in _rows(record, evaluation)]
    table = pa.Table.from_pylist(rows)
    facts = {"layout": LAYOUT, "created": now(), "hours": round(_hours(trials), 3), "digest": digest(table)}
    table = table.replace_schema_metadata({FACTS: json.dumps(facts).encode()})
    with unwritable(f"cannot write {path}"), whole(path) as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True)
    return Shipped(path.stem, facts, trials)


def read(name: str) -> Shipped:
    """Return the trials of a file; `reference` names the one of the package.

    Raises:
        UsageError: for a file that is not there, is damaged, or has another layout.
    """
    path = path_of(name)
    if not path.is_file():
        what = "this package comes without reference results" if name == REFERENCE else "no such file"
        if path.is_dir():
            what = f"a folder; expected {REFERENCE} or a file that `reference -o FILE.parquet` wrote"
        raise UsageError(f"{name}: {what}")
    try:
        table = pq.read_table(path, page_checksum_verification=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UsageError(f"{path}: cannot be read as a file of results: {one_line(error)}") from None
    with reading("a file of results", path):
        facts = json.loads((table.schema.metadata or {}).get(FACTS, b"{}"))
        if facts.get("layout") != LAYOUT:
            raise UsageError(f"{path}: not a file of results that this version reads (layout {LAYOUT})")
        if facts["digest"] != digest(table):
            raise UsageError(f"{path}: changed after it was written")
        return Shipped(path.stem, facts, tuple(_restored(table)))


def contents(shipped: Shipped) -> pd.DataFrame:
    """Return a row per suite, budget, dataset and variant: numbers of seeds and of finished trials."""
    rows = [
        {
            "suite": record.trial.suite,
            "budget": record.trial.budget,
            "dataset": record.trial.data_name,
            "variant": record.trial.variant,
            "seed": record.trial.seed,
            "finished": record.status == "finished",
        }
        for record, _ in shipped.trials
    ]
    groups = pd.DataFrame(rows).groupby(["suite", "budget", "dataset", "variant"])
    return groups.agg(seeds=("seed", "size"), finished=("finished", "sum")).reset_index()


def overview(contents: pd.DataFrame) -> pd.DataFrame:
    """Return a row per suite, budget and dataset of `contents`.

    Columns: `variants`, their number; `seeds`, as "5", or "3 to 5" where variants have unlike numbers; and
    `finished`, "all" or "n of N" trials.
    """
    rows = []
    for place, of in contents.groupby(["suite", "budget", "dataset"]):
        least, most = of["seeds"].min(), of["seeds"].max()
        seeds = str(most) if least == most else f"{least} to {most}"
        finished, trials = of["finished"].sum(), of["seeds"].sum()
        rows.append((*place, len(of), seeds, "all" if finished == trials else f"{finished} of {trials}"))
    return pd.DataFrame(rows, columns=["suite", "budget", "dataset", "variants", "seeds", "finished"])


def digest(table: pa.Table) -> str:
    """Return the SHA-256 of all cells."""
    return hashlib.sha256(json.dumps(table.to_pydict(), sort_keys=True).encode()).hexdigest()


def _trials(store: Store) -> Iterator[tuple[Record, Evaluation | None]]:
    for key in store:
        record = store.read(key)
        assert record is not None  # `check_whole` has read every record
        provenance = {name: record.provenance[name] for name in PROVENANCE if name in record.provenance}
        slim = dataclasses.replace(record, history={}, provenance=provenance, files=None, traceback=None)
        newest = store.evaluations(key)[-1:]
        yield slim, next((dataclasses.replace(one, rows=_ends(one)) for one in newest), None)


def _ends(evaluation: Evaluation) -> list[Any]:
    return [row for row in evaluation.rows if row["split"] == "test" and row["when"] in ("final", "best")]


def _hours(trials: Iterable[tuple[Record, Evaluation | None]]) -> float:
    """Return hours of training, of every pack once, and of evaluation."""
    packs, measuring = {}, 0.0
    for record, evaluation in trials:
        pack = record.provenance.get("pack", {}).get("id", record.trial.key)
        seconds = (record.outcome.get("seconds") or 0.0) + (record.outcome.get("compile_seconds") or 0.0)
        packs[pack, record.provenance.get("started")] = seconds
        measuring += evaluation.seconds if evaluation else 0.0
    return (sum(packs.values()) + measuring) / 3600


def _rows(record: Record, evaluation: Evaluation | None) -> Iterator[dict[str, Any]]:
    trial = record.trial
    shared = {
        **{name: getattr(trial, name) for name in ("suite", "budget", "variant", "profile", "architecture")},
        "dataset": trial.data_name,
        "content_hash": trial.content_hash,
        "kimg": trial.kimg,
        "seed": trial.seed,
        "status": record.status,
        "versions": json.dumps(dict(trial.versions), sort_keys=True),
        "protocol": keys.protocol_key(evaluation.protocol) if evaluation else None,
        "trial": trial.key,
        "record": json.dumps(record.to_json(), sort_keys=True),
        "evaluation": evaluation and json.dumps({**evaluation.to_json(), "rows": []}, sort_keys=True),
    }
    rows = evaluation.rows if evaluation else []
    for number, row in enumerate(rows):
        rest = json.dumps({name: value for name, value in row.items() if name not in SCORE})
        once = {"record": None, "evaluation": None} if number else {}
        yield {**{name: row[name] for name in SCORE}, **shared, **once, "measured": rest}
    if not rows:
        yield {**dict.fromkeys(SCORE), **shared, "measured": None}


def _restored(table: pa.Table) -> Iterator[tuple[Record, Evaluation | None]]:
    fields = {field.name for field in dataclasses.fields(Record)} - {"trial"}
    by_trial: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        by_trial.setdefault(row["trial"], []).append(row)
    for rows in by_trial.values():
        content = json.loads(rows[0]["record"])
        record = Record(Trial.from_spec(content["spec"]), **{name: content[name] for name in fields})
        if rows[0]["evaluation"] is None:
            yield record, None
            continue
        content = json.loads(rows[0]["evaluation"])
        known = {field.name: content[field.name] for field in dataclasses.fields(Evaluation)}
        scores = [_score(row) for row in rows if row["metric"] is not None]
        yield record, Evaluation(**{**known, "rows": scores})


def _score(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of an evaluation as it was; pandas wrote versions as floats beside missing ones."""
    version = int(row["version"])
    return {**{name: row[name] for name in SCORE}, "version": version, **json.loads(row["measured"])}
