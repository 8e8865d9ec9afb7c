"""Abilities that translate data, in each direction: fields that they read, and the field that they make."""

from __future__ import annotations

from collections.abc import Mapping

from gan_bench.datasets.base import Dataset

Tasks = Mapping[str, tuple[tuple[str, ...], str]]
TASKS: dict[str, Tasks] = {
    "pairs": {"translate": (("a",), "b")},
    "low_high": {"translate": (("low",), "high")},
    "moves": {"translate": (("real", "target"), "moved")},
    "restyles": {"restyle": (("domain_a", "example"), "restyled")},
    "domain_b": {
        "translate": (("domain_a",), "domain_b"),
        "translate_back": (("domain_b",), "domain_a"),
    },
}
"""By stream of the data: abilities that translate, with the fields that each reads and the one it makes."""


def tasks_of(dataset: Dataset) -> Tasks:
    """Return the abilities that translate such data: the fields that each reads, the field that it makes.

    A stream of such a name that has other fields is no such task.
    """
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for stream, tasks in TASKS.items():
        read = {field for inputs, makes in tasks.values() for field in (*inputs, makes)}
        if stream in dataset.streams and read <= dataset.spaces.keys():
            found |= tasks
    return found
