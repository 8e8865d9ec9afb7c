"""Several runs that fill one folder of results: each does what no other does, then waits for the rest."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results import leases
from gan_bench.bench.running.lines import say
from gan_bench.bench.running.task import Result, Task

LOOKS = 1.0
"""Seconds between two looks at the leases of other runs."""


def share(
    tasks: Sequence[Task],
    execute: Callable[[Sequence[Task]], list[Result]],
    left: Callable[[list[Pack]], list[Task]],
    results: Path,
    console: Console,
) -> list[Result]:
    """Do tasks, wait for those that other runs are doing, and do what these leave undone.

    Args:
        tasks: the tasks.
        execute: does tasks and returns the results of their trials, `elsewhere` for those of other runs.
        left: returns the tasks that are left of packs.
        results: the folder.
        console: where to say who has the others.

    Returns:
        The results of the trials that this run did.
    """
    done: list[Result] = []
    while tasks:
        found = execute(tasks)
        done += [result for result in found if result.status != "elsewhere"]
        theirs = [result for result in found if result.status == "elsewhere"]
        _say(theirs, console)
        keys = {result.trial.key for result in theirs}
        packs = [task.pack for task in tasks if any(trial.key in keys for trial in task.pack.trials)]
        while packs and all(leases.held(results, pack.id) for pack in packs):
            time.sleep(LOOKS)
        tasks = left(packs)
    return done


def _say(theirs: Sequence[Result], console: Console) -> None:
    """Say how many trials other runs are training, and which."""
    for who, count in Counter(result.error for result in theirs if result.error).items():
        say(console, f"Waiting for {who}, which has {count} of these trials in the same folder.")
