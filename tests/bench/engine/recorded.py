"""A stand-in for CUDA graphs on a CPU: it records operations on storages, and repeats them without Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

READS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
"""Tags of operations whose result the host waits for: `.item()`, `nonzero`, boolean masks."""
FROM_HOST = {torch.ops.aten.lift_fresh.default, torch.ops.aten.lift.default}
"""Operations that bring values of Python to the device, from memory that a graph may not read."""


class CannotRecord(Exception):
    """An operation that CUDA refuses while it records a graph."""


def storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def handles(tree: Any) -> Any:
    """The same storages under tensors of their own, whose shape nothing changes later."""
    return tree_map(lambda leaf: torch.ops.aten.alias(leaf) if isinstance(leaf, Tensor) else leaf, tree)


def _by_numbers(func: Any, args: tuple) -> bool:
    """True for an index of numbers, which has the tag of boolean masks but a shape that the host knows."""
    masks = (torch.bool, torch.uint8)
    return func is torch.ops.aten.index.Tensor and all(t.dtype not in masks for t in tensors(args[1]))


class Recorded:
    """A graph of PyTorch operations.

    As with CUDA, recording leaves every tensor as it was: what the recorded work writes is restored, and what
    it allocates holds NaN until the first replay. A replay repeats operations on the same storages. It runs
    no Python of the work, so values that Python read while recording are those of the record.
    """

    def __init__(self) -> None:
        self.operations: list[tuple[Callable, tuple, dict, list[Tensor]]] = []
        self.replays = 0

    def capture(self, work: Callable[[], None]) -> None:
        recorder = Recorder(self.operations)
        try:
            with recorder:
                work()
        finally:
            recorder.restore()

    def replay(self) -> None:
        self.replays += 1
        with torch._C._AutoDispatchBelowAutograd():  # kernels only, as on a device
            for operation, args, kwargs, outputs in self.operations:
                again = tensors(operation(*args, **kwargs))
                for output, new in zip(outputs, again, strict=bool(outputs)):
                    output.copy_(new)


class Recorder(TorchDispatchMode):
    """Records operations; see :class:`Recorded`."""

    def __init__(self, operations: list) -> None:
        super().__init__()
        self.operations = operations
        self.before: dict[int, tuple[Tensor, Tensor]] = {}
        self.allocated: dict[int, Tensor] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if READS & set(func.tags) and not _by_numbers(func, args):
            raise CannotRecord(f"{func} waits for the device")
        if func in FROM_HOST:
            raise CannotRecord(f"{func} copies values of Python to the device")
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise CannotRecord(f"{func} draws random numbers")
        inputs = {storage(tensor) for tensor in tensors((args, kwargs))}
        for tensor in self.written(func, args, kwargs):
            if storage(tensor) not in self.allocated and storage(tensor) not in self.before:
                self.before[storage(tensor)] = tensor, tensor.untyped_storage().clone()
        result = func(*args, **kwargs)
        outputs = tensors(result)
        new = [tensor for tensor in outputs if storage(tensor) not in inputs]
        for tensor in new:
            self.allocated[storage(tensor)] = tensor
        if new:
            self.operations.append((func, *handles((args, kwargs)), handles(outputs)))
        elif func._schema.is_mutable and torch.Tag.inplace_view not in func.tags:
            self.operations.append((func, *handles((args, kwargs)), []))
        return result  # other operations are views, which need no work

    @staticmethod
    def written(func: Any, args: tuple, kwargs: dict) -> list[Tensor]:
        """The arguments that an operation writes to."""
        declared = func._schema.arguments
        values = {**dict(zip([a.name for a in declared], args, strict=False)), **kwargs}
        writes = [a.name for a in declared if a.alias_info is not None and a.alias_info.is_write]
        return tensors([values[name] for name in writes if name in values])

    def restore(self) -> None:
        for tensor, saved in self.before.values():
            tensor.untyped_storage().copy_(saved)
        for tensor in self.allocated.values():
            if tensor.is_floating_point():
                whole = torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage())
                whole.fill_(float("nan"))
