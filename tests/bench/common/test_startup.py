from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.startup import check_packages

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "__init__.py").write_text("raise SystemExit('imported')")
    return tmp_path


def test_ours_pass() -> None:
    check_packages()


def test_a_foreign_package_is_named_with_its_distribution(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(foreign))
    monkeypatch.delitem(sys.modules, "datasets", raising=False)
    monkeypatch.setattr(metadata, "packages_distributions", lambda: {"datasets": ["datasets"]})
    with pytest.raises(UsageError, match=r"'datasets' of Hugging Face's distribution 'datasets' at .*hides"):
        check_packages()


def test_the_command_says_so_without_importing_it(foreign: Path) -> None:
    path = os.pathsep.join([str(foreign), str(ROOT)])
    code = "import sys; from bench.commands.app import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "list", "datasets"],
        capture_output=True,
        text=True,
        cwd=foreign,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"at {foreign / 'datasets'}, which hides the one of gan-bench" in " ".join(done.stderr.split())
