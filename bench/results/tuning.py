"""Tuned profiles from the results of a search suite.

Every variant had the same number of settings; its best is the one with the best median over seeds of the
metric that tables rank by (later ranking metrics break ties), on the validation split, averaged as ranks over
datasets and networks.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import now, read_text, unwritable, write
from gan_bench.bench.common.provenance import revision
from gan_bench.bench.planning import catalogue
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.reports.statistics import SIGNS, costs, ranks

Content = dict[str, Any]
PARTS = ("provenance", "tuned", "search")
BLOCK = ["dataset", "architecture"]


def tune(store: Store, out: Path, command: str, budget: str | None = None) -> str:
    """Write or update `out` with the best settings found in `store`; returns what was chosen, as text.

    What was searched, variants on a kind of data, replaces theirs in the file; the rest stays as it is.
    Trials of other budgets than `budget` are left out; without it the store must have those of one.

    Raises:
        UsageError: for a store without results or with damaged ones, several budgets or lengths of training
            on the same data, a stand-in's results, and a file that cannot be read or written.
    """
    store.check_whole()
    tidy = frames.load(store)
    if tidy.trials.empty:
        raise UsageError(f"{store.root} holds no results to tune from")
    of_budget = _of_budget(tidy.trials, budget, store.root)
    if of_budget["stand_in_for"].notna().any():
        raise UsageError(
            f"{store.root} holds results of a stand-in; profiles are tuned on the data they are for"
        )
    content = _existing(out)
    lines = []
    for kind, trials in of_budget.groupby("kind"):
        tuned, search = {}, {}
        for variant, variant_trials in trials.groupby("variant", sort=False):
            rows = settings_of(variant_trials, tidy.scores)
            best = min(range(len(rows)), key=lambda i: (rows[i]["rank"], i))
            rows[best]["chosen"] = True
            tuned[str(variant)] = _profile(str(variant), json.loads(rows[best].pop("all")))
            search[str(variant)] = [{k: v for k, v in row.items() if k != "all"} for row in rows]
            lines.append(f"{kind} {variant}: {rows[best]['hyperparameters']} {rows[best]['scores']}")
        earlier = _still_true(content["provenance"].get(kind, []), set(tuned))
        content["provenance"][kind] = [*earlier, _provenance(trials, command)]
        content["tuned"].setdefault(kind, {}).update(tuned)
        content["search"].setdefault(kind, {}).update(search)
    text = "# Searched profiles; written by `python -m bench tune`.\n" + dump(content)
    with unwritable(f"cannot write {out}"):
        write(out, text)
    return "\n".join(lines)


def _of_budget(trials: pd.DataFrame, budget: str | None, root: Path) -> pd.DataFrame:
    """Return the trials of one budget, which are as long as each other on the same data and networks."""
    there = sorted(set(trials["budget"]))
    if budget is None and len(there) > 1:
        raise UsageError(
            f"{root} holds results of the budgets {', '.join(there)}, which cannot be compared; choose one "
            "with --budget"
        )
    if budget is not None and budget not in there:
        raise UsageError(f"{root} holds no results of budget {budget}; it has those of {', '.join(there)}")
    found = trials if budget is None else trials[trials["budget"] == budget]
    for (dataset, architecture), group in found.groupby(BLOCK, sort=False):
        if len(lengths := sorted(set(group["kimg"]))) > 1:
            raise UsageError(
                f"{root} holds trainings on {dataset} with {architecture} of "
                f"{' and '.join(f'{length:g}' for length in lengths)} kimg, which cannot be compared; give "
                "those of each length a folder of their own"
            )
    return found


def settings_of(trials: pd.DataFrame, scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per setting of a variant: varied hyperparameters, medians per metric, mean rank.

    A diverged or failed seed, and one without a score, counts as the worst; `all` holds every hyperparameter
    as JSON.
    """
    final = _judging(scores)
    names = list(dict.fromkeys(trials["hyperparameters"]))
    medians: dict[str, dict[str, float]] = {name: {} for name in names}
    ranks_of: dict[str, list[float]] = {name: [] for name in names}
    for block, group in trials.groupby(BLOCK, sort=False):
        ranking = str(next(iter(group["primary"].dropna()), "")).split(",")
        table = pd.DataFrame(index=names)
        for metric in ranking:
            values = _costs(group, final[final["metric"] == metric])
            by_setting = values.groupby(group.set_index("trial")["hyperparameters"]).median()
            table[metric] = by_setting.reindex(names)
            sign = SIGNS[_direction(final[final["metric"] == metric])]
            for name in names:
                medians[name]["/".join([*map(str, block), metric])] = float(sign * table.at[name, metric])
        order = ranks(table)
        for name in names:
            ranks_of[name].append(order[name])
    variant = str(trials["variant"].iloc[0])
    # Trials do not state every hyperparameter: implied ones are missing at their default.
    settings = {name: catalogue.resolve(variant, json.loads(name)) for name in names}
    varied = _varied([_own(variant, setting) for setting in settings.values()])
    return [
        {
            "setting": trials.loc[trials["hyperparameters"] == name, "profile"].iloc[0],
            "hyperparameters": {key: settings[name][key] for key in varied},
            "scores": {key: _number(value) for key, value in medians[name].items()},
            "rank": float(np.mean(ranks_of[name])),
            "seeds": int((trials["hyperparameters"] == name).sum()),
            "finished": int(((trials["hyperparameters"] == name) & (trials["status"] == "finished")).sum()),
            "all": name,
        }
        for name in names
    ]


