"""Real Ray clusters of several machines (raylets) on loopback; skipped where Ray is not installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.executors import Done, Progressed, Said
from gan_bench.bench.running.executors.cluster import ALONE, QUIET
from gan_bench.bench.running.task import RunContext, Task

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray, the extra [ray]"),
    pytest.mark.filterwarnings("ignore"),  # Ray leaves sockets to the garbage collector
]
NOTICED = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 500,
    "health_check_failure_threshold": 3,
}
"""Settings with which a machine that died is noticed after two seconds in place of fifteen."""
MACHINE = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "object_store_memory": 80 * 2**20}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without processors and three machines of one each."""
    for name, value in (ALONE | QUIET).items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # short: it holds sockets
    Path("/tmp/ray").mkdir(exist_ok=True)  # Ray writes the address of the cluster there, on a new machine too
    head = {**MACHINE, "num_cpus": 0, "include_dashboard": False, "temp_dir": folder}
    made = Cluster(initialize_head=True, head_node_args={**head, "_system_config": NOTICED})
    try:
        yield made
    finally:
        made.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def trials(suite_file: Path) -> list[Trial]:
    planned = plan(
        load_suite(str(suite_file)), catalogue.dataset, only=["nsgan"], seeds=[*range(6)], profile="paper"
    )
    return [replace(trial, kimg=48.0, points=(24.0, 48.0)) for trial in planned]


def measured(store: Store, key: str) -> list[dict[str, Any]]:
    (evaluation,) = store.evaluations(key)
    return [{**row, "seconds": 0} for row in evaluation.rows]


def test_a_machine_dies_and_all_trials_finish_with_the_numbers_of_workers(
    cluster: Any, trials: list[Trial], tmp_path: Path
) -> None:
    machines = [cluster.add_node(**MACHINE) for _ in range(3)]
    tasks = [Task("train", Pack((trial,))) for trial in trials]
    events: list[Any] = []

    def follow(event: Any) -> None:
        if isinstance(event, Progressed) and len(machines) == 3:
            cluster.remove_node(machines.pop(), allow_graceful=False)
        events.append(event)

    results = execute(tasks, RunContext(tmp_path / "ray"), ["cpu"], 2, follow, "ray", address=cluster.address)
    assert [result.status for result in results] == ["finished"] * len(trials)
    assert len(machines) == 2
    assert any("the machine was lost" in event.text for event in events if isinstance(event, Said))
    assert sum(isinstance(event, Done) for event in events) == len(tasks)
    execute(tasks, RunContext(tmp_path / "workers"), ["cpu"], 2, lambda _: None, "workers")
    over, here = Store(tmp_path / "ray"), Store(tmp_path / "workers")
    assert over.look_through(deep=True) == {}
    for trial in trials:
        assert measured(over, trial.key) == measured(here, trial.key)
        weights = "checkpoint.safetensors"
        assert (over.folder(trial.key) / weights).read_bytes() == (
            here.folder(trial.key) / weights
        ).read_bytes()
        record = over.read(trial.key)
        assert record is not None
        assert record.provenance["threads"] == 1
        assert record.provenance["node"] == os.uname().nodename
    assert list((tmp_path / "ray" / "leases").iterdir()) == []


def test_a_machine_that_joins_is_used_and_a_process_that_dies_costs_its_trial(
    cluster: Any, trials: list[Trial], tmp_path: Path
) -> None:
    plugin = tmp_path / "dying.py"
    plugin.write_text(
        "import os\nfrom gan_bench.variants import register\n"
        "from gan_bench.variants.generation.gan import NSGAN\n\n"
        '@register("dying", paper="none", year=2026)\nclass Dying(NSGAN):\n    """Ends its process."""\n\n'
        "    def critic(self, real, fake, hp):\n        os._exit(3)\n"
    )
    broken = replace(trials[0], variant="dying")
    tasks = [Task("train", Pack((trial,))) for trial in (broken, *trials[1:3])]
    cluster.add_node(**MACHINE)
    grown = False

    def follow(event: Any) -> None:
        nonlocal grown
        if not grown and isinstance(event, Done):
            grown = bool(cluster.add_node(**MACHINE))

    context = RunContext(tmp_path / "out", plugins=(plugin,))
    results = execute(tasks, context, ["cpu"], 2, follow, "ray", address=cluster.address)
    status = {result.trial.key: (result.status, result.error) for result in results}
    assert status[broken.key][0] == "failed"
    assert (status[broken.key][1] or "").endswith("worker process ended with exit status 3")
    assert [status[trial.key][0] for trial in trials[1:3]] == ["finished"] * 2


def children(of: int) -> list[str]:
    """The command lines of processes that descend from one."""
    found, parents = [], {of}
    table = [line.split(None, 2) for line in subprocess.check_output(
        ["ps", "-eo", "pid=,ppid=,args="], text=True).splitlines()]  # fmt: skip
    while more := {int(pid) for pid, parent, _ in table if int(parent) in parents} - parents:
        parents |= more
        found += [args for pid, _, args in table if int(pid) in more]
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_local_cluster_and_leaves_no_file(suite_file: Path, tmp_path: Path, how: int) -> None:
    suite_file.write_text(suite_file.read_text().replace("kimg = 0.32", "kimg = 1e6"))
    scratch = Path("/tmp") / f"gb{os.getpid()}"  # short, for the names of sockets
    scratch.mkdir()
    command = [sys.executable, "-m", "bench", "run", "--suite", str(suite_file), "--executor", "ray"]
    command += ["--jobs", "1", "--out", str(tmp_path / "out")]
    try:
        with subprocess.Popen(
            command, env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        ) as process:  # fmt: skip
            deadline = time.monotonic() + 240
            while not list(tmp_path.glob("out/leases/*.json")) and time.monotonic() < deadline:
                time.sleep(0.5)
            time.sleep(5)
            below = children(process.pid)
            assert any("raylet" in args for args in below)
            os.kill(process.pid, how)
            out, _ = process.communicate(timeout=60)
        assert process.returncode == 130, out
        assert "Resume with" in out
        assert list(scratch.iterdir()) == []
        assert list(Store(tmp_path / "out")) == []
        time.sleep(2)
        alive = subprocess.check_output(["ps", "-eo", "args="], text=True)
        assert str(scratch) not in alive
    finally:
        subprocess.run(["rm", "-rf", str(scratch)], check=True)
