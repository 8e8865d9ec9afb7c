"""SLURM by submitit's local executor, whose jobs are processes of this machine; skipped without submitit."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.executors import Done, Setup, Slurm, Started, parse
from gan_bench.bench.running.places import Place
from gan_bench.bench.running.task import RunContext, Task

needs_submitit = pytest.mark.skipif(
    importlib.util.find_spec("submitit") is None, reason="needs submitit, the extra [slurm]"
)


def test_parameters_are_submitits() -> None:
    assert parse(["slurm_partition=gpu", "timeout_min=60"]) == {"slurm_partition": "gpu", "timeout_min": 60}
    with pytest.raises(UsageError, match="expected NAME=VALUE"):
        parse(["partition"])


@needs_submitit
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [(["cluster=slurm"], "executor slurm"), (["cluster=local", "slurm_partitoin=gpu"], "partitoin")],
)
def test_what_submitit_refuses_is_a_sentence(
    parameters: list[str], sentence: str, suite_file: Path, tmp_path: Path
) -> None:
    trial = plan(load_suite(str(suite_file)), catalogue.dataset, seeds=[0])[0]
    with pytest.raises(UsageError, match=sentence):
        execute(
            [Task("train", Pack((trial,)))], RunContext(tmp_path / "out"), ["cpu"], 1, print, "slurm",
            parameters=parameters,
        )  # fmt: skip


def test_what_sbatch_refuses_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Executor:
        """Of submitit, on a cluster without the partition that is asked for."""

        def __init__(self, folder: Path, cluster: str) -> None: ...

        def update_parameters(self, **parameters: Any) -> None: ...

        def map_array(self, *_: Any) -> None:
            raise RuntimeError("sbatch: error: invalid partition specified: gpu\nsbatch: error: failed\n")

    monkeypatch.setitem(sys.modules, "submitit", SimpleNamespace(AutoExecutor=Executor))
    setup = Setup([Place()], parameters=["slurm_partition=gpu"], folder=tmp_path)
    with (
        Slurm(setup) as executor,
        pytest.raises(UsageError, match="slurm: jobs cannot be submitted: sbatch: error: invalid partition"),
    ):
        executor.execute([print], print)


@needs_submitit
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # submitit leaves the processes of its jobs to the garbage collector
def test_jobs_train_with_the_numbers_of_workers_and_die_alone(suite_file: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "dying.py"
    plugin.write_text(
        "import os\nfrom gan_bench.variants import register\n"
        "from gan_bench.variants.generation.gan import NSGAN\n\n"
        '@register("dying", paper="none", year=2026)\nclass Dying(NSGAN):\n    """Ends its process."""\n\n'
        "    def critic(self, real, fake, hp):\n        os._exit(3)\n"
    )
    trials = plan(load_suite(str(suite_file)), catalogue.dataset, only=["nsgan"], seeds=[0, 1])
    tasks = [Task("train", Pack((trial,))) for trial in (*trials, replace(trials[0], variant="dying"))]
    events: list[Any] = []
    context = RunContext(tmp_path / "slurm", plugins=(plugin,))
    results = execute(
        tasks, context, ["cpu"], 2, events.append, "slurm", parameters=["cluster=local"], limit=2
    )
    status = {result.trial.variant: (result.status, result.error) for result in results}
    assert status == {
        "nsgan": ("finished", None),
        "dying": ("failed", "worker process ended with exit status 3"),
    }
    for kind in (Started, Done):
        assert {event.task for event in events if isinstance(event, kind)} == {0, 1, 2}
    assert not (tmp_path / "slurm" / "slurm").exists()
    execute(tasks[:2], RunContext(tmp_path / "workers"), ["cpu"], 2, print, "workers")
    there, here = Store(tmp_path / "slurm"), Store(tmp_path / "workers")
    for trial in trials:
        weights = "checkpoint.safetensors"
        ours, theirs = (store.folder(trial.key) / weights for store in (here, there))
        assert ours.read_bytes() == theirs.read_bytes()
