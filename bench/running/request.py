"""The request of one `run`: its fields are the command's options."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.options import (
    Architecture,
    Beside,
    Changes,
    Dataset,
    Equal,
    Grey,
    Inception,
    Plugins,
    Size,
    Text,
    check_device,
    choice,
    inception_source,
    nonempty,
    parse_names,
    parse_pack,
    parse_seeds,
)
from gan_bench.bench.planning.ranges import check_ranges
from gan_bench.bench.planning.suite import MOST_KIMG
from gan_bench.bench.running import executors, loggers

SUITE = "A suite by name (see `list suites`), or your own .toml file."
BUDGET = "A budget of the suite: smoke, quick, gate (for `compare`) or full."
VARIANTS = "Only these, separated by commas: names or compositions; or all."
KIMG = "Thousands of samples to train for. Default: the budget's. What was trained for less continues."
DTYPE = "float32, float64, or tf32 (CUDA) or bfloat16 (matrix products only). Default: the suite's."
COMPILE = "Compiled training: on, off, auto (where it pays). Default: the suite's."
EXECUTOR = "workers (processes), inline (this process, for debuggers), ray or slurm. Default: workers."
TIMEOUT = "Seconds after which a worker's pack that still trains has failed. Default: no limit."
RAY_ADDRESS = "An existing Ray cluster, HOST:PORT or auto. Default: a local one for the run."
SLURM = "A parameter of SLURM jobs by submitit's name, slurm_partition=gpu for instance; repeatable."
PROFILES = "Searched profiles that `tune -o` wrote; they precede those of the package."
LOG = "Also for a program that shows experiments: tensorboard, mlflow or wandb (offline); repeatable."
DATA_DIR = "A folder of image data in torchvision's layout, only read; repeatable."


@dataclass(frozen=True)
class Request:
    """A suite to run, and changes of it. Raises UsageError for options that contradict each other."""

    suite: Annotated[str, typer.Option(help=SUITE)]
    command: str
    """The command that does this again, without --fresh: an interrupted run is resumed with it."""
    budget: Annotated[str, typer.Option(help=BUDGET)] = "quick"
    variants: Annotated[tuple[str, ...] | None, Text(parse_names), typer.Option(help=VARIANTS)] = None
    seeds: Annotated[
        tuple[int, ...] | None,
        Text(parse_seeds),
        typer.Option(help="A count (5), a list (0,1,7) or a range (0-4)."),
    ] = None
    profile: Annotated[
        str | None,
        Text(nonempty),
        typer.Option(help="Hyperparameters: tuned, paper, default. Default: the suite's."),
    ] = None
    profiles: Annotated[Path | None, typer.Option(metavar="FILE", help=PROFILES)] = None
    dataset: Dataset = None
    size: Size = None
    grey: Grey = False
    architecture: Architecture = None
    kimg: Annotated[float | None, typer.Option(help=KIMG)] = None
    changes: Changes = ()
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Packs that train at a time (on CUDA: per GPU). Default: cores; 1."),
    ] = None
    executor: Annotated[
        str | None, choice("--executor", *executors.EXECUTORS), typer.Option(help=EXECUTOR)
    ] = None
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help=TIMEOUT)] = None
    ray_address: Annotated[str | None, Text(nonempty), typer.Option(help=RAY_ADDRESS)] = None
    slurm: Annotated[tuple[str, ...], typer.Option(metavar="NAME=VALUE", help=SLURM)] = ()
    pack: Annotated[
        int | str | None,
        Text(parse_pack),
        typer.Option(help="Trials per pack: a number, or auto. Default: the suite's."),
    ] = None
    compile: Annotated[
        str | None, choice("--compile", "auto", "on", "off"), typer.Option("--compile", help=COMPILE)
    ] = None
    dtype: Annotated[
        str | None, choice("--dtype", "float32", "float64", "tf32", "bfloat16"), typer.Option(help=DTYPE)
    ] = None
    device: Annotated[str, typer.Option(help="auto, cpu, cuda (all GPUs) or cuda:1 (one).")] = "auto"
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Default: results/SUITE-BUDGET.")] = None
    data_dirs: Annotated[tuple[Path, ...], typer.Option("--data-dir", help=DATA_DIR)] = ()
    require_dataset: Annotated[
        bool, typer.Option("--require-dataset", help="Fail rather than use a stand-in.")
    ] = False
    inception: Inception = None
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Archive this suite's earlier trials; start anew.")
    ] = False
    plugins: Plugins = ()
    equal: Equal = None
    beside: Beside = ()
    log: Annotated[tuple[str, ...], typer.Option(metavar="LOGGER", help=LOG)] = ()
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and its cost; do nothing.")] = (
        False
    )
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the traceback of the first failure.")] = (
        False
    )

    def __post_init__(self) -> None:
        check_ranges(self)
        inception_source(self.inception)
        if self.dataset is None and (self.size or self.grey):
            raise UsageError("--size and --grey are for own images, as in --dataset images:FOLDER")
        if self.kimg is not None and not 0 < self.kimg <= MOST_KIMG:
            raise UsageError(
                f"--kimg {self.kimg:g}: expected thousands of samples, above 0 and up to {MOST_KIMG:g}"
            )
        check_device(self.device)
        loggers.check(self.log)
        self._check_executor()

    def _check_executor(self) -> None:
        for option, given, executor in (
            ("--ray-address", self.ray_address, "ray"),
            ("--slurm", self.slurm, "slurm"),
        ):
            if given and self.executor != executor:
                raise UsageError(f"{option} changes nothing without --executor {executor}")
        if self.timeout is not None and not 0 < self.timeout < math.inf:
            raise UsageError(f"--timeout {self.timeout:g}: expected a number of seconds above 0")
        if self.timeout is not None and self.executor == "inline":
            raise UsageError("--timeout ends worker processes; --executor inline has none")
        if self.executor == "inline" and self.jobs not in (None, 1):
            raise UsageError(f"--executor inline does one task at a time; --jobs {self.jobs} needs workers")
        if self.executor is not None:
            executors.check(self.executor)
        executors.parse(self.slurm)
        executors.check_address(self.ray_address)

    @property
    def cluster(self) -> dict[str, Any]:
        """Fields of `executors.Setup` that choose a cluster and its jobs."""
        return {"address": self.ray_address, "parameters": self.slurm}
