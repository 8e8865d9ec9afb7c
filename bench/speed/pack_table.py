"""Times of packs as rows of the table from which planning takes sizes and ways of packs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gan_bench.bench.common.files import check_file, unwritable, write
from gan_bench.bench.planning import pack_table
from gan_bench.bench.planning.pack_table import Timing, Way
from gan_bench.bench.planning.rehearsals import rehearsal_of
from gan_bench.bench.speed.workload import Workload

HEADING = """\
# Milliseconds of one iteration of packs: way -> replicas -> milliseconds of all of them. Planning divides
# trials into packs by them: a change of this file changes the packs of later runs, and last bits of results.
# `python -m bench speed --table FILE` measures rows of this machine anew.
"""


def rows(frame: pd.DataFrame, workloads: Sequence[Workload], way: Way, device: str) -> list[Timing]:
    """Return a timing per workload and variant of a frame of `bench.speed.timing`.

    Times of packs are the least time of one replica, which other programs can only prolong, divided by the
    median gain: gains are measured in turns, so a pace that changes between rounds does not change them.
    """
    first = frame.iloc[0]
    found = []
    for workload in workloads:
        for trial in workload.trials:
            rehearsal = rehearsal_of(trial.variant, trial.network, trial.hyperparameters, workload.data)
            of = frame[(frame["workload"] == workload.name) & (frame["variant"] == trial.variant)]
            gains = of.groupby("replicas")["pack_gain"].median()
            alone = of[of["replicas"] == 1]["milliseconds_per_iteration"].min()
            found.append(
                Timing(
                    device=device,
                    torch=first["torch"].partition("+")[0],
                    date=first["date"][:10],
                    source=f"bench speed on {first['host'] if device == 'cpu' else first['device']}",
                    workload=workload.name,
                    variant=trial.variant,
                    family=trial.network["family"],
                    work=rehearsal.work,
                    milliseconds={
                        way: {int(k): float(f"{alone * k / gain:.3g}") for k, gain in gains.items()}
                    },
                )
            )
    return found


def merged(old: Sequence[Timing], new: Sequence[Timing]) -> list[Timing]:
    """Return old rows with new ones; ways that a new row has replace those of an old row of its place."""
    known = {(t.device, t.workload, t.variant): t for t in old}
    for timing in new:
        place = (timing.device, timing.workload, timing.variant)
        ways = {**(known[place].milliseconds if place in known else {}), **timing.milliseconds}
        known[place] = timing.model_copy(update={"milliseconds": ways})
    return [known[place] for place in sorted(known)]


def earlier(path: Path | None) -> Sequence[Timing]:
    """Return the rows that a file has, which need not exist.

    Raises:
        UsageError: for a file that is no table of packs, or a folder that is not there.
    """
    if path is None:
        return ()
    check_file(path, f"--table {path}")
    return pack_table.read(path) if path.exists() else ()


def write_table(path: Path, timings: Sequence[Timing]) -> None:
    """Write rows into a file, in place of those that it has; raise UsageError where that is impossible."""
    with unwritable(f"cannot write {path}"):
        write(path, HEADING + "".join(map(_toml, timings)))


def _toml(timing: Timing) -> str:
    texts = timing.model_dump(exclude={"milliseconds"})
    lines = [f"{name} = {json.dumps(value)}" for name, value in texts.items()]
    for way, times in timing.milliseconds.items():
        values = ", ".join(f"{size} = {value:g}" for size, value in sorted(times.items()))
        lines.append(f"milliseconds.{way} = {{ {values} }}")
    return "\n[[timings]]\n" + "\n".join(lines) + "\n"
