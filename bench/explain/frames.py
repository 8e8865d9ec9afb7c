"""Tidy tables of recorded updates, samples and losses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from gan_bench.bench.explain.watch import Update


def features(updates: Iterable[Update]) -> pd.DataFrame:
    """Return a row per sample, update and moment (before, after), with the two features."""
    parts = []
    for update in updates:
        for moment, sources in (("before", update.before), ("after", update.after)):
            for source, values in sources.items():
                columns = {"moment": moment, "source": source, "sample": range(len(values))}
                places = {"feature_1": values[:, 0], "feature_2": values[:, 1]}
                parts.append(pd.DataFrame({**_name(update), **columns, **places}))
    return pd.concat(parts, ignore_index=True)


def centroids(updates: Iterable[Update]) -> pd.DataFrame:
    """Return a row per source and update: mean features before and after, their difference, its length."""
    rows = []
    for update in updates:
        for source in update.before:
            start = update.before[source].mean(0, dtype=float)
            end = update.after[source].mean(0, dtype=float)
            places = {"before": start, "after": end, "shift": end - start}
            row = {f"{what}_{i + 1}": float(place[i]) for what, place in places.items() for i in (0, 1)}
            rows.append({**_name(update), "source": source, **row, "shift": float(np.hypot(*(end - start)))})
    return pd.DataFrame(rows)


def scatters(generated: Mapping[int, np.ndarray], real: np.ndarray) -> pd.DataFrame:
    """Return a row per sample: iteration (none for real ones), source, x and, of planar data, y."""
    parts = [
        _places(rows).assign(iteration=iteration, source="generated") for iteration, rows in generated.items()
    ]
    parts.append(_places(real).assign(iteration=None, source="real"))
    return pd.concat([part.astype({"iteration": "Int64"}) for part in parts], ignore_index=True)


def _places(rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(dict(zip("xy", rows.T, strict=False)))


def losses(history: Mapping[str, list[float]]) -> pd.DataFrame:
    """Return a row per iteration and loss: iteration, name, value."""
    table = pd.DataFrame(history).drop(columns=["kimg", "seconds"])
    return table.melt("iteration", var_name="name", value_name="value")


def _name(update: Update) -> dict[str, int | str]:
    return {"iteration": update.iteration, "update": update.players, "steps": update.steps}
