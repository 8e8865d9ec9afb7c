"""Rows of one trial for the frames of a report: all that does not depend on other trials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import AXES, Evaluation, Record
from gan_bench.names import counted

COSTS = ("iterations", "critic_updates", "generator_updates", "images", "pretraining_images", "flop")
"""Facts of an outcome that are columns under the same name."""


def of_trial(trial: Trial) -> dict[str, Any]:
    """Return the columns that a plan decides, labels among them."""
    return {
        "trial": trial.key,
        "suite": trial.suite,
        "dataset": trial.data_name,
        "stand_in_for": trial.stand_in_for,
        "variant": trial.variant,
        "profile": trial.profile,
        "lacks": catalogue.replaced_profile(trial.profile),
        "architecture": trial.architecture,
        "seed": trial.seed,
        "budget": trial.budget,
        "kind": trial.kind,
        "paper": trial.paper,
        "year": trial.year,
        "kimg": trial.kimg,
        "hyperparameters": json.dumps(trial.hyperparameters, sort_keys=True),
        "varied": json.dumps(trial.varied),
    }


def of_record(record: Record) -> dict[str, Any]:
    """Return the columns that training decides."""
    outcome = record.outcome
    pack = record.provenance.get("pack", {})
    return {
        "status": record.status,
        "error": record.error,
        "diverged_at": outcome.get("diverged_at"),
        **{name: outcome.get(name) for name in COSTS},
        **_weights(outcome),
        "train_seconds": outcome.get("seconds") or None,
        "compile_seconds": outcome.get("compile_seconds"),
        "pack": f"{pack['id']} {record.provenance.get('started')}" if "id" in pack else record.trial.key,
        "pack_size": pack.get("size"),
        "iterations_per_second": None,  # depends on the others of the pack
        "images_per_second": None,
        "device": record.provenance.get("device"),
        "machine": _machine(record.provenance),
        "software": _software(record.provenance),
        "origin": None,
    }


def _weights(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of the critics' networks, of the other trained ones and of frozen ones, and by role.

    Records of before name no critics; their roles are called so.
    """
    trained, frozen = outcome.get("parameters"), outcome.get("frozen_parameters", {})
    if trained is None:
        return dict.fromkeys(("critic_parameters", "other_parameters", "frozen_parameters", "parameters"))
    critics = outcome.get("critics", [role for role in trained if role.startswith("critic")])
    total = sum(count for role, count in trained.items() if role in critics)
    return {
        "critic_parameters": total,
        "other_parameters": sum(trained.values()) - total,
        "frozen_parameters": sum(frozen.values()),
        "parameters": json.dumps({**trained, **frozen}),
    }


def _machine(provenance: Mapping[str, Any]) -> str:
    cores = provenance.get("cores")
    parts = [
        provenance.get("processor"),
        counted(cores, "core") if cores else None,
        provenance.get("platform"),
    ]
    return ", ".join(part for part in parts if part)


def _software(provenance: Mapping[str, Any]) -> str:
    """Return versions and the revision of the code, those first that decide numbers."""
    versions = provenance.get("versions") or {}
    parts = [f"{name} {version}" for name, version in versions.items() if version]
    gpu = provenance.get("gpu") or {}
    parts += [f"{name} {gpu[name]}" for name in ("driver", "cuda", "cudnn") if gpu.get(name)]
    return ", ".join([*parts, *(f"revision {text[:20]}" for text in [provenance.get("revision")] if text)])


def history_of(record: Record) -> dict[str, list[Any]]:
    """Return the columns of a history with a row for each recorded iteration and loss or parameter."""
    rows, followed = len(next(iter(record.history.values()), ())), record.followed
    return {
        **{axis: [*record.history.get(axis, [None] * rows)] * len(followed) for axis in AXES},
        "name": [name for name in followed for _ in range(rows)],
        "kind": [kind for kind in followed.values() for _ in range(rows)],
        "value": [value for name in followed for value in record.history[name]],
    }


def data_of(record: Record) -> str:
    """Return a hash of data and budget, within which one protocol is shown."""
    return keys.digest([record.trial.content_hash, record.trial.stand_in_for, record.trial.budget])


def protocol_of(evaluation: Evaluation) -> str:
    """Return a hash of the protocol of an evaluation."""
    return keys.protocol_key(evaluation.protocol)


def scores_of(found: Evaluation, evaluations: list[Evaluation]) -> list[Mapping[str, Any]]:
    """Return the rows of an evaluation, with curves that others of the trial hold of unchanged metrics."""
    rows = list(found.rows)
    have = {row["metric"] for row in rows if row["when"] == "curve"}
    for other in reversed(evaluations):
        same = {name for name in same_metrics(found.protocol, other.protocol) if name not in have}
        more = [row for row in other.rows if row["metric"] in same and row["when"] != "final"]
        rows += more
        have |= {row["metric"] for row in more}
    return rows


def same_metrics(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return metrics whose values mean the same under both protocols."""
    rest = {name: part for name, part in one.items() if name not in ("metrics", "extractors")}
    if any(other.get(name) != part for name, part in rest.items()):
        return []
    extractors = one.get("extractors", {}).items() & other.get("extractors", {}).items()
    if extractors != one.get("extractors", {}).items() and extractors != other.get("extractors", {}).items():
        return []
    other_metrics = other["metrics"]
    return [name for name, facts in one["metrics"].items() if other_metrics.get(name) == facts]
