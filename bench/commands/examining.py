"""An examination of an installation: versions, devices, compiler, data, optional parts, disk."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import check_folder
from gan_bench.bench.common.program import program
from gan_bench.bench.common.provenance import device_name, revision

PARTS = {
    "torch_fidelity": ("inception", "FID on Inception"),
    "huggingface_hub": ("hf", "data by their name on Hugging Face"),
    "onnxruntime": ("onnx", "evaluate --model FILE.onnx"),
    "h5py": ("usps", "USPS from its HDF5 file"),
    "tensorboard": ("tensorboard", "run --log tensorboard"),
    "mlflow": ("mlflow", "run --log mlflow"),
    "wandb": ("wandb", "run --log wandb"),
    "ray": ("ray", "run --executor ray"),
    "submitit": ("slurm", "run --executor slurm"),
}
"""Package -> the extra that brings it, and what needs it."""
LIBRARIES = ("torch", "torchvision", "numpy", "pandas", "matplotlib")
SPACE = 2 * 2**30
"""Free bytes below which a notice is given."""


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        what: what was looked at.
        state: "wrong" stops a run, "missing" narrows what can be run.
        found: what is here.
        cure: what to do, "" where nothing is to do.
    """

    what: str
    state: Literal["fine", "missing", "wrong"]
    found: str
    cure: str = ""


def examine(out: Path, roots: tuple[Path, ...]) -> Iterator[Finding]:
    """Yield what is found, one thing after another; nothing is downloaded or written.

    Args:
        out: folder in which results would be written; it need not exist.
        roots: folders of data, in place of those in BENCH_DATA.
    """
    yield Finding("versions", "fine", ", ".join(map(version, ("gan-bench", *LIBRARIES))))
    yield Finding("Python", "fine", f"{platform.python_version()} on {platform.platform()}")
    yield _devices()
    yield _compiler()
    yield from _data(roots)
    if find_spec("torch_fidelity") is not None:
        yield _inception()
    for name, (extra, purpose) in PARTS.items():
        if find_spec(name) is not None:
            yield Finding(name, "fine", version(name))
        else:
            yield Finding(name, "missing", f"{purpose} needs it", f"`{installation(extra)}` brings it")
    yield _disk(out)


def installation(extra: str) -> str:
    """Return the command that installs an extra: of the installed package, or of the clone in use."""
    try:
        metadata.version("gan-bench")
    except metadata.PackageNotFoundError:
        return f"pip install -e '{Path(__file__).parents[2]}[{extra}]'"
    return f"pip install 'gan-bench[{extra}]'"


def version(name: str) -> str:
    """Return a distribution with its version; a clone that is not installed has its revision."""
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        commit = revision()
        return f"{name} {commit[:12]}" if commit else f"{name} of unknown version"


def _devices() -> Finding:
    from gan_bench.bench.common.devices import gpus
    from gan_bench.cores import cores

    found = gpus()
    if found:
        return Finding("device", "fine", f"{', '.join(map(device_name, found))}; {cores()} processor cores")
    cure = "a GPU is used where torch finds one; see pytorch.org for the torch that fits your driver"
    return Finding("device", "fine", f"{cores()} processor cores, no GPU that torch can use", cure)


def _compiler() -> Finding:
    from gan_bench.bench.engine.compiled import compilation_error

    if trouble := compilation_error():
        return Finding("compiler", "missing", trouble, "runs train without it; install a C++ compiler (g++)")
    return Finding("compiler", "fine", "small packs are compiled where that pays")


def _data(roots: tuple[Path, ...]) -> Iterator[Finding]:
    from gan_bench import datasets
    from gan_bench.datasets import Unreachable

    for name in datasets.names():
        entry = datasets.info(name)
        if not entry.files:
            continue
        try:
            found = datasets.load(name, roots=roots, allow_download=False, stand_in=False)
        except Unreachable:
            instead = f"{entry.stand_in} stands in for it" if entry.stand_in else "its suites are refused"
            yield Finding(f"data {name}", "missing", instead, f"datasets/README.md says where to get {name}")
        except datasets.DatasetError as error:
            lacks = isinstance(error.__cause__, ImportError)  # a library of an extra, which the error names
            yield Finding(f"data {name}", "missing" if lacks else "wrong", str(error))
        else:
            yield Finding(f"data {name}", "fine", f"{found.kind}, {found.content_hash[:12]}")


def _inception() -> Finding:
    from gan_bench.bench.metrics.extractors.inception import published

    path = published()
    if path.exists():
        cure = (
            f"`{program()} run --inception download` and `{program()} evaluate --inception download` use it"
        )
        return Finding("Inception", "fine", str(path), cure)
    cure = (
        f"FID is measured on this project's own extractors; `{program()} run --inception download` "
        f"fetches the weights, `{program()} run --inception FILE` reads them; so do `{program()} evaluate "
        f"--inception download` and `{program()} evaluate --inception FILE`"
    )
    return Finding("Inception", "missing", f"not at {path}", cure)


def _disk(out: Path) -> Finding:
    try:
        check_folder(out, f"{out} cannot be written")
    except UsageError as error:
        return Finding("results", "wrong", str(error), f"give another folder: `{program()} run --out FOLDER`")
    folder = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 2**30:.1f} GiB free for {out}"
    if free < SPACE:
        return Finding(
            "results",
            "missing",
            found,
            f"a long run can need more; give another folder: `{program()} run --out FOLDER`",
        )
    return Finding("results", "fine", found)
