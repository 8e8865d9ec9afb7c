"""Generators from elsewhere: a function in Python or an ONNX file, with latents of a stated shape and law."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.evaluation.latents import Latents
from gan_bench.bench.planning.ranges import check_memory
from gan_bench.datasets import Dataset
from gan_bench.datasets.finite import Restored

BATCH = 500
"""Latents of one call, of a model that takes any number."""
ONNX = ".onnx"
PICKLED = {
    ".pt2": "torch.export.load runs what an archive tells it to: it unpickles constants and sample inputs, "
    "evaluates expressions of shapes and calls any function of torch by name",
    **dict.fromkeys(
        (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".joblib"),
        "it may be a pickle, which runs code when it is read",
    ),
}
"""Endings of files that are refused, with the reason."""
Generator = Callable[[Tensor], Any]


def draw(
    name: str,
    dataset: Dataset,
    count: int,
    latents: Latents,
    seed: int,
    *,
    scale: tuple[float, float] | None = None,
    channels_last: bool = False,
) -> Restored:
    """Return raw samples of a generator.

    Args:
        name: ``module:function``, where the module is looked for in the current folder too, or a file
            ``.onnx``. It takes latents, float32, and returns samples (n, *shape): points, or images from -1
            to 1.
        dataset: the data that they imitate.
        count: number of samples.
        latents: the law of the latents.
        seed: of the latents.
        scale: values of images that are black and white, in place of -1 and 1.
        channels_last: True for images (n, height, width, channels).

    Raises:
        UsageError: for a name that cannot be imported, a file that is not there, is damaged or would run
            code, a model that does not take the latents, and samples of another shape.
    """
    check_memory("-n", count, dataset.shape)
    generator, most = _generator(name)
    where = f"--model {name}"
    batches = _drawn(latents, count, seed).split(most or BATCH)
    with torch.no_grad():
        parts = [_tensor(_filled(generator, rows, most), where) for rows in batches]
    if len(shapes := {tuple(part.shape[1:]) for part in parts}) > 1:
        raise UsageError(f"{where} makes samples of several shapes: {', '.join(map(str, sorted(shapes)))}")
    made = torch.cat([part.detach().cpu().float() for part in parts])
    if channels_last and made.ndim == 4:
        made = made.movedim(-1, 1)
    if tuple(made.shape) != (count, *dataset.shape):
        wanted = (count, *dataset.shape)
        raise UsageError(f"{where} makes samples of shape {tuple(made.shape)}, expected {wanted}")
    if scale is not None and dataset.kind == "images":
        low, high = scale
        made = (made - low) * (2 / (high - low)) - 1
    return dataset.restore_finite(made)


def _drawn(latents: Latents, count: int, seed: int) -> Tensor:
    """Return latents (count, *shape), float32."""
    generator = stream(seed, "evaluate", "latent")
    if latents.uniform:
        return torch.rand(count, *latents.shape, generator=generator) * 2 - 1
    return torch.randn(count, *latents.shape, generator=generator)


def _filled(generator: Generator, rows: Tensor, batch: int | None) -> Any:
    """Return samples of rows; a model of a fixed batch gets the first row in the place of missing ones."""
    missing = 0 if batch is None else batch - len(rows)
    made = generator(torch.cat([rows, rows[:1].expand(missing, *rows.shape[1:])]) if missing else rows)
    return made[: len(rows)] if missing else made


def _tensor(made: Any, where: str) -> Tensor:
    """Return samples as a tensor of one row for each latent."""
    try:
        rows = torch.as_tensor(made)
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(made).__name__
        raise UsageError(f"{where} gave {kind}, expected one tensor or array of samples: {error}") from error
    if not rows.ndim:
        raise UsageError(f"{where} gave a single number, expected a tensor or array of samples")
    return rows


def _generator(name: str) -> tuple[Generator, int | None]:
    """Return a generator, and the number of latents that it takes at once if that is fixed."""
    suffix = Path(name).suffix.lower()
    if suffix in PICKLED:
        raise UsageError(
            f"--model {name} is refused: {PICKLED[suffix]}. Give an ONNX file (torch.onnx.export writes "
            "one), or module:function of a Python file of your own that loads it"
        )
    return _onnx(Path(name)) if suffix == ONNX else (_imported(name), None)


def _imported(name: str) -> Generator:
    module, _, function = name.partition(":")
    sys.path.insert(0, "")
    try:
        made = getattr(importlib.import_module(module), function or "generator")
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--model {name}: {error}; expected FILE.onnx or MODULE:FUNCTION") from error
    finally:
        sys.path.remove("")
    if not callable(made):
        raise UsageError(f"--model {name} is {type(made).__name__}, expected a function of latents")

    def generate(rows: Tensor) -> Any:
        try:
            return made(rows)
        except Exception as error:  # code of the user
            taken = f"latents of shape {tuple(rows.shape[1:])} (--latent states it)"
            raise UsageError(f"--model {name} failed on {taken}: {type(error).__name__}: {error}") from error

    return generate


def _onnx(path: Path) -> tuple[Generator, int | None]:
    """Return the first output of an ONNX file as a function of its one input, on the CPU."""
    if not path.is_file():
        raise UsageError(f"--model {path}: there is no such file")
    try:
        import onnxruntime
    except ImportError as error:
        raise UsageError(f"--model {path} needs onnxruntime: pip install 'gan-bench[onnx]'") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common class
        raise UsageError(f"--model {path} cannot be read as ONNX: {_line(error)}") from error
    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(each.name for each in inputs)
        raise UsageError(f"--model {path} has the inputs {names}; expected one, the latents")
    (latents,) = inputs
    types = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
    if latents.type not in types:
        raise UsageError(f"--model {path} takes {latents.type}, expected floats")

    def generate(rows: Tensor) -> Tensor:
        try:
            (made, *_) = session.run(None, {latents.name: rows.numpy().astype(types[latents.type])})
        except Exception as error:
            expected = "x".join(map(str, latents.shape[1:]))
            raise UsageError(
                f"--model {path} does not take latents of shape {tuple(rows.shape[1:])}: it states "
                f"{expected} (--latent {expected}); {_line(error)}"
            ) from error
        return torch.from_numpy(np.asarray(made))

    first = latents.shape[0] if latents.shape else None
    return generate, first if isinstance(first, int) else None


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
