"""One round of a game on tensors without values, so that what cannot be trained is found while planning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.feeds import network_calls
from gan_bench.bench.engine.foresight import Foreseen
from gan_bench.bench.engine.iteration import optimiser_of
from gan_bench.bench.engine.replicas import network_noise, networks_of
from gan_bench.bench.engine.settings import Settings
from gan_bench.bench.engine.train import data_spec
from gan_bench.datasets.sources import SampledSource
from gan_bench.variants.base import Game, Play, Player, Round
from gan_bench.variants.hyperparameters import completed, continuous
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.layers import BatchNorm
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import info

META = torch.device("meta")
COUPLING = (BatchNorm, nn.modules.batchnorm._NormBase)
"""Layers that cannot take a batch of one row."""


def misfit(
    variant: str, architecture: Mapping[str, Any], hyperparameters: Mapping[str, Any], dataset: Any
) -> str:
    """Return why a variant cannot be trained on these networks and data, or nothing if it can.

    Networks are built without storage. Where a batch may be of one row (`Game.least_rows`), every player's
    loss is played once, so that each layer sees a batch of the shape that training gives it; the first time
    that takes seconds, because torch then loads what calculates shapes.

    Args:
        variant: its registered name.
        architecture: a family with its options.
        hyperparameters: all of the variant's.
        dataset: a `datasets.base.Dataset`.
    """
    game_class = info(variant).game
    declared = game_class.hyperparameters
    settings = Settings([completed(declared, hyperparameters)], set(continuous(declared)), META)
    game = game_class(data_spec(dataset), settings.structure)
    try:
        networks, frozen = networks_of(game, builder(architecture), META, torch.float32)
    except Misfit as error:
        return str(error)
    if game.least_rows > 1:
        return ""
    reached = [""]
    for role, network in networks.items():
        for name, layer in network.named_modules():
            if isinstance(layer, COUPLING):
                layer.register_forward_pre_hook(lambda *_, where=f"{role}.{name}": reached.append(where))
    try:
        _play(game, {**networks, **frozen}, settings, dataset)
    except ValueError as error:  # of batch normalisation, ours or torch's
        return (
            f"batch_size = {settings.structure.batch_size}: {error} ({reached[-1]}); "
            "expected a larger batch_size, or another normalisation in these networks"
        )
    except Exception:  # A loss may ask for values, which there are none: training will say what is wrong.
        return ""
    return ""


def _play(game: Game, modules: Mapping[str, nn.Module], settings: Settings, dataset: Any) -> None:
    """Play every player's loss once."""
    size, hp = settings.structure.batch_size, settings.at(0.0)
    state = {name: tensor.to(META) for name, tensor in game.state().items()}
    params = {role: dict(module.named_parameters()) for role, module in modules.items()}
    players = {player.name: player for player in game.players()}
    owned = {
        f"{role}.{layer}": noise
        for role, module in modules.items()
        for layer, noise in getattr(module, "noises", {}).items()
    }
    for game_round in game.rounds():
        calls = network_calls(game_round, owned)
        declared = {**game.noise(), **{call: owned[call.rsplit(".", 1)[0]] for call in calls}}
        noise = {name: _noise(declared[name], size) for name in (*game_round.noise, *calls)}
        batch = _batch(game_round, size, dataset)
        networks = {
            role: Network(module, noise=network_noise(noise, role)) for role, module in modules.items()
        }
        for name in game_round.players:
            ahead = _foreseen(players[name], list(players.values()), params, settings, hp)
            players[name].loss(Play(networks, batch, noise, hp, state, ahead).again())


def _foreseen(
    player: Player, players: list[Player], params: Mapping[str, Any], settings: Settings, hp: Any
) -> dict[str, Any]:
    if not player.foresees:
        return {}
    optimisers = {p.name: optimiser_of(p, settings.structure, params) for p in players}
    foreseen = Foreseen.of(player, players, optimisers, params)
    return dict(foreseen.at(foreseen.moments, foreseen.counts, hp))


def _noise(noise: Noise, size: int) -> Tensor:
    dtype = torch.float32 if noise.floating else torch.int64
    return torch.empty((size, *(() if noise.law == "permutation" else noise.shape)), dtype=dtype, device=META)


def _batch(game_round: Round, size: int, dataset: Any) -> dict[str, Any]:
    """Prepared batches by stream, of the fields that one row has."""

    def empty(rows: Tensor) -> Tensor:
        dtype = torch.int64 if rows.dtype == torch.int64 else torch.float32
        return torch.empty((size, *rows.shape[1:]), dtype=dtype, device=META)

    batch = {}
    for name in game_round.streams:
        source = dataset.stream(name)
        if isinstance(source, SampledSource):
            row = source.sample(1, torch.Generator().manual_seed(0))
        else:
            row = source.gather(torch.zeros(1, dtype=torch.int64))
        batch[name] = tree_map(empty, row)
    return batch
