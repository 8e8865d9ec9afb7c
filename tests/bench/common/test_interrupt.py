"""Ctrl-C on the real command, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_bench.bench.common.interrupt import SIGNALS, handlers_kept, interruptible
from gan_bench.bench.common.steady import steady
from gan_bench.bench.results.store import Store

ROOT = Path(__file__).resolve().parents[3]


def children(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line) for line in listing.stdout.split()]


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.skipif(not Path("/proc").exists(), reason="needs ps")
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_resume(suite_file: Path, tmp_path: Path) -> None:
    text = suite_file.read_text().replace('"ring"', '"gaussian1d"').replace("kimg = 0.32", "kimg = 1e6")
    suite_file.write_text(text)
    out = tmp_path / "out with space"
    arguments = ["run", "--suite", str(suite_file), "--out", str(out), "--jobs", "2", "--fresh"]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        deadline = time.monotonic() + 60
        while not list((out / "plans").glob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the parent and its workers
        start = time.monotonic()
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert time.monotonic() - start < 10
    assert stderr == ""
    assert "Stopped, with 0 of 6 trials finished" in stdout
    shown = " ".join(["run", "--suite", str(suite_file), "--out", f"'{out}'", "--jobs", "2"])
    assert stdout.rstrip().endswith(f"Resume with:\n  python -m bench {shown}")
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() - start < 12
        time.sleep(0.05)
    assert len(workers) >= 2
    assert list(Store(out)) == []
    assert not any((out / "trials").iterdir())


@pytest.mark.parametrize("fails", [False, True])
def test_handlers_that_a_library_replaces_are_back_after_it(fails: bool) -> None:
    with interruptible():
        before = [signal.getsignal(each) for each in SIGNALS]
        with contextlib.suppress(ConnectionError), handlers_kept():
            for each in SIGNALS:
                signal.signal(each, signal.SIG_IGN)
            if fails:
                raise ConnectionError
        assert [signal.getsignal(each) for each in SIGNALS] == before


def test_handlers_that_were_not_set_from_python_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`signal.signal` returns None for them and refuses to take it back, as where MPI embeds Python."""
    set_again: list[object] = []

    def foreign(which: int, handler: object) -> None:
        if handler is None:
            raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
        set_again.append(which)

    monkeypatch.setattr(signal, "signal", foreign)
    with interruptible(), steady():
        pass
    assert set_again == [*SIGNALS, signal.SIGHUP]


def test_ctrl_c_while_libraries_are_imported_ends_without_a_traceback(tmp_path: Path) -> None:
    """A finder of modules in front of all others interrupts the import of the command line, as a user may."""
    (tmp_path / "interrupting.py").write_text(
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background ignores it
        "from gan_bench.__main__ import main\n"
        "main()\n"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "bench" / "package")])
    done = subprocess.run(
        [sys.executable, str(tmp_path / "interrupting.py")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
