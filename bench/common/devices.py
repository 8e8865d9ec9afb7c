"""The devices to work on, and the number of tasks at a time."""

from __future__ import annotations

from collections.abc import Sequence

from gan_bench.bench.common.errors import UsageError
from gan_bench.cores import cores


def gpus() -> tuple[str, ...]:
    """Return the CUDA devices of this machine: `cuda:0`, `cuda:1` and so on."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return tuple(f"cuda:{index}" for index in range(count))


def choose_devices(name: str) -> tuple[str, ...]:
    """Return torch devices: `cuda` is all GPUs, `cuda:1` one, `auto` all GPUs where there are any.

    Raises:
        UsageError: for one that is not here.
    """
    found = gpus()
    if name == "auto":
        return found or ("cpu",)
    if name == "cuda" and found:
        return found
    if name.startswith("cuda") and name not in found:
        here = ", ".join(("cuda", *found)) if found else "no CUDA device"
        raise UsageError(
            f"--device {name}: torch finds {here} here; use {'one of these, ' * bool(found)}cpu or auto"
        )
    return (name,)


def choose_device(name: str) -> str:
    """Return one torch device, for work that is done on one: the first of :func:`choose_devices`."""
    return choose_devices(name)[0]


def check_dtype(dtype: str, devices: Sequence[str]) -> None:
    """Raise UsageError for a dtype that one of the devices lacks: only GPUs have TF32, from Ampere on."""
    import torch

    for device in devices if dtype == "tf32" else ():
        if not is_gpu(device) or torch.cuda.get_device_capability(device) < (8, 0):
            raise UsageError(
                f"dtype tf32: {device} has no such matrix products; expected float32, or a GPU that has them"
            )


def is_gpu(device: str) -> bool:
    """Return whether a device is a GPU, which works beside the processor that feeds it."""
    return device.partition(":")[0] == "cuda"


def use_device(device: str) -> None:
    """Make a GPU the current one of this process: streams and graphs that name none are on it."""
    if is_gpu(device):
        import torch

        torch.cuda.set_device(device)


def default_jobs(device: str) -> int:
    """Return the number of tasks at a time on a device: 1 on a GPU, the cores that this process may use."""
    return 1 if is_gpu(device) else cores()
