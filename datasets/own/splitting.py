"""The splits of a user's own data: those that the files state, or every ninth and tenth row of ten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gan_bench.datasets.base import SPLITS, DatasetError

FOLD = 10
"""Rows of which one is held out for validation and one for the test."""
LEAST = 2 * FOLD
"""Rows of data that state no split: fewer leave less than two for the test."""
NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
"""Names of splits in folders, arrays and files."""
WHOLE = "all"
"""The split of data that state none."""


@dataclass(frozen=True)
class Rows:
    """Rows of one split, with or without labels.

    Attributes:
        values: shape (n, ...).
        labels: one for each row, or None.
        names: one for each row, for messages: the image's file; or None.
    """

    values: np.ndarray
    labels: np.ndarray | None = None
    names: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def only(self, chosen: np.ndarray) -> Rows:
        """Return the rows at True."""
        labels, names = (None if of is None else of[chosen] for of in (self.labels, self.names))
        return Rows(self.values[chosen], labels, names)


def split_named(name: str) -> str | None:
    """Return the split that a name of a folder, array or file stands for, None if it is none."""
    return next((split for split, names in NAMES.items() if name.lower() in names), None)


def divided(where: str, found: Mapping[str, Rows]) -> tuple[dict[str, Rows], str]:
    """Return the three splits, and the rule by which they were made.

    Where the data state no split, or training only, of ten rows that follow each other the ninth is for
    validation and the tenth for the test. Where they state training and test rows only, every tenth row of
    training is for validation. Rows of one class follow each other, so that each class is divided.

    Args:
        where: the data, for messages.
        found: rows of `WHOLE` or ``train``, or of ``train`` and ``test`` with or without ``validation``.

    Raises:
        DatasetError: for other splits, or data that are too few to divide.
    """
    if {*found} == {*SPLITS}:
        return dict(found), "splits as stated"
    if len(found) == 1 and (only := next(iter(found))) in (WHOLE, "train"):
        rows = found[only]
        if len(rows) < LEAST:
            raise DatasetError(
                f"{where}: {len(rows)} rows without splits; expected at least {LEAST}, of which one in "
                f"{FOLD} is for validation and one for the test, or splits named train, validation and test"
            )
        turn = _turns(rows)
        chosen = {"train": turn < FOLD - 2, "validation": turn == FOLD - 2, "test": turn == FOLD - 1}
        rule = f"of {FOLD} rows of a class the last but one for validation, the last for the test"
        return {split: rows.only(chosen[split]) for split in SPLITS}, rule
    if {*found} == {"train", "test"}:
        rows = found["train"]
        if len(rows) < LEAST:
            raise DatasetError(
                f"{where}: {len(rows)} training rows and no split for validation; expected at least {LEAST}, "
                f"of which one in {FOLD} is for validation, or a split named validation"
            )
        turn = _turns(rows)
        parts = {"train": rows.only(turn < FOLD - 1), "validation": rows.only(turn == FOLD - 1)}
        return {**parts, "test": found["test"]}, f"of {FOLD} training rows of a class the last for validation"
    raise DatasetError(
        f"{where}: there are splits {', '.join(found)}; expected train and test, with or without validation, "
        "or no splits"
    )


def _turns(rows: Rows) -> np.ndarray:
    """Return the place of every row among ten that follow each other, classes one after another."""
    order = np.arange(len(rows)) if rows.labels is None else np.argsort(rows.labels, kind="stable")
    turn = np.empty(len(rows), dtype=np.int64)
    turn[order] = np.arange(len(rows)) % FOLD
    return turn
