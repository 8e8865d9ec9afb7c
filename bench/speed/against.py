"""Hand-written training loops of a source checkout, for comparison with ours."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from gan_bench import bench
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.interleave import TimedWork
from gan_bench.bench.speed.timing import Bare

FILE = Path("tests") / "benchmarks" / "bare.py"


def bare_loops(root: Path | None = None) -> Bare:
    """Return a function from trial, dataset and device to the variant's hand-written loop, or None.

    The function raises UsageError for hyperparameters that a loop does not support.

    Args:
        root: the source checkout; default: the folder that holds this package.

    Raises:
        UsageError: if there is no source checkout.
    """
    root = root or Path(bench.__file__).resolve().parent.parent
    path = root / FILE
    if not path.is_file():
        raise UsageError(
            f"--against bare needs a source checkout of gan-bench, whose hand-written loops are in {FILE}; "
            f"there is none at {root}. Clone the repository and run from there, or leave --against out"
        )
    module = _load(path)

    def bare(trial: Trial, data: Any, device: str) -> TimedWork | None:
        if trial.variant not in module.LOOPS:
            return None
        try:
            step = module.loop(trial.variant, data, trial.network, trial.hyperparameters, device)
        except module.Unknown as error:
            raise UsageError(f"--against bare: {trial.variant}: {error}") from None

        def run(count: int) -> None:
            for _ in range(count):
                step()

        return TimedWork(run)

    return bare


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bare_loops", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
