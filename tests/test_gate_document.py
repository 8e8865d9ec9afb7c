"""The workflow of docs/examples is valid, and its steps do what docs/gate-ci.md says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.compare.gate import OUTCOMES
from gan_bench.bench.planning.suite import load_suite
from tests.documents import ROOT

yaml = pytest.importorskip("yaml")
WORKFLOW = ROOT / "docs" / "examples" / "gan-bench-gate.yml"
GATE = (ROOT / "docs" / "gate-ci.md").read_text("utf-8")


def workflow() -> dict[str, Any]:
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))


def steps() -> list[dict[str, Any]]:
    (job,) = workflow()["jobs"].values()
    return job["steps"]


def bash(step: dict[str, Any], folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does, `bash -e`, with `python` as this one and the workflow's environment."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    if not (tools / "python").exists():
        (tools / "python").symlink_to(sys.executable)
    environment = {
        **os.environ,
        **{name: str(value) for name, value in workflow()["env"].items()},
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "bench" / "package"), *sys.path[1:]]),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GAN_BENCH_CACHE": str(folder / "cache"),
        **changed,
    }
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_workflow_is_one_that_github_reads() -> None:
    found = workflow()
    assert found.keys() == {"name", True, "permissions", "env", "jobs"}  # YAML 1.1 reads `on` as true
    assert all(("uses" in step) != ("run" in step) for step in steps())
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps() if "uses" in step)
    named = {name for step in steps() if "run" in step for name in re.findall(r"\$(\w+)", step["run"])}
    assert named <= found["env"].keys() | {"GITHUB_STEP_SUMMARY"}
    suite = load_suite(found["env"]["SUITE"])
    assert found["env"]["BUDGET"] in suite.budgets
    assert {*found["env"]["VARIANTS"].split(",")} <= {*suite.variants}


def test_the_cache_is_of_the_same_code_only() -> None:
    """A key that any other code shares would compare the baseline with results of that code."""
    (cache,) = (step["with"] for step in steps() if "cache@" in step.get("uses", ""))
    for key in (cache["key"], *cache["restore-keys"].split("\n")):
        assert "hashFiles('**/*.py'" in key


@pytest.mark.slow
@pytest.mark.sample
def test_the_steps_train_show_a_table_and_judge(tmp_path: Path) -> None:
    small = {"BUDGET": "smoke", "VARIANTS": "wgan"}
    by_name = {step["name"]: step for step in steps() if "run" in step}
    assert by_name.pop("Install")["run"].startswith("pip install ")
    done = bash(by_name["Train"], tmp_path, **small)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "ci").mkdir()
    made = {"run": "python -m gan_bench baseline results/gate -o ci/baseline.parquet"}
    assert bash(made, tmp_path).returncode == 0
    for name in ("Table", "Gate"):
        done = bash(by_name[name], tmp_path, **small)
        assert done.returncode == 0, done.stdout + done.stderr
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert summary.startswith("## Fine: 1 cell")
    assert "| Before | Now | Change |" in summary
    shutil.rmtree(tmp_path / "results" / "gate" / "trials")
    assert bash(by_name["Table"], tmp_path).returncode == 0  # the next step judges
    assert bash(by_name["Gate"], tmp_path).returncode == 2


def test_every_exit_status_is_documented() -> None:
    rows = dict(re.findall(r"^\| (\d) \| ([^|]+) \|", GATE, re.MULTILINE))
    assert {int(status) for status in rows} == {*OUTCOMES, 2}
    for status, name in OUTCOMES.items():
        assert name.split(" or ")[0] in rows[str(status)].lower(), status
