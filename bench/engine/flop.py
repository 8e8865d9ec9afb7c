"""FLOP of a game's updates, counted while one replica plays every round once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.iteration import Iteration, State


class FlopCounter(TorchDispatchMode):
    """Sum the FLOP of matrix products and convolutions; a multiply-add counts as 2.

    It uses torch's formulas. Torch's `FlopCounterMode` adds module hooks, which fail with gradient penalties.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would load its compiler, which takes a second, to keep it away from this class

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        formula: Callable[..., int] | None = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=out)
        return out


def makes_view(operation: OpOverload) -> bool:
    """Return whether an operation of torch returns a view, which neither calculates nor moves anything."""
    aliases = [returned.alias_info for returned in operation._schema.returns]
    return any(alias is not None and not alias.is_write for alias in aliases)


def flop_of_rounds(feeds: Feeds, iteration: Iteration, state: State) -> list[int]:
    """Return the FLOP of one repeat of every round: losses, gradients and updates of all of its players.

    Args:
        feeds, iteration: of one replica trained by plain autograd, for nothing else: its weights change.
        state: the game's state.
    """
    feeds.chunk = 1
    hp = iteration.hyperparameters.at(0.0)
    counts = []
    for game_round, repeats in zip(iteration.rounds, next(iter(feeds)), strict=True):
        with FlopCounter() as counter:
            state, _ = iteration.play_round(game_round.players, *repeats[0], hp, state)
        counts.append(counter.total)
    return counts
