"""Compilation of pure functions: a function is traced to ATen operations, so a variant may use any Python."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import TreeSpec, tree_flatten, tree_unflatten

# This logger warns of a CUDA toolkit without a GPU at every compilation.
logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
# The warning advises TF32 on CUDA, less precise than float32; `--dtype bfloat16` is the option for that.
warnings.filterwarnings("ignore", message="TensorFloat32 tensor cores", category=UserWarning)

Program = Callable[..., tuple[Tensor, ...]]

_DAMAGED = re.compile(r"(/\S+\.so): (?:file too short|invalid ELF header|cannot read file data)")


class Compiled:
    """Compile a function of trees of tensors at its first call.

    The first call fixes all shapes and every value that is not a tensor; pass what changes as a tensor. The
    function may change its arguments in place.

    Tracing runs the function once and records the operations of PyTorch's kernel library (``make_fx``). The
    compiler receives these operations only: no Python, no ``vmap`` and no ``grad``, which it supports in
    part. Equal programs of two processes or runs share an entry of its cache.

    Args:
        function: takes ``(*fixed, *changing)`` and returns a tree of tensors.
        fixed: arguments that are the same tensors at every call (weights that are updated in place).
    """

    def __init__(self, function: Callable[..., Any], fixed: tuple[Any, ...] = ()) -> None:
        self._function = function
        self._fixed_tree = fixed
        self._program: Program | None = None
        self._fixed: list[Tensor] = []
        self._used: list[int] = []
        self._inputs: TreeSpec | None = None
        self._outputs: TreeSpec | None = None

    def __call__(self, *changing: Any) -> Any:
        """Apply the function.

        Raises:
            ValueError: if the structure of the arguments differs from that of the first call.
        """
        leaves, structure = tree_flatten(changing)
        if self._program is None:
            self._program = self._compile(changing, structure)
        elif structure != self._inputs:
            raise ValueError(f"a compiled function takes {self._inputs}, not {structure}")
        assert self._outputs is not None
        outputs = self._program(*self._fixed, *[leaves[i] for i in self._used])
        return tree_unflatten(list(outputs), self._outputs)

    def _compile(self, changing: tuple[Any, ...], structure: TreeSpec) -> Program:
        leaves, whole = tree_flatten((*self._fixed_tree, *changing))

        def flat(*tensors: Tensor) -> tuple[Tensor, ...]:
            outputs, self._outputs = tree_flatten(self._function(*tree_unflatten(list(tensors), whole)))
            return tuple(outputs)

        # Trace on fake tensors: an in-place change must happen once, in the program, not also while tracing.
        program = make_fx(flat, tracing_mode="fake", _allow_non_fake_inputs=True)(*leaves)
        inputs = [node for node in program.graph.nodes if node.op == "placeholder"]
        used = [i for i, node in enumerate(inputs) if node.users]
        for i, node in enumerate(inputs):
            if i not in used:
                program.graph.erase_node(node)
        program.recompile()
        fixed = len(leaves) - structure.num_leaves
        self._fixed = [leaves[i] for i in used if i < fixed]
        self._used = [i - fixed for i in used if i >= fixed]
        self._inputs = structure
        # Shapes are static because a program serves one pack, whose shapes never change.
        return _mended(torch.compile(program, fullgraph=True, dynamic=False))


def _mended(program: Program) -> Program:
    """Return the program; its first call deletes cache files that a killed compiler left incomplete."""
    started = False

    def call(*tensors: Tensor) -> tuple[Tensor, ...]:
        nonlocal started
        while not started:
            try:
                outputs = program(*tensors)
            except Exception as error:
                damaged = _DAMAGED.search(str(error))
                if damaged is None or not Path(damaged[1]).is_file():
                    raise
                Path(damaged[1]).unlink()  # each pass deletes one damaged file, so the loop ends
            else:
                started = True
                return outputs
        return program(*tensors)

    return call


def compilation_error() -> str | None:
    """Compile a small function; return the error as one line of text, or None if it worked.

    Every exception of the compiler counts: no C++ compiler, no Python headers, a cache that is not writable.
    """
    try:
        with torch.no_grad():
            Compiled(lambda x: x.sin() + 1)(torch.zeros(8))
    except Exception as error:
        lines = f"{type(error).__name__}: {error}".strip().splitlines()
        # The first line of the compiler's wrapper names only its own exception; the second has the cause.
        return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return None
