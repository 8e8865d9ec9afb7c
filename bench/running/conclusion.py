"""The end of a run: failures, stand-ins and damaged files, said to the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results import damage
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.task import Result
from gan_bench.names import counted


def conclude(
    results: Iterable[Result], trials: Iterable[Trial], store: Store, console: Console, verbose: bool
) -> int:
    """Print notices and the errors of failed trials, each once, and the trials that have no record.

    Returns the exit status: 0 where every trial that was asked for has a record and none failed, else 1.

    Args:
        results: of all tasks of the run.
        trials: all that were asked for.
        store: that holds their records.
        console: where to print.
        verbose: also print the traceback of the first failure.
    """
    results = list(results)
    for notice, count in Counter(notice for result in results for notice in result.notices).items():
        say(console, f"{counted(count, 'trial')} {notice}", "yellow")
    absent = _without_record(trials, store)
    for text in absent:
        say(console, text, "red")
    failed = [result for result in results if result.status == "failed"]
    for error, count in Counter(result.error for result in failed).items():
        say(console, f"{counted(count, 'trial')} failed: {error}", "red")
    if not failed:
        return 1 if absent else 0
    again = "the next run tries failed trials again"
    records = (store.read(result.trial.key) for result in failed)
    if (record := next((one for one in records if one is not None and one.traceback), None)) is None:
        say(console, f"{again.capitalize()}.")  # a process that ended, a measurement, a record not written
        return 1
    path = store.folder(record.trial.key) / "record.json"
    say(console, f"The whole traceback is in {path}; {again}.")
    if verbose and record.traceback:
        say(console, record.traceback)
    return 1


def _without_record(trials: Iterable[Trial], store: Store) -> list[str]:
    """Return a sentence for each trial without a record that can be read, `damage.MOST` at most."""
    titles = {trial.key: trial.title for trial in trials}
    found = {
        store.folder(key): f"{titles[key]}: no record is left of it ({why}); the next run trains it again"
        for key, why in store.problems(titles).items()
    }
    return damage.sentences(found)


def say_stand_ins(trials: Iterable[Trial], console: Console) -> None:
    """Say which datasets are not those that were asked for."""
    for asked, used in {(t.stand_in_for, t.data_name) for t in trials if t.stand_in_for}:
        text = f"{asked} could not be reached: {used} stands in for it. These are not results on {asked}."
        say(console, text, "bold yellow")


def set_aside(store: Store, console: Console) -> None:
    """Move what is damaged out of the way and say so; its trials have no record then."""
    damaged, folder = damage.sentences(store.left_out), store.set_aside()
    for text in damaged:
        say(console, f"{text}; set aside in {folder}", "yellow")
