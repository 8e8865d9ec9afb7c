"""Output that cannot be written is lost, and the work goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gan_bench.bench.common.steady import steady

WORK = """
import os, signal, sys
from rich.console import Console
from gan_bench.bench.common.startup import plain_output
from gan_bench.bench.common.steady import steady
plain_output()
console = Console()
with steady():
    for _ in range(300):
        console.print("± " * 40)
        print("more", file=sys.stderr)
    os.kill(os.getpid(), signal.SIGHUP)
    for _ in range(300):
        console.print("± " * 40)
open(sys.argv[1], "w").write("done")
sys.exit(7)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("where", ["full", "closed pipe", "closed", "ascii"])
def test_work_goes_on_without_a_terminal(tmp_path: Path, where: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", WORK, str(tmp_path / "end")]
    if where == "full":
        with open("/dev/full", "w") as full:
            ended = subprocess.run(command, stdout=full, stderr=full, env=environment)
    elif where == "closed pipe":
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(command, stdout=writing, stderr=writing, env=environment)
        os.close(writing)
    elif where == "closed":
        shell = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command]
        ended = subprocess.run(shell, env=environment)
    else:
        ended = subprocess.run(command, capture_output=True, env=environment)
        assert ended.stdout.startswith(b"+/- +/-")
    assert (tmp_path / "end").read_text() == "done"
    assert ended.returncode == 7


def test_streams_and_signals_are_as_before_afterwards() -> None:
    before = sys.stdout, sys.stderr, signal.getsignal(signal.SIGHUP)
    with steady():
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        print("something")
    assert (sys.stdout, sys.stderr, signal.getsignal(signal.SIGHUP)) == before
