"""The report of a store: written to RESULTS/report, its table shown in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import unwritable
from gan_bench.bench.common.program import program
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.damage import sentences
from gan_bench.bench.results.missing import sentence
from gan_bench.bench.results.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from gan_bench.bench.results.frames import Frames as Loaded
    from gan_bench.reports.frames import Frames


def write_report(
    store: Store,
    console: Console,
    command: str,
    title: str | None = None,
    trials: Collection[Trial] | None = None,
    evaluations: Mapping[str, str] | None = None,
    paper_numbers: Sequence[Mapping[str, Any]] | None = None,
    references: Collection[str] | None = None,
    equal: str = "kimg",
    beside: Sequence[str] = (),
    dataset: Callable[[str], Any] = catalogue.dataset,
) -> Path:
    """Write the report on a store, or on `trials` of it, and print the ranked table; return its index.html.

    `evaluations` (training key -> evaluation key) states the protocol, as in `bench.results.frames.load`;
    `paper_numbers` were published by papers, default: those of the store's plans; `references` are keys of
    reference rows, default: the newest of each board; `equal` is the cost in which trials are compared, see
    `reports.equal`; `beside` names files of results to put on the same boards (`bench.results.shipped`), for
    which `dataset` gives data by name. Critics that `bench explain --results` watched for this
    store have pages too. The report names the commands that planned its trials, or `command` where no plan
    is left. Damaged files that are left out are named.

    Raises UsageError where the store is empty or the report cannot be written.
    """
    import pandas as pd

    from gan_bench.bench.results import frames, shipped
    from gan_bench.reports import explain, site, summary
    from gan_bench.reports.terminal import terminal

    def left_out(text: str) -> None:
        console.print(escape(text), style="yellow", highlight=False, soft_wrap=True)

    files = [shipped.read(name) for name in beside]
    found = frames.load(store, trials, evaluations, references, files, left_out, dataset)
    if found.trials.empty:
        raise UsageError(
            f"{store.root} holds no results; `{program()} run --suite NAME --out {store.root}` makes some"
        )
    _say_missing(store, found.trials, console)
    pairs = zip(found.trials["stand_in_for"], found.trials["dataset"], strict=True)
    substitutes = sorted({f"{used} stands in for {named}" for named, used in pairs if isinstance(named, str)})
    watched, unread = explain.load((store.root / "explain").glob("*"))
    for text in (*sentences(store.left_out), *unread):
        left_out(f"Left out: {text}")
    try:
        store.index.save()
    except OSError as error:  # it only saves time
        left_out(f"The index in {store.root / 'index'} cannot be written: {error.strerror or error}")
    title = title or ", ".join(store.titles() or sorted(set(found.trials["suite"])))
    tidy = _tidy(found, equal)
    rows = summary.board_rows(tidy)
    with unwritable(f"cannot write the report to {store.root / 'report'}"):
        page = site.write(
            tidy,
            store.root / "report",
            title=title,
            command="\n".join(store.commands()) or command,
            stand_in="; ".join(substitutes) or None,
            asked=None if trials is None else len(trials) + int(found.trials["origin"].notna().sum()),
            paper_numbers=pd.DataFrame(store.paper_numbers() if paper_numbers is None else paper_numbers),
            references=found.references,
            watched=watched,
            rows=rows,
        )
    console.print(terminal(rows, found.references, width=console.width))
    return page


def frames_of(store: Store, equal: str, beside: Sequence[str], notice: Callable[[str], None]) -> Frames:
    """Return the tidy frames of a store and of the files `beside` it, at equal `equal` cost.

    `notice` receives a sentence for each file of results that does not fit. Raises UsageError for a store
    without results.
    """
    return _tidy(_load(store, beside, notice), equal)


def paper_table(
    store: Store, equal: str, columns: Sequence[str], beside: Sequence[str], notice: Callable[[str], None]
) -> str:
    """Return the boards of a store as LaTeX; arguments as of `frames_of` and `latex_of`."""
    return latex_of(_load(store, beside, notice), equal, columns)


def latex_of(found: Loaded, equal: str = "kimg", columns: Sequence[str] = ()) -> str:
    """Return the boards of loaded frames as LaTeX, with these columns of `reports.paper_table`.

    Raises UsageError for a column that no board has.
    """
    from gan_bench.reports.latex import latex
    from gan_bench.reports.paper_table import paper_tables
    from gan_bench.reports.references import reference_rows

    try:
        tables = paper_tables(_tidy(found, equal), columns, reference_rows(found.references))
    except ValueError as error:
        raise UsageError(f"columns: {error}") from error
    return latex(tables)


def _load(store: Store, beside: Sequence[str], notice: Callable[[str], None]) -> Loaded:
    from gan_bench.bench.results import frames, shipped

    found = frames.load(store, beside=[shipped.read(name) for name in beside], notice=notice)
    if found.trials.empty:
        raise UsageError(
            f"{store.root} holds no results; `{program()} run --suite NAME --out {store.root}` makes some"
        )
    return found


def _tidy(found: Loaded, equal: str) -> Frames:
    from gan_bench.reports.frames import tidy

    return tidy(found.trials, found.scores, found.history, found.metrics, equal)


def _say_missing(store: Store, trials: pd.DataFrame, console: Console) -> None:
    """Say which variants are not registered, so that their pages lack title, equations and source."""
    for variant, variant_trials in trials.groupby("variant", sort=False):
        if catalogue.known("variant", str(variant)):
            continue
        record = store.read(str(variant_trials["trial"].iloc[0]))
        text = sentence([f"variant {variant!r}"], {} if record is None else record.provenance)
        console.print(
            escape(f"{text}; its page has no title, equations or source"),
            style="yellow", highlight=False, soft_wrap=True,
        )  # fmt: skip
