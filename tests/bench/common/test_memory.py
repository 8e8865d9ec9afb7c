from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_bench.bench.common.memory import ended_for_memory, is_lack_of_memory


def raised(work: object) -> BaseException:
    try:
        work()  # type: ignore[operator]
    except Exception as error:
        return error
    pytest.fail("nothing was raised")


def wrapped() -> None:
    try:
        torch.empty(2**60)
    except RuntimeError as error:
        raise ValueError("the game cannot be played") from error


@pytest.mark.parametrize(
    "work", [lambda: torch.empty(2**60), lambda: np.empty(2**50), lambda: bytearray(2**60), wrapped]
)
def test_libraries_that_find_no_memory_say_so(work: object) -> None:
    assert is_lack_of_memory(raised(work))


def test_other_errors_and_those_of_a_gpu_are_told_apart() -> None:
    assert is_lack_of_memory(torch.cuda.OutOfMemoryError("CUDA out of memory"))
    assert not is_lack_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_lack_of_memory(ValueError("can't allocate memory"))


@pytest.mark.skipif(not Path("/proc/vmstat").exists(), reason="needs Linux's /proc")
def test_the_kernel_counts_and_workers_go_first() -> None:
    assert isinstance(ended_for_memory(), int)
    script = (
        "from gan_bench.bench.common.memory import end_me_first; from pathlib import Path; "
        "end_me_first(); print(Path('/proc/self/oom_score_adj').read_text())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
    assert int(shown.stdout) == 500
