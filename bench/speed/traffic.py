"""FLOP and bytes of one iteration, counted while one replica plays it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_leaves

from gan_bench.bench.engine.flop import FlopCounter, makes_view
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.speed.training import Training, job_of


@dataclass(frozen=True)
class Amount:
    """Work of one iteration of one replica.

    Attributes:
        flop: of matrix products and convolutions; a multiply-add counts as 2.
        bytes: of the inputs and outputs of every operation. Caches and joined operations save some of it.
    """

    flop: int
    bytes: int


class TrafficCounter(FlopCounter):
    """Sum FLOP, and the bytes that operations read and write; a view moves none."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Do an operation and count it."""
        out = super().__torch_dispatch__(func, types, args, kwargs)
        schema = func._schema
        if not makes_view(func):
            given = [*args, *(kwargs or {}).values()]
            changed = [
                value
                for value, argument in zip(args, schema.arguments, strict=False)
                if argument.alias_info is not None and argument.alias_info.is_write
            ]
            new = [] if any(returned.alias_info for returned in schema.returns) else [out]
            self.bytes += sum(map(_bytes, (given, changed, new)))
        return out


def _bytes(values: Iterable[Any]) -> int:
    tensors = [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def amount_of_iteration(trial: Trial, data: Any) -> Amount:
    """Return the work of one iteration of a trial, its draws included."""
    training = Training(job_of(trial, 1), data)
    with TrafficCounter() as counter:
        training.iterations().run(1)
    return Amount(counter.total, counter.bytes)
