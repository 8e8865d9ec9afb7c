"""Generators from elsewhere as functions of latents: from a Python module, or from an ONNX file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.common.errors import UsageError

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
EXPECTED = "expected FILE.onnx or MODULE:FUNCTION"
Generator = Callable[[Tensor], Any]


def generator(name: str) -> tuple[Generator, int | None]:
    """Return a generator, and the number of latents that it takes at once if that is fixed.

    Raises:
        UsageError: for a name that cannot be imported, or a file that is not there, is damaged or would run
            code. The generator raises it for latents that it does not take, and where its own code fails.
    """
    suffix = Path(name).suffix.lower()
    if suffix in PICKLED:
        raise UsageError(
            f"--model {name} is refused: {PICKLED[suffix]}. Give an ONNX file (torch.onnx.export writes "
            "one), or module:function of a Python file of your own that loads it"
        )
    return _onnx(Path(name)) if suffix == ONNX else (_imported(name), None)


def _imported(name: str) -> Generator:
    """Return a function of a Python module, which is looked for in the current folder too."""
    module, _, function = name.partition(":")
    if module.endswith(".py") or "/" in module or "\\" in module:
        path = Path(module)
        stem, folder = path.name.removesuffix(".py"), path.parent
        there = "" if folder == Path() else f", with {folder} as the current folder or in PYTHONPATH"
        raise UsageError(
            f"--model {name}: {module} is a path, expected a module: {stem}:{function or 'FUNCTION'}{there}"
        )
    sys.path.insert(0, "")
    try:
        made = getattr(_module(module, name), function or "generator")
    except AttributeError as error:
        raise UsageError(f"--model {name}: {error}; {EXPECTED}") from error
    finally:
        sys.path.remove("")
    if not callable(made):
        raise UsageError(f"--model {name} is {type(made).__name__}, expected a function of latents")
    file = str(getattr(sys.modules[module], "__file__", None))

    def generate(rows: Tensor) -> Any:
        try:
            return made(rows)
        except (Exception, SystemExit) as error:  # code of the user
            taken = f"latents of shape {tuple(rows.shape[1:])} (--latent states it)"
            raise UsageError(f"--model {name} failed on {taken}: {_words(error, file)}") from error

    return generate


def _module(module: str, name: str) -> Any:
    """Return a module by name; raise UsageError where there is none, or where importing it fails."""
    if module in sys.modules:
        return sys.modules[module]
    importlib.invalidate_caches()
    file = ""
    try:
        if (spec := importlib.util.find_spec(module)) is not None:
            file = str(spec.origin)
            return importlib.import_module(module)
    except (Exception, SystemExit) as error:  # of a name that is none, or of code of the user
        said = f"importing {module} failed: {_words(error, file)}" if file else f"{_line(error)}; {EXPECTED}"
        raise UsageError(f"--model {name}: {said}") from error
    raise UsageError(f"--model {name}: No module named {module!r}; {EXPECTED}")


def _words(error: BaseException, file: str) -> str:
    """Return an error of a user's file as one line: the file and its line, the error's class and message."""
    lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        lines.append((error.filename or "", error.lineno))
    place = next(
        (f"{Path(file).name}, line {line}: " for named, line in reversed(lines) if named == file), ""
    )
    return f"{place}{type(error).__name__}: {_line(error)}"


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
        names = ", ".join(each.name for each in inputs) or "none"
        raise UsageError(f"--model {path} has the inputs {names}; expected one, the latents")
    (latents,) = inputs
    types = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
    if latents.type not in types:
        raise UsageError(f"--model {path} takes {latents.type}, expected floats")

    def generate(rows: Tensor) -> Any:
        try:
            (made, *_) = session.run(None, {latents.name: rows.numpy().astype(types[latents.type])})
        except Exception as error:
            expected = "x".join(map(str, latents.shape[1:]))
            raise UsageError(
                f"--model {path} does not take latents of shape {tuple(rows.shape[1:])}: it states "
                f"{expected} (--latent {expected}); {_line(error)}"
            ) from error
        return made

    first = latents.shape[0] if latents.shape else None
    return generate, first if isinstance(first, int) else None


def _line(error: BaseException) -> str:
    """Return the first line of an error's message: torch adds frames of C++."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)  # its text repeats file and line
    return text.strip().partition("\n")[0]
