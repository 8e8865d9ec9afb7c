"""Hand-written training loops of a source checkout, for comparison with ours."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from gan_bench import bench
from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.graphs import WARM_UP
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.interleave import TimedWork
from gan_bench.bench.speed.timing import Others

Step = Callable[[], None]
FOLDER = Path("tests") / "benchmarks" / "bare"


def others(root: Path | None = None) -> Others:
    """Return a function from trial, dataset and device to the loops of a variant that people write.

    They are named as in `bench.speed.columns.OTHERS`; none for a variant that nobody wrote by hand. The
    function raises UsageError for hyperparameters that a loop does not support.

    Args:
        root: the source checkout; default: the folder that holds this package.

    Raises:
        UsageError: if there is no source checkout.
    """
    root = root or Path(bench.__file__).resolve().parent.parent
    path = root / FOLDER / "__init__.py"
    if not path.is_file():
        raise UsageError(
            f"--against bare needs a source checkout of gan-bench, whose hand-written loops are in {FOLDER}; "
            f"there is none at {root}. Clone the repository and run from there, or leave --against out"
        )
    module = _load(path)

    def loops(trial: Trial, data: Any, device: str) -> dict[str, TimedWork]:
        if trial.variant not in module.LOOPS:
            return {}

        def step(classic: bool = False) -> Step:
            made: Step = module.loop(
                trial.variant, data, trial.network, trial.hyperparameters, device, classic
            )
            return made

        try:
            works = {"bare": _repeated(step()), "classic": _repeated(step(classic=True))}
        except module.Unknown as error:
            raise UsageError(f"--against bare: {trial.variant}: {error}") from None
        if is_gpu(device):
            works["bare_captured"] = _captured(step(), device)
        return works

    return loops


def _repeated(step: Step) -> TimedWork:
    def run(count: int) -> None:
        for _ in range(count):
            step()

    return TimedWork(run)


def _captured(step: Step, device: str) -> TimedWork:
    """Return a step that was recorded as a CUDA graph, after a few ordinary ones on another stream."""
    with torch.cuda.device(device):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
    return _repeated(graph.replay)


def _load(path: Path) -> ModuleType:
    """Return the package whose `__init__.py` is there, which need not be on Python's path."""
    folder = [str(path.parent)]
    spec = importlib.util.spec_from_file_location("bare_loops", path, submodule_search_locations=folder)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
