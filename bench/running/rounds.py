"""Several runs into one store, one after the other, as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from rich.console import Console

from gan_bench.bench.running.lines import say
from gan_bench.bench.running.planned import PlannedRun
from gan_bench.bench.running.request import Request
from gan_bench.bench.running.session import carry_out
from gan_bench.names import counted


def fill(
    requests: Sequence[Request],
    console: Console,
    seconds: float | None = None,
    kept: Collection[str] = frozenset(),
) -> int:
    """Train and measure what requests lack, without reports; return the exit status.

    All are planned before the first is begun, so a request that cannot be done is refused at once.

    Args:
        requests: in the order in which they are done.
        console: where the progress goes.
        seconds: none is begun after this time; None: no limit.
        kept: keys of trials that need no training.

    Returns:
        0, 1 where trials failed, 130 when interrupted; also 0 where the time was too short for all.

    Raises:
        UsageError: for what cannot be done.
    """
    begun, worst = time.monotonic(), 0
    for request in {(each.suite, each.budget): each for each in requests}.values():
        PlannedRun.of(request, console)
    for number, request in enumerate(requests):
        if seconds is not None and time.monotonic() - begun > seconds:
            say(
                console,
                f"Time is up: {len(requests) - number} of {counted(len(requests), 'part')} left to do.",
            )
            break
        status = carry_out(request, console, report=False, kept=kept).status
        if status == 130:
            return status
        worst = max(worst, status)
    return worst


def rest(requests: Sequence[Request], kept: Collection[str], console: Console) -> list[Request]:
    """Return the requests of which some trial is not kept.

    Their variants stay as they are: a request for all variants that names them instead would be refused
    where one of several datasets does not fit one, and would replace profiles that are lacking.

    Args:
        requests: of what is wanted.
        kept: keys of trials that need no training.
        console: where notices of the planning go.

    Raises:
        UsageError: for what cannot be done.
    """
    return [
        request
        for request in requests
        if any(trial.key not in kept for trial in PlannedRun.of(request, console).trials)
    ]
