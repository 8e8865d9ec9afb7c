"""Operations and FLOP of training, counted while planning: every loss with its gradient once, no update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.flop import FlopCounter, makes_view
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.skeletons import own_parameters
from gan_bench.bench.engine.stage import CPU, META, Stage
from gan_bench.variants.base import Loss, Play, Player
from gan_bench.variants.networks import builder, check
from gan_bench.variants.registry import info


@dataclass(frozen=True)
class Effort:
    """Work of one replica.

    Attributes:
        operations: calls of torch's operations, views and updates of weights left out.
        flop: of matrix products and convolutions; a multiply-add counts as 2.
    """

    operations: int
    flop: int


class EffortCounter(FlopCounter):
    """Count operations, and the FLOP of those that have any."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Do an operation and count it."""
        self.operations += not makes_view(func)
        return super().__torch_dispatch__(func, types, args, kwargs)


class CountedStage(Stage):
    """A stage that differentiates every loss in its player's weights and keeps the effort.

    Attributes:
        efforts: of the losses in the order in which they were played.
    """

    def __init__(self, *scene: Any) -> None:
        super().__init__(*scene)
        self.efforts: list[Effort] = []

    def loss_of(self, player: Player, play: Play) -> Loss:
        """Return the value of a player's loss, whose effort and that of its gradient are counted."""
        for module in self.modules.values():
            module.requires_grad_(False)
        weights = [p for role in player.trains for p in own_parameters(self.modules[role]).values()]
        for weight in weights:
            weight.requires_grad_(True)
        with EffortCounter() as counter:
            loss = super().loss_of(player, play)
            torch.autograd.grad(loss.value, weights, materialize_grads=True)
        self.efforts.append(Effort(counter.operations, counter.total))
        return replace(loss, state={name: value.detach() for name, value in loss.state.items()})


def effort_of_rounds(
    variant: str,
    architecture: Mapping[str, Any],
    hyperparameters: Mapping[str, Any],
    dataset: Any,
    *,
    values: bool,
) -> list[Effort]:
    """Return the effort of one repeat of every round: losses and gradients of all of its players.

    Args:
        variant: its registered name.
        architecture: a family with its options.
        hyperparameters: all of the variant's.
        dataset: a `datasets.base.Dataset`.
        values: calculate with values, which takes as long as an iteration. Otherwise only shapes are
            followed, unless a loss reads values.
    """
    game_class = info(variant).game
    pack = PackHyperparameters.of(game_class, [hyperparameters], CPU)
    architecture = check(architecture)
    game = game_class(data_spec(dataset), pack.structure)
    scene = (game, builder(architecture), architecture["init"], pack, dataset)
    try:
        efforts = iter(_played(*scene, CPU if values else META))
    except Exception:
        if values:
            raise
        efforts = iter(_played(*scene, CPU))
    return [_total([next(efforts) for _ in game_round.players]) for game_round in game.rounds()]


def _played(*scene: Any) -> list[Effort]:
    stage = CountedStage(*scene)
    stage.play_losses()
    return stage.efforts


def _total(efforts: list[Effort]) -> Effort:
    return Effort(sum(one.operations for one in efforts), sum(one.flop for one in efforts))
