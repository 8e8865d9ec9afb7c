"""The end of a run: failures, stand-ins and damaged files, said to the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console

from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.damage import sentences
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.task import Result


def conclude(results: Iterable[Result], store: Store, console: Console, verbose: bool) -> int:
    """Print the errors of failed trials, each once; return the exit status: 1 where there are any, else 0.

    Args:
        results: of all tasks of the run.
        store: that holds their records.
        console: where to print.
        verbose: also print the traceback of the first failure.
    """
    failed = [result for result in results if result.status == "failed"]
    for error, count in Counter(result.error for result in failed).items():
        say(console, f"{count} trial{'s' if count > 1 else ''} failed: {error}", "red")
    if not failed:
        return 0
    key = failed[0].trial.key
    path = store.folder(key) / "record.json"
    say(console, f"The whole traceback is in {path}; the next run tries failed trials again.")
    record = store.read(key)
    if verbose and record is not None and record.traceback:
        say(console, record.traceback)
    return 1


def say_stand_ins(trials: Iterable[Trial], console: Console) -> None:
    """Say which datasets are not those that were asked for."""
    for asked, used in {(t.stand_in_for, t.data_name) for t in trials if t.stand_in_for}:
        text = f"{asked} could not be reached: {used} stands in for it. These are not results on {asked}."
        say(console, text, "bold yellow")


def set_aside(store: Store, console: Console) -> None:
    """Move what is damaged out of the way and say so; its trials have no record then."""
    damaged, folder = sentences(store.left_out), store.set_aside()
    for text in damaged:
        say(console, f"{text}; set aside in {folder}", "yellow")
