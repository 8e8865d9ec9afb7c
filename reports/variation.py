"""Texts of the settings of a sweep: the hyperparameters that differ, and their values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def varying(settings: Sequence[Mapping[str, Any]], parents: Mapping[str, str]) -> list[str]:
    """Return the names of the hyperparameters that tell settings apart, in the order of the first setting.

    One that has the value of its parent in every setting (`critic_lr` that of `lr`) is left out.

    Args:
        settings: name -> value; a name may be missing in some.
        parents: hyperparameter -> the one whose value it has unless it is given.
    """
    names = dict.fromkeys(name for setting in settings for name in setting)
    columns = {
        name: [json.dumps(setting.get(name), sort_keys=True) for setting in settings] for name in names
    }
    return [
        name
        for name, column in columns.items()
        if len(set(column)) > 1 and columns.get(parents.get(name, "")) != column
    ]


def written(values: Mapping[str, Any]) -> str:
    """Return settings as text, every value whole: `lr=0.001, n_critic=5`."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in values.items())


def value_text(value: Any) -> str:
    """Return a value as it could be written in a suite file; different values have different texts."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0").replace("e-0", "e-").replace("e+", "e")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={value_text(item)}" for name, item in value.items()) + "}"
    return str(value)
