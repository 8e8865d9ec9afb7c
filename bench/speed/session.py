"""The command `speed`: choose workloads, time them, show the tables, write rows and plots."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.devices import choose_device
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import make_folder, now, unwritable, write
from gan_bench.bench.common.interrupt import interruptible
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.common.printing import draws_bars
from gan_bench.bench.common.provenance import device_kind
from gan_bench.bench.engine.compiled import compilation_error
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.results import colours
from gan_bench.bench.speed import memory
from gan_bench.bench.speed.against import others
from gan_bench.bench.speed.machine import host
from gan_bench.bench.speed.pack_table import earlier, merged, rows, write_table
from gan_bench.bench.speed.request import Request
from gan_bench.bench.speed.table import tables
from gan_bench.bench.speed.timing import Others, TimingOptions, time_workload
from gan_bench.bench.speed.workload import DEFAULT, Workload, workloads
from gan_bench.reports import plots
from gan_bench.reports.colours import apart, looks

MIB = 2**20


def speed(request: Request, console: Console) -> int:
    """Measure and write the results; return the exit status: 0, or 130 if interrupted (nothing is written).

    Raises:
        UsageError: for impossible options, before the first measurement.
    """
    try:
        with interruptible(), numerics():
            _speed(request, console)
    except KeyboardInterrupt:
        console.print("\nStopped: nothing was written.")
        return 130
    return 0


def _speed(request: Request, console: Console) -> None:
    load_plugins(request.plugins)
    device = choose_device(request.device)
    loops = _others(request.against)
    if request.compile and (why := compilation_error()) is not None:
        raise UsageError(f"--compile on: the compiler does not work on this machine: {why}")
    roots = tuple(path.resolve() for path in request.data_dirs)
    chosen = workloads(
        load_suite(request.suite or str(DEFAULT)),
        functools.cache(lambda name: catalogue.dataset(name, roots=roots)),
        reference=request.reference,
        variants=request.variants,
        dataset=request.dataset,
        architecture=request.architecture,
        profile=request.profile,
        changes=request.changes,
    )
    make_folder(request.out, "--out")
    timings = earlier(request.table)
    for name, substitute in {(w.data.stand_in_for, w.data.name) for w in chosen if w.data.stand_in_for}:
        text = f"{name} could not be found or downloaded; {substitute} is used instead."
        console.print(escape(text), style="bold yellow")
    options = TimingOptions(
        packs=request.packs,
        rounds=request.rounds,
        seconds=request.seconds,
        device=device,
        way=request.calculated,
        others=loops,
    )
    with console.status("") as status:

        def say(text: str) -> None:
            status.update(escape(text))
            if not draws_bars(console):
                console.print(escape(text), highlight=False, soft_wrap=True)

        frames = [time_workload(workload, options, say) for workload in chosen]
        say("peak memory")
        sizes = _memory(chosen, options, roots, tuple(path.resolve() for path in request.plugins))
    frame = pd.concat(frames, ignore_index=True).merge(sizes, on=["workload", "variant", "replicas"])
    processor, model = host(device)
    facts = {
        "date": now(),
        "host": processor,
        "device": model,
        "torch": torch.__version__,
        "way": request.calculated,
    }
    frame = pd.concat([pd.DataFrame(facts, index=frame.index), frame], axis=1)
    console.print(tables(frame))
    with unwritable(f"cannot write results to {request.out}"):
        files = _write(frame, request.out)
    for path in files:
        console.print(escape(f"Written: {path}"), highlight=False, soft_wrap=True)
    if request.table is not None:
        new = rows(frame, chosen, request.calculated, device_kind(device))
        write_table(request.table, merged(timings, new))


def _others(against: str | None) -> Others:
    if against is None:
        return lambda *_: {}
    if against != "bare":
        raise UsageError(f"--against {against}: expected 'bare', the hand-written loops")
    return others()


def _memory(
    chosen: Sequence[Workload], options: TimingOptions, roots: tuple[Path, ...], plugins: tuple[Path, ...]
) -> pd.DataFrame:
    """Return a frame with the columns workload, variant, replicas and peak_memory_mib.

    NaN for compiled programs on a CPU: the process would grow mostly by the compiler's own memory.
    """
    cases = [(w, trial, size) for w in chosen for trial in w.trials for size in options.packs]
    if options.device.startswith("cuda"):
        how = (options.device, options.way)
        peaks = [float(memory.on_gpu(trial, w.data, size, *how)) for w, trial, size in cases]
    elif options.way == "compiled":
        peaks = [math.nan] * len(cases)
    else:
        peaks = list(memory.on_cpu([(trial, size) for _, trial, size in cases], roots, plugins))
    rows = [
        (w.name, trial.variant, size, peak / MIB) for (w, trial, size), peak in zip(cases, peaks, strict=True)
    ]
    return pd.DataFrame(rows, columns=["workload", "variant", "replicas", "peak_memory_mib"])


def _write(frame: pd.DataFrame, out: Path) -> list[Path]:
    """Write `speed.csv` with every row, and each plot with a file of its numbers; return the paths."""
    files = [out / "speed.csv"]
    write(files[0], frame.to_csv(index=False))
    first = frame.iloc[0]
    context = f"{first['device']}, {first['host']} · torch {first['torch']} · {first['date'][:10]}"
    numbers = apart({name: colours.number(name) for name in frame["variant"].unique()})
    with plots.rc():
        for plot in plots.speed_plots(frame, looks(numbers), context):
            image, data = out / f"{plot.name}.svg", out / f"{plot.name}.csv"
            write(image, plot.image)
            write(data, plot.data.to_csv(index=False))
            files += [image, data]
    return files
