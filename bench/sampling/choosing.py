"""A trial by its place among the seeds of a variant: RESULTS:VARIANT:best."""

from __future__ import annotations

from pathlib import Path

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.reports.frames import board_title, tidy
from gan_bench.reports.rankings import seeds_in_order

PLACES = ("best", "median", "worst")
"""Places among the trials of a variant, by the metric that ranks its leaderboard."""


def chosen(record: str) -> tuple[Store, str] | None:
    """Return the store and the key that `FOLDER:VARIANT` or `FOLDER:VARIANT:PLACE` names; None for others.

    The place is `best` by default, among the finished trials of the variant by their final scores on the test
    split; `median` is the better one of the two in the middle.

    Raises:
        UsageError: for an unknown variant or place, trials on several leaderboards, or none with a score.
    """
    folder, _, rest = record.partition(":")
    if not rest or not Path(folder).is_dir():
        return None
    variant, _, place = rest.partition(":")
    place = place or PLACES[0]
    check_name("place", place, PLACES, record)
    store = Store(Path(folder))
    store.look_through()
    found = frames.load(store)
    check_name("variant", variant, tuple(dict.fromkeys(found.trials["variant"])), folder)
    boards = [
        (board_title(key), order)
        for key, board in tidy(found.trials, found.scores, metrics=found.metrics).boards()
        if len(order := seeds_in_order(board, variant))
    ]
    if not boards:
        raise UsageError(f"{record}: no trial of {variant} has finished with a score that ranks it")
    if len(boards) > 1:
        titles = "; ".join(title for title, _ in boards)
        raise UsageError(
            f"{record}: {folder} has {variant} on {len(boards)} leaderboards ({titles}); expected the folder"
            " of a trial"
        )
    ((_, order),) = boards
    return store, order[{"best": 0, "median": (len(order) - 1) // 2, "worst": -1}[place]]
