"""A rehearsal of a game on its networks and data while planning: every loss and ability once, no update."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.sizes import critic_roles, sizes
from gan_bench.bench.engine.skeletons import networks_of
from gan_bench.bench.engine.stage import CPU, META, Stage
from gan_bench.bench.engine.watched import WatchedBuild
from gan_bench.errors import UserError
from gan_bench.spaces import Space
from gan_bench.variants.base import Game
from gan_bench.variants.declarations import Build
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder, check
from gan_bench.variants.networks.norms import BatchNorm
from gan_bench.variants.registry import info

COUPLING = (BatchNorm, nn.modules.batchnorm._NormBase)
"""Layers that need more than one value per channel."""
MOST_WORK = 10**10
"""Multiply-adds of one pass of a batch through all networks, at most, that are played with values."""


@dataclass(frozen=True)
class Rehearsal:
    """Facts about a game on its networks and data.

    Attributes:
        reason: why they do not fit together, empty if they do.
        parameters: number of trained weights by role; tied ones count for their own role.
        frozen_parameters: number of weights by role that no player trains.
        critics: the roles that critics train.
        work: multiply-adds of one pass of a batch through all networks, at most.
    """

    reason: str = ""
    parameters: Mapping[str, int] = field(default_factory=dict)
    frozen_parameters: Mapping[str, int] = field(default_factory=dict)
    critics: tuple[str, ...] = ()
    work: int = 0


class Fault(Exception):
    """An error in the code of a game or network; the error itself is the cause.

    Attributes:
        playing: what was played: ``its loss `critic_loss```.
    """

    def __init__(self, playing: str) -> None:
        super().__init__(playing)
        self.playing = playing


def rehearse(
    variant: str, architecture: Mapping[str, Any], hyperparameters: Mapping[str, Any], dataset: Any
) -> Rehearsal:
    """Build a game's networks and play each of its losses and abilities once.

    Small networks are played on the CPU. Large ones are played on the meta device, which has shapes without
    values; torch needs a second to load its functions for it. What fails there is played on the CPU: a loss
    may read values (``.item()``, boolean masks), and only errors with real values count.

    Args:
        variant: its registered name.
        architecture: a family with its options.
        hyperparameters: all of the variant's.
        dataset: a `datasets.base.Dataset`.

    Raises:
        Fault: for an error in the code of the game, whose cause it is.
    """
    game_class = info(variant).game
    pack = PackHyperparameters.of(game_class, [hyperparameters], CPU)
    architecture = check(architecture)
    build: Any = WatchedBuild(builder(architecture))
    try:
        game = game_class(data_spec(dataset), pack.structure)
        networks, frozen = networks_of(game, build, META, torch.float32)
        facts = sizes(networks), sizes(frozen), tuple(critic_roles(game.players()))
    except Misfit as error:
        return Rehearsal(str(error))
    except UserError:
        raise
    except Exception as error:
        raise Fault("the building of its networks") from error
    work = _work({**networks, **frozen}, game.data.spaces.values(), pack.structure.batch_size)
    stage = (game, build, architecture["init"], pack, dataset)
    played = work > MOST_WORK and _plays_without_values(*stage)
    return Rehearsal("" if played else _misfit(*stage), *facts, work)


def _plays_without_values(
    game: Game, build: Build, init: str, pack: PackHyperparameters, dataset: Any
) -> bool:
    """Return whether everything can be played on the meta device; the CPU finds the reason if not."""
    try:
        Stage(game, build, init, pack, dataset, META).play()
    except Exception:
        return False
    return True


def _misfit(game: Game, build: Build, init: str, pack: PackHyperparameters, dataset: Any) -> str:
    """Return the reason why a game cannot be played, or an empty text; raise Fault for errors of its code."""
    try:
        stage = Stage(game, build, init, pack, dataset, CPU)
    except Exception as error:  # an initialisation, or the game's initial state
        raise Fault("the start of its networks") from error
    try:
        stage.play()
    except (Misfit, ValueError, RuntimeError) as error:
        layer = stage.layers.innermost
        if layer is not None and isinstance(layer[1], COUPLING):
            return (
                f"batch_size = {pack.structure.batch_size}: {error} ({layer[0]}); "
                "expected a larger batch_size, or another normalisation in these networks"
            )
        if isinstance(error, Misfit):
            return str(error)
        if layer is None:
            raise Fault(stage.playing) from error
        return f"{stage.playing} calls {layer[0]}, which fails: {str(error).partition(chr(10))[0]}"
    except Exception as error:
        raise Fault(stage.playing) from error
    return ""


def _work(modules: Mapping[str, nn.Module], spaces: Iterable[Space], rows: int) -> int:
    """Return the multiply-adds of one pass, at most: a kernel is used at every pixel."""
    pixels = max((math.prod(space.shape[1:]) for space in spaces if space.is_image), default=1)
    weights = [p for module in modules.values() for p in module.parameters()]
    return rows * sum(p.numel() * (pixels if p.ndim > 2 else 1) for p in weights)
