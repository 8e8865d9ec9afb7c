"""A variant that hangs, exits or eats memory costs its own pack and nothing else, with one job."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_bench.bench.results.store import Store
from tests.faults.kills import ROOT

SUITE = """
title = "Bad company"
datasets = ["gaussian1d"]
variants = ["bad-hangs", "bad-exits", "bad-eats", "bad-heavy", "nsgan"]
profile = "default"

[architectures.mlp]
family = "mlp"
hidden = [8]

[hyperparameters]
batch_size = 32

[budgets.quick]
kimg = 0.64
points = 1
samples = 100
final_samples = 100
seeds = 4
pack = 4
compile = "off"
"""

PLUGIN = '''
import multiprocessing, sys, time
import torch
from gan_bench.bench import engine
from gan_bench.variants import register
from gan_bench.variants.generation.gan import NSGAN

class Bad(NSGAN):
    """Does harm in a worker; planning, which plays every loss once, is spared."""

    def critic(self, real, fake, hp):
        if multiprocessing.parent_process():
            self.harm()
        return super().critic(real, fake, hp)

@register("bad-hangs", paper="none", year=2026)
class Hangs(Bad):
    """Hangs."""
    def harm(self):
        time.sleep(3600)

@register("bad-exits", paper="none", year=2026)
class Exits(Bad):
    """Exits."""
    def harm(self):
        sys.exit(0)

@register("bad-eats", paper="none", year=2026)
class Eats(Bad):
    """Asks for more memory than there is."""
    def harm(self):
        torch.empty(2**60)

@register("bad-heavy", paper="none", year=2026)
class Heavy(NSGAN):
    """Too large for a device in packs of more than two."""

train = engine.train

def limited(job, dataset, **more):
    if job.variant == "bad-heavy" and len(job.seeds) > 2:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")
    return train(job, dataset, **more)

engine.train = limited
'''


@pytest.mark.slow
def test_bad_variants_cost_their_own_packs_only(tmp_path: Path) -> None:
    (tmp_path / "suite.toml").write_text(SUITE)
    (tmp_path / "bad.py").write_text(PLUGIN)
    options = ["--suite", str(tmp_path / "suite.toml"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    ended = subprocess.run(
        [sys.executable, "-m", "bench", "run", *options, "--plugin", str(tmp_path / "bad.py"),
         "--device", "cpu", "--timeout", "60"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, ""), ended.stdout + ended.stderr
    store = Store(tmp_path / "out")
    records = [record for key in store if (record := store.read(key)) is not None]
    assert len(records) == 20
    found: dict[str, set[tuple[str, int, str]]] = {}
    for record in records:
        size = record.provenance["pack"]["size"]
        found.setdefault(record.trial.variant, set()).add((record.status, size, (record.error or "")[-40:]))
    assert found["nsgan"] == {("finished", 4, "")}
    assert found["bad-heavy"] == {("finished", 2, "")}
    assert found["bad-hangs"] == {("failed", 4, "took longer than the 60 s of --timeout")}
    assert found["bad-exits"] == {("failed", 1, "worker process ended with exit status 0")}
    (eats,) = found["bad-eats"]
    assert eats[:2] == ("failed", 1)
    assert "Cannot allocate memory" in eats[2]
    said = ended.stdout
    assert said.count("tried again with nothing beside it") == 2
    assert (
        said.count("tried again in two halves") == 4
    )  # bad-heavy once; bad-eats at four trials, and at two twice
    assert said.count("each of its trials is tried again alone") == 1
