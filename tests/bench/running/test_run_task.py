"""Tasks in processes of their own: plug-ins, numerics, failures and deaths."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.common.machine import settings
from gan_bench.bench.common.provenance import provenance
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import attempts, process
from gan_bench.bench.running.executing import execute
from gan_bench.bench.running.executors import Done, Said, Started
from gan_bench.bench.running.process import run_task
from gan_bench.bench.running.task import RunContext, Task
from tests.bench.conftest import FakeEngine
from tests.toys import garbage

TRIAL_FACTS = ("pack", "profiles", "started", "finished", "continued_at", "continued_from_kimg", *settings())
"""Facts that differ by record, or between the process that trained and the one that records its death."""


PLUGIN = '''
import multiprocessing, os, signal
from gan_bench.variants import register
from gan_bench.variants.generation.gan import NSGAN

class Broken(NSGAN):
    """Fails in the way its learning rate says."""

    def critic(self, real, fake, hp):
        if multiprocessing.parent_process():  # a worker: planning has no such accident
            self.fail()
        return super().critic(real, fake, hp)

@register("plugin-raises", paper="none", year=2026)
class Raises(Broken):
    """Raises."""
    def fail(self):
        raise RuntimeError("a bug of the plug-in")

@register("plugin-dies", paper="none", year=2026)
class Dies(Broken):
    """Ends its process as the kernel does when memory runs out."""
    def fail(self):
        os.kill(os.getpid(), signal.SIGKILL)
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Path]:
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.variants import registry

    path = tmp_path / "mine.py"
    path.write_text(PLUGIN)
    with registry.VARIANTS.restored():
        load_plugins([path])
        yield path


def test_inline_tells_what_it_does(engine: FakeEngine, trial: Trial, tmp_path: Path) -> None:
    events: list[Any] = []
    execute([Task("train", Pack((trial,)))], RunContext(tmp_path), ["cpu"], 1, events.append, "inline")
    # The data of this trial have another hash than the ring's: the task fails, the executor does not.
    assert [type(event) for event in events] == [Started, Done]
    assert "changed since the run was planned" in events[1].results[0].error


@pytest.mark.slow
@pytest.mark.sample
def test_workers_train_fail_and_die_and_the_rest_goes_on(
    suite: Suite, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_bench.bench.planning import catalogue

    monkeypatch.setattr(attempts, "TRIES", 2)
    monkeypatch.setattr(attempts, "ended_for_memory", lambda: 0)

    names = ["plugin-dies", "plugin-raises", "nsgan", "lsgan"]
    trials = plan(suite, catalogue.dataset, only=names, seeds=[0], profile="paper")
    tasks = [Task("train", Pack((trial,))) for trial in trials]
    events: list[Any] = []
    context = RunContext(tmp_path / "out", plugins=(plugin,))
    returned = execute(tasks, context, ["cpu"], 2, events.append)
    assert multiprocessing.active_children() == []
    results = {result.trial.variant: result for e in events if isinstance(e, Done) for result in e.results}
    assert sorted(returned, key=str) == sorted(results.values(), key=str)
    assert {name: results[name].status for name in names} == {
        "plugin-dies": "failed",
        "plugin-raises": "failed",
        "nsgan": "finished",
        "lsgan": "finished",
    }
    assert (
        results["plugin-dies"].error
        == "worker process killed by SIGKILL (out of memory, or ended from outside)"
    )
    said = [event.text for event in events if isinstance(event, Said)]
    cause = "worker process killed by SIGKILL (out of memory, or ended from outside); tried again"
    assert said == [f"{trials[0].title}: {cause}"]
    store = Store(tmp_path / "out")
    store.sweep()
    records = {r.trial.variant: r for key in store if (r := store.read(key))}
    where = f"plug-in {plugin}, line 18: "
    assert records["plugin-raises"].error == f"{where}RuntimeError: a bug of the plug-in"
    assert "mine.py" in (records["plugin-raises"].traceback or "")
    assert records["plugin-dies"].status == "failed"
    # Each process finds out by itself what a record states of it, and all state the same.
    stated = [
        {name: fact for name, fact in record.provenance.items() if name not in TRIAL_FACTS}
        for record in records.values()
    ]
    fixed = provenance("cpu", (plugin,))
    assert stated == [{name: fact for name, fact in fixed.items() if name not in TRIAL_FACTS}] * len(names)
    trained = records["nsgan"].provenance
    assert (trained["threads"], trained["flush_denormal"]) == (1, True)
    assert all(path.name[0] != "." for path in store.trials.iterdir())

    # In-process, the same trial gives the same numbers to the last bit.
    execute(tasks[2:3], RunContext(tmp_path / "inline"), ["cpu"], 1, lambda event: None, "inline")
    again = Store(tmp_path / "inline")
    key = trials[2].key
    for mine, other in zip(again.evaluations(key)[0].rows, store.evaluations(key)[0].rows, strict=True):
        assert {**mine, "seconds": 0} == {**other, "seconds": 0}
    checkpoint = "checkpoint.safetensors"
    assert (again.folder(key) / checkpoint).read_bytes() == (store.folder(key) / checkpoint).read_bytes()


def test_a_task_prepares_its_own_process(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    # In a process where nothing is loaded: the plug-in that the variant comes from, one thread, the cache.
    from gan_bench.bench.planning import catalogue

    trial = plan(suite, catalogue.dataset, only=["nsgan"], seeds=[0], profile="paper")[0]
    pack = Pack((replace(trial, variant="looks"),))
    plugin = tmp_path / "looks.py"
    plugin.write_text(LOOKS)
    context = RunContext(tmp_path / "out", plugins=(plugin,))
    (result,) = execute([Task("train", pack)], context, ["cpu"], 1, lambda event: None, "workers")
    assert result.status == "failed"
    found = "RuntimeError: 1 intra-op thread, OMP_NUM_THREADS 1, denormals flushed: True"
    assert result.error == f"plug-in {plugin}, line 14: {found}"


LOOKS = '''
import os, torch
from gan_bench.variants import register
from gan_bench.variants.generation.gan import NSGAN

@register("looks", paper="none", year=2026)
class Looks(NSGAN):
    """Tells what its process is like."""

    def critic(self, real, fake, hp):
        flushed = (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0
        limit = os.environ["OMP_NUM_THREADS"]
        threads = f"{torch.get_num_threads()} intra-op thread, OMP_NUM_THREADS {limit}"
        raise RuntimeError(f"{threads}, denormals flushed: {flushed}")
'''


def test_a_plug_in_that_cannot_be_loaded_fails_the_task(suite: Suite, tmp_path: Path) -> None:
    from gan_bench.bench.planning import catalogue

    trial = plan(suite, catalogue.dataset, only=["nsgan"], seeds=[0], profile="paper")[0]
    context = RunContext(tmp_path / "out", plugins=(tmp_path / "gone.py",))
    (result,) = run_task(Task("train", Pack((trial,))), context)
    assert (result.status, result.error) == ("failed", f"plug-in {tmp_path / 'gone.py'} does not exist")
    record = Store(tmp_path / "out").read(trial.key)
    assert record is not None
    assert record.provenance["plugins"] == {"gone.py": None}


def test_the_process_gets_its_numerics_back(engine: FakeEngine, trial: Trial, tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(2)  # the tests' own setting is the one that is looked for inside
    try:
        with numerics():
            assert torch.get_num_threads() == 1
            assert (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0
        assert torch.get_num_threads() == 2
        assert (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() != 0.0
    finally:
        torch.set_num_threads(1)


def test_a_task_on_a_gpu_has_the_memory_of_the_one_before(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packs are in reference cycles: a device that is short of memory does not bring Python to free them."""
    monkeypatch.setattr(process, "use_device", lambda _: None)
    known = garbage()
    gc.disable()
    try:
        with process.prepared(Task("train", Pack((trial,))), RunContext(tmp_path, "cuda:0")):
            assert known() is None
    finally:
        gc.enable()
