"""Options of an evaluation that would have no effect on its samples and data."""

from __future__ import annotations

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation.request import Compared, Request
from gan_bench.datasets import Dataset


def check_options(request: Request, dataset: Dataset, folder: bool) -> None:
    """Raise UsageError for an option of images, arrays or splits that changes nothing here.

    Args:
        request: what was asked.
        dataset: the data to compare with.
        folder: whether they are a folder of images, which has no splits.
    """
    of_arrays = {"--values": request.values is not None, "--channels-last": request.channels_last}
    of_images = {"--size": request.size is not None, "--grey": request.grey, **of_arrays}
    if dataset.kind != "images":
        _refuse(of_images, f"an option of images, {dataset.name} has {dataset.kind} samples")
    files = [path for path in (request.source, request.against) if path is not None]
    if request.model is None and all(path.is_dir() for path in files):
        _refuse(of_arrays, f"an option of arrays and generators, {files[0]} is a folder of images")
    if folder and request.split == Compared.validation:
        raise UsageError(
            f"--split validation: the folder {request.dataset} is compared with as a whole; "
            f"images:{request.dataset} has splits"
        )


def _refuse(options: dict[str, bool], reason: str) -> None:
    for name, given in options.items():
        if given:
            raise UsageError(f"{name} is {reason}; leave it out")
