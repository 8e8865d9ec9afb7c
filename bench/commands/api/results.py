"""Results of a run as DataFrames, tables, pictures' arrays and a report."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gan_bench.bench.commands.api.requests import as_usage_errors, call, several
from gan_bench.bench.commands.api.screen import WIDTH, screen
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.planning.options import EQUAL
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.names import counted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from gan_bench.bench.results.frames import Frames


class Results:
    """Results of a folder, or of the trials of one run in it.

    Args:
        store: of the folder.
        status: exit status of the run: 0, or 1 where trials failed.
        trials: those of the run; None for all of the folder.
        evaluations: training key -> evaluation key of these trials.
        beside: files of results on the same boards, as `--with`; the column `origin` names them.
    """

    def __init__(
        self,
        store: Store,
        status: int = 0,
        trials: Collection[Trial] | None = None,
        evaluations: Mapping[str, str] | None = None,
        beside: Sequence[str] = (),
    ) -> None:
        self._store, self.status, self._beside = store, status, tuple(beside)
        self._trials, self._evaluations = trials, evaluations

    @property
    def folder(self) -> Path:
        """The folder of results."""
        return self._store.root

    @cached_property
    def _frames(self) -> Frames:
        from gan_bench.bench.results import frames, shipped
        from gan_bench.bench.running.lines import say

        files = [shipped.read(name) for name in self._beside]
        return frames.load(
            self._store, self._trials, self._evaluations,
            beside=files, notice=lambda text: say(screen(), text, "yellow"),
        )  # fmt: skip

    @property
    def trials(self) -> pd.DataFrame:
        """One row per trial; `reports.schema.TRIALS` explains the columns."""
        return self._frames.trials

    @property
    def scores(self) -> pd.DataFrame:
        """One row per measurement; `reports.schema.SCORES` explains the columns.

        A table of a paper has the rows with `when` "final", `weights` "raw" and `split` "test".
        """
        return self._frames.scores

    @property
    def history(self) -> pd.DataFrame:
        """One row per trial, recorded iteration and loss or traced parameter (`reports.schema.HISTORY`)."""
        return self._frames.history

    def leaderboard(self, equal: str = "kimg") -> pd.DataFrame:
        """Return one row per board and entry, best first; see `reports.summary.leaderboard`.

        Raises UsageError for a cost other than kimg, seconds and flop.
        """
        from gan_bench.reports.summary import leaderboard

        check_name("cost", equal, EQUAL, "equal")
        found = self._frames
        return leaderboard(found.trials, found.scores, found.metrics, equal)

    def table(
        self,
        format: Literal["frame", "text", "latex", "markdown"] = "frame",
        equal: str = "kimg",
        columns: Sequence[str] = (),
    ) -> pd.DataFrame | str:
        """Return the leaderboards: a short DataFrame, or text.

        Args:
            format: "frame", "text" as in the terminal, or the content of the report's file
                `tables/leaderboard.tex` or `.md`.
            equal: the cost in which trials are compared: kimg, seconds or flop.
            columns: those of a LaTeX table, as `report --columns`; default: the ranking metric and the next
                four. In each the best entry and those tied with it are bold (`reports.paper_table`).

        Raises:
            UsageError: for an unknown format, cost or column, and for columns of another format.
        """
        from gan_bench.bench.results.report import latex_of
        from gan_bench.reports.markdown import markdown
        from gan_bench.reports.references import reference_rows
        from gan_bench.reports.tables import boards

        check_name("format", format, ("frame", "text", "latex", "markdown"), "table")
        check_name("cost", equal, EQUAL, "equal")
        if format == "latex":
            return latex_of(self._frames, equal, columns)
        if columns:
            raise UsageError(f"columns are those of a LaTeX table; got format {format!r}")
        rows = self.leaderboard(equal)
        if format == "frame":
            return _short(rows)
        if format == "markdown":
            return markdown(boards(rows, reference_rows(self._frames.references)))

        from gan_bench.reports.terminal import terminal

        console = new_console(width=WIDTH, file=io.StringIO())
        with console.capture() as captured:
            console.print(terminal(rows, self._frames.references, width=WIDTH))
        return captured.get()

    def samples(
        self, variant: str, seed: int | None = None, weights: Literal["raw", "ema"] = "raw"
    ) -> np.ndarray:
        """Return the generated samples that a trial keeps for reports, in raw values, [n, ...].

        Args:
            variant: its name.
            seed: of the trial; default: the first that has samples.
            weights: of the generator at the end, or its exponential moving average.

        Raises:
            UsageError: where no trial has such samples.
        """
        from gan_bench.reports.plots.samples import load as read

        check_name("variant", variant, dict.fromkeys(self.trials["variant"]), str(self.folder))
        own = self.trials[(self.trials["variant"] == variant) & self.trials["samples"].notna()]
        own = own.sort_values("seed", kind="stable")
        name = "final" if weights == "raw" else weights
        for path in own["samples"] if seed is None else own.loc[own["seed"] == seed, "samples"]:
            if name in (arrays := read(path, (name,))):
                return arrays[name]
        of = "" if seed is None else f" with seed {seed}"
        raise UsageError(f"{self.folder}: no samples of {variant}{of} ({weights} weights)")

    def report(self, equal: str = "kimg") -> Path:
        """Write the report again and return its first page, RESULTS/report/index.html.

        Raises UsageError where that cannot be written, or for an unknown cost.
        """
        from gan_bench.bench.results.report import write_report

        check_name("cost", equal, EQUAL, "equal")
        with as_usage_errors():
            command = call("gan_bench.load", {"folder": self.folder}) + ".report()"
            return write_report(
                self._store, screen(False), command, trials=self._trials,
                evaluations=self._evaluations, equal=equal, beside=self._beside,
            )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return these results as the frame that `gan_bench.compare` compares (`bench.compare.layout`)."""
        from gan_bench.bench.compare import frame_of

        keys = None if self._trials is None else {trial.key for trial in self._trials}
        return frame_of(self._store, keys, self._evaluations)

    def __repr__(self) -> str:
        lost = len(self.trials) - int((self.trials["status"] == "finished").sum())
        return f"<{counted(len(self.trials), 'trial')} in {self.folder}{f', {lost} lost' if lost else ''}>"

    def _repr_html_(self) -> str:
        return _short(self.leaderboard()).to_html(index=False)


def load(
    folder: str | Path, *, plugins: str | Path | Collection[str | Path] = (), beside: str | Sequence[str] = ()
) -> Results:
    """Return the results in a folder that `run` has filled.

    Damaged trials are left out, as in reports.

    Args:
        folder: the folder.
        plugins: files that register the variants, datasets and metrics of these results.
        beside: files of results to put on the same boards, as `--with`; `reference` is the package's.

    Raises:
        UsageError: for a folder that is not there or that holds no results.
    """
    from gan_bench.bench.common.plugins import load_plugins

    with as_usage_errors():
        load_plugins(map(Path, several(plugins)))
        if not Path(folder).is_dir():
            raise UsageError(f"{folder} is not a folder")
        store = Store(Path(folder))
        store.look_through()
        if not any(store):
            raise UsageError(f"{folder} holds no results")
        return Results(store, beside=several(beside))


def _short(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a leaderboard that are read first."""
    columns = ["suite", "dataset", "architecture", "kimg", "rank", "label", "primary", "direction"]
    columns += ["final_mean", "final_std", "finished", "seeds", "note"]
    return rows.reindex(columns=columns).rename(columns={"label": "variant", "primary": "metric"})
