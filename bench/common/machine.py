"""Facts of the machine and of this process that change the last bits of a result, for provenance."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

SWITCHES = (
    "OMP_NUM_THREADS", "OMP_DYNAMIC", "MKL_NUM_THREADS", "MKL_DYNAMIC", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS",
    "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES",
    "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "CUBLAS_WORKSPACE_CONFIG",
    "NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "TORCH_BLAS_PREFER_CUBLASLT",
    "TORCH_LINALG_PREFER_CUSOLVER", "TORCH_CUDNN_V8_API_DISABLED",
)  # fmt: skip
"""Variables of the environment by which libraries choose another order of sums or other instructions.

They are named in the documentation or in the binaries of OpenMP, MKL, OpenBLAS, NumPy, oneDNN, cuBLAS, torch.
"""

CPUINFO = Path("/proc/cpuinfo")
"""Description of the processor, on Linux."""
NUMBERS = {"family": "cpu family", "model": "model"}
"""Numbers of a processor's model, and their names in that file."""


def switches() -> dict[str, str]:
    """Return those of :data:`SWITCHES` that are set in this process, with their values."""
    return {name: os.environ[name] for name in SWITCHES if name in os.environ}


def settings() -> dict[str, Any]:
    """Return threads, treatment of denormals, instructions and switches; None where torch is not loaded."""
    torch = sys.modules.get("torch")
    return {
        "threads": torch and torch.get_num_threads(),
        "flush_denormal": torch and _flushes(torch),
        "instructions": torch and torch.backends.cpu.get_cpu_capability(),
        "switches": switches(),
    }


def _flushes(torch: Any) -> bool:
    """Return whether this thread calculates 0 in place of the smallest numbers; torch does not tell."""
    return (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0


def processor() -> str | None:
    """Return the name of the processor and the numbers of its model: `AMD EPYC (family 25, model 17)`.

    A virtual machine may give one name to processors of several generations, which round differently.
    """
    try:
        text = CPUINFO.read_text("utf-8", "replace")
    except OSError:
        text = ""
    first = text.partition("\n\n")[0].splitlines()
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first)}
    if "model name" not in facts:
        return platform.processor() or None
    numbers = [f"{name} {facts[key]}" for name, key in NUMBERS.items() if facts.get(key)]
    return f"{facts['model name']} ({', '.join(numbers)})" if numbers else facts["model name"]


@cache
def gpu(device: str) -> dict[str, Any] | None:
    """Return a GPU's model, compute capability, memory in bytes, driver, CUDA and cuDNN; None for a CPU."""
    if not device.startswith("cuda"):
        return None
    import torch

    facts = torch.cuda.get_device_properties(device)
    return {
        "name": facts.name,
        "capability": f"{facts.major}.{facts.minor}",
        "memory": facts.total_memory,
        "driver": driver(),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
    }


@cache
def driver() -> str | None:
    """Return the version of NVIDIA's driver, or None where its tool does not tell."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(shown.split()), None)
