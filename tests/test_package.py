"""One installed package: old names in the checkout lead to the same modules, and a wheel has one name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(code: str, *path: Path, cwd: Path = ROOT) -> str:
    """Run code in a new process whose import path has these folders, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "first",
    [
        "from bench.planning.suite import load_suite",
        pytest.param("from variants.two_player import TwoPlayer", marks=pytest.mark.slow),
        pytest.param("from datasets.base import Truth", marks=pytest.mark.slow),
        pytest.param("import reports", marks=pytest.mark.slow),
    ],
)
def test_no_module_is_loaded_twice_and_modules_run_and_are_missed_under_their_old_names(first: str) -> None:
    code = f"""
{first}
import collections, runpy, sys
import gan_bench.variants, gan_bench.bench.planning.suite, gan_bench.datasets, gan_bench.reports
import variants, variants.base, bench.planning.suite, datasets.registry, reports.tables
from variants.two_player import TwoPlayer
assert TwoPlayer is gan_bench.variants.TwoPlayer
assert variants is gan_bench.variants and variants.base is sys.modules["gan_bench.variants.base"]
loaded = collections.defaultdict(set)
for name, module in list(sys.modules.items()):
    if (file := getattr(module, "__file__", None)) and str(file).startswith({str(ROOT)!r}):
        loaded[file].add(id(module))
assert len(loaded) > 50
print([file for file, modules in loaded.items() if len(modules) > 1])
runpy.run_module("variants.table", run_name="__main__", alter_sys=True)  # as python -m variants.table
try:
    import variants.nothing
except ModuleNotFoundError as error:
    print(error, error.name)
"""
    twice, unknown = python(code, ROOT, ROOT / "bench" / "package").splitlines()
    assert twice == "[]"
    assert unknown == "No module named 'variants.nothing' variants.nothing", "named as it was written"


def test_a_name_that_another_distribution_has_loaded_stays_its_own(tmp_path: Path) -> None:
    (tmp_path / "datasets.py").write_text("whose = 'theirs'")
    code = """
import datasets
import gan_bench.datasets
import datasets as again
print(again.whose, gan_bench.datasets.load("ring").name)
"""
    assert python(code, tmp_path, ROOT / "bench" / "package", cwd=tmp_path).split() == ["theirs", "ring"]


def test_the_command_works_in_a_checkout_that_is_not_installed() -> None:
    code = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
sys.argv = ["bench", "list", "suites"]
runpy.run_module("bench", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "mnist" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["bench", "list", "suites"],
        ["gan_bench", "--help"],
    ],
)
def test_modules_run_under_old_and_new_names(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bench" / "package")}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_setup_names_every_package_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel holds every folder with Python code or data, under the one top-level name."""
    told: dict = {}
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("setuptools.setup", lambda **options: told.update(options))
    exec(compile((ROOT / "setup.py").read_text(encoding="utf-8"), "setup.py", "exec"), {})
    assert {name.partition(".")[0] for name in told["packages"]} == {"gan_bench"}
    endings = {".py", ".toml", ".safetensors", ".html", ".css", ".js"}
    tracked = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False
    ).stdout
    folders = {
        str(Path(file).parent).replace("/", ".")
        for file in tracked.splitlines()
        if Path(file).suffix in endings and file.startswith(("bench/", "variants/", "datasets/", "reports/"))
    }
    folders = {folder for folder in folders if not folder.startswith("bench.package")}
    assert len(folders) > 20
    assert {f"gan_bench.{folder}" for folder in folders} <= set(told["packages"])
