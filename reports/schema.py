"""Columns of the frames that a report reads: `bench.results.frames` builds them, `reports.frames` reads them.

A frame has exactly the columns of its schema, in this order. Texts are strings or None, counts are whole
numbers (floats where one is missing), numbers are floats; a missing number is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

BOARD = ["suite", "dataset", "stand_in_for", "architecture", "kimg"]
"""Columns that say to which board a row belongs."""
Dtype = Literal["text", "count", "number"]


class Field(NamedTuple):
    """One column of a frame."""

    dtype: Dtype
    meaning: str


@dataclass(frozen=True)
class Schema:
    """The columns of one frame, in order."""

    name: str
    fields: Mapping[str, Field]

    @property
    def columns(self) -> list[str]:
        """Return the names of all columns."""
        return list(self.fields)

    def build(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """Return the frame of `rows`, each of which has a value (None: missing) for every column.

        Raises ValueError, with its name, for a column that is missing or that the schema does not have.
        """
        import pandas as pd

        rows = list(rows)
        for row in rows:
            self._check(row)
        frame = pd.DataFrame(rows, columns=self.columns)
        numbers = [name for name, field in self.fields.items() if field.dtype == "number"]
        for name in (name for name, field in self.fields.items() if field.dtype == "count"):
            frame[name] = pd.to_numeric(frame[name])
        return frame.astype(dict.fromkeys(numbers, float))

    def uniform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a copy whose texts are never null and whose counts and numbers are floats.

        Raises ValueError as `build` does.
        """
        import pandas as pd

        self.check(frame)
        uniform = frame[self.columns].copy()
        for name, field in self.fields.items():
            column = uniform[name]
            if field.dtype == "text":
                uniform[name] = column.astype(object).where(column.notna(), "").astype(str)
            else:
                uniform[name] = pd.to_numeric(column, errors="coerce").astype(float)
        return uniform

    def check(self, frame: pd.DataFrame) -> None:
        """Raise ValueError as `build` does."""
        self._check(frame.columns)

    def _check(self, columns: Iterable[str]) -> None:
        names_given = dict.fromkeys(columns)
        for problem, names in (
            ("lacks", [name for name in self.fields if name not in names_given]),
            ("has unknown", [name for name in names_given if name not in self.fields]),
        ):
            if names:
                raise ValueError(f"the {self.name} frame {problem} {', '.join(map(str, names))}")


def _fields(dtype: Dtype, **meanings: str) -> dict[str, Field]:
    return {name: Field(dtype, meaning) for name, meaning in meanings.items()}


LABELS = {
    **_fields("text", trial="key of the trial", suite="name of the suite", dataset="data that were used"),
    **_fields("text", stand_in_for="dataset that the suite names, where another was used instead"),
    **_fields("text", variant="name of the variant", profile="name of its profile"),
    **_fields("text", architecture="name of the networks"),
    **_fields("count", seed="seed of the trial"),
    **_fields("text", status="finished, diverged or failed"),
}
"""Columns that name the trial of a row."""

TRIALS = Schema(
    "trials",
    {
        **LABELS,
        **_fields("text", budget="name of the budget", kind="images, planar, scalar or other kind of data"),
        **_fields("text", paper="source of the variant"),
        **_fields("count", year="year of the paper", look="number of the variant's look (`reports.colours`)"),
        **_fields("number", kimg="budget, in thousands of real images"),
        **_fields("text", hyperparameters="all of them, as JSON", error="message of a failed trial"),
        **_fields(
            "count",
            diverged_at="iteration at which training diverged",
            iterations="iterations that were trained",
            critic_updates="updates of the critic",
            generator_updates="updates of the generator",
            images="samples that the trial used, as budgets count them",
            pretraining_images="those of them that were used before a critic first trained",
            flop="FLOP of training in matrix products and convolutions",
            critic_parameters="weights of the networks that critics train",
            other_parameters="weights of the other trained networks; shared weights count once",
            frozen_parameters="weights that no player trains",
        ),
        **_fields("text", parameters="role -> number of its weights, as JSON"),
        **_fields(
            "number",
            train_seconds="training time of the pack, without evaluation (s)",
            compile_seconds="compilation time of the pack (s)",
            eval_seconds="evaluation time of the trial (s)",
        ),
        **_fields("text", primary="metrics that rank, separated by commas", pack="name of the pack"),
        **_fields("count", pack_size="trials of the pack"),
        **_fields(
            "number",
            iterations_per_second="iterations per second of training of the pack",
            images_per_second="real images per second of training, over all trials of the pack",
        ),
        **_fields(
            "text",
            device="device that trained",
            samples="path of the file of samples",
            title="one line about the variant",
            equation="equations of the paper that the variant implements",
            parts="parts of a composition",
            source="source code of the objective",
            inherits="hyperparameter -> the one whose value is its default, as JSON",
            lacks="profile that the variant does not have and another one replaces, else empty",
            varied="hyperparameters that the suite varies, with the trial's values, as JSON",
            machine="processor, cores and platform",
            software="versions of libraries and revision of the code",
            origin="where a trial comes from that is shown beside the store's own, else empty",
        ),
    },
)
"""One row per trial of a suite. Trials that were trained together share a `pack`."""

SCORE = {
    **_fields("text", metric="name of the metric"),
    **_fields("number", value="its value, missing where it is undefined"),
    **_fields("text", reason="why the value is undefined", direction="min, max, target or none"),
    **_fields("count", version="version of the metric"),
    **_fields("text", split="test or validation", when="final, best or curve"),
}
"""Columns of one score."""

SCORES = Schema(
    "scores",
    {
        **LABELS,
        **SCORE,
        **_fields("text", weights="raw or ema"),
        **_fields("number", kimg="real images used so far, in thousands"),
        **_fields(
            "count",
            iteration="iterations so far",
            generator_updates="updates of the generator so far",
            critic_updates="updates of the critic so far",
            flop="FLOP of training so far",
        ),
        **_fields("number", seconds="training time so far (s)", target="value to aim at, where there is one"),
    },
)
"""One row per measurement of a trial."""

HISTORY = Schema(
    "history",
    {
        **_fields("text", trial="key of the trial"),
        **_fields("count", iteration="iterations so far"),
        **_fields("number", kimg="real images used so far, in thousands", seconds="training time so far (s)"),
        **_fields("text", name="name of the loss or parameter", kind="loss or parameter"),
        **_fields("number", value="its value"),
    },
)
"""One row per trial, recorded iteration and loss or traced parameter."""

REFERENCES = Schema(
    "references",
    {
        **{name: TRIALS.fields[name] for name in BOARD},
        **_fields(
            "text", reference="name of the reference row", title="its title", meaning="what it measures"
        ),
        **_fields("count", draw="number of the draw", samples="samples that were measured"),
        **SCORE,
    },
)
"""One row per board, reference row, draw and measurement."""

METRICS = Schema(
    "metrics",
    _fields("text", metric="name of the metric", title="its title", unit="its unit", meaning="one sentence"),
)
"""One row per metric of the scores, reference rows and paper numbers, in the order of tables."""