def _judging(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores at the end, on the validation split where a metric has it: tables show the test split."""
    final = scores[(scores["when"] == "final") & (scores["weights"] == "raw")]
    validated = final["metric"].isin(final.loc[final["split"] == "validation", "metric"])
    return final[(final["split"] == "validation") | ~validated]


def _costs(trials: pd.DataFrame, scores: pd.DataFrame) -> pd.Series:
    """Return the cost of each trial, infinite where it did not finish or has no score."""
    values = scores.set_index("trial")["value"].reindex(trials["trial"])
    finished = (trials.set_index("trial")["status"] == "finished").reindex(values.index)
    return pd.Series(costs(values.where(finished), _direction(scores)), index=values.index)


def _direction(scores: pd.DataFrame) -> str:
    return "max" if (scores["direction"] == "max").any() else "min"


def _varied(settings: list[Mapping[str, Any]]) -> list[str]:
    names = sorted({name for setting in settings for name in setting})
    return [name for name in names if len({json.dumps(s.get(name)) for s in settings}) > 1]


def _profile(variant: str, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that differ from the variant's declared defaults."""
    defaults = catalogue.resolve(variant)
    own = _own(variant, hyperparameters)
    return {name: value for name, value in own.items() if value != defaults[name]}


def _own(variant: str, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters without those equal to the ones they inherit: `--set lr=` moves both."""
    parents = catalogue.parents(variant)
    return {
        name: value
        for name, value in hyperparameters.items()
        if name not in parents or value != hyperparameters[parents[name]]
    }


def _provenance(trials: pd.DataFrame, command: str) -> dict[str, Any]:
    settings = trials.groupby("variant")["hyperparameters"].nunique()
    return {
        "command": command,
        "created": now(),
        "revision": revision() or "",
        "suites": sorted(set(trials["suite"])),
        "datasets": sorted(set(trials["dataset"])),
        "architectures": sorted(set(trials["architecture"])),
        "primary": str(next(iter(trials["primary"].dropna()), "")),
        "kimg": sorted({float(kimg) for kimg in trials["kimg"]}),
        "seeds": sorted({int(seed) for seed in trials["seed"]}),
        "settings": {str(variant): int(count) for variant, count in settings.items()},
    }


def _still_true(earlier: list[dict[str, Any]], replaced: set[str]) -> list[dict[str, Any]]:
    """Return the provenance of earlier searches, without the variants that were searched again."""
    left = [
        facts
        | {"settings": {name: count for name, count in facts["settings"].items() if name not in replaced}}
        for facts in earlier
    ]
    return [facts for facts in left if facts["settings"]]


def _existing(path: Path) -> Content:
    empty: Content = {part: {} for part in PARTS}
    if not path.exists():
        return empty
    try:
        content = empty | tomllib.loads(read_text(path, "a file of tuned profiles"))
        dump(content)
        for searches in content["provenance"].values():
            _still_true(searches, set())
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: cannot be read as a file of tuned profiles: {error}") from None
    return content


def _number(value: float) -> float | str:
    return float(f"{value:.6g}") if np.isfinite(value) else "worst"


def dump(content: Content) -> str:
    """Return the TOML of the file: a table per kind and variant, arrays of tables for searches."""
    lines: list[str] = []
    for kind, searches in content["provenance"].items():
        for facts in searches:
            lines += ["", f"[[provenance.{kind}]]", *_pairs(facts)]
    for kind, variants in content["tuned"].items():
        for variant, profile in variants.items():
            lines += ["", f"[tuned.{kind}.{_key(variant)}]", *_pairs(profile)]
    for kind, variants in content["search"].items():
        for variant, rows in variants.items():
            for row in rows:
                lines += ["", f"[[search.{kind}.{_key(variant)}]]", *_pairs(row)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_toml(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
