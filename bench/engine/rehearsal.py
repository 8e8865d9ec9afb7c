"""A check of a game, its networks and data while planning: one iteration on tensors without values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.feeds import network_calls
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.iteration import optimiser_of
from gan_bench.bench.engine.replicas import network_noise
from gan_bench.bench.engine.simulated_optimisers import ReadableOptimisers
from gan_bench.bench.engine.skeletons import networks_of, own_parameters
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
from gan_bench.variants.supplies import noises

META = torch.device("meta")
COUPLING = (BatchNorm, nn.modules.batchnorm._NormBase)
"""Layers that need a batch of more than one row."""


def misfit(
    variant: str, architecture: Mapping[str, Any], hyperparameters: Mapping[str, Any], dataset: Any
) -> str:
    """Return the reason why a variant cannot be trained on these networks and data, or "" if it can.

    Networks are built without storage. If a batch may have one row (`Game.least_rows`), every player's loss
    is calculated once, so each layer receives a batch of the shape that it has in training. The first such
    calculation takes seconds, because torch then loads its shape functions.

    Args:
        variant: its registered name.
        architecture: a family with its options.
        hyperparameters: all of the variant's.
        dataset: a `datasets.base.Dataset`.
    """
    game_class = info(variant).game
    declared = game_class.hyperparameters
    pack = PackHyperparameters([completed(declared, hyperparameters)], set(continuous(declared)), META)
    game = game_class(data_spec(dataset), pack.structure)
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
        _play(game, {**networks, **frozen}, pack, dataset)
    except ValueError as error:  # raised by batch normalisation, ours or torch's
        return (
            f"batch_size = {pack.structure.batch_size}: {error} ({reached[-1]}); "
            "expected a larger batch_size, or another normalisation in these networks"
        )
    except Exception:  # A loss may read values, which these tensors lack; training reports its errors.
        return ""
    return ""


def _play(
    game: Game, modules: Mapping[str, nn.Module], hyperparameters: PackHyperparameters, dataset: Any
) -> None:
    """Calculate every player's loss once."""
    size, hp = hyperparameters.structure.batch_size, hyperparameters.at(0.0)
    state = {name: tensor.to(META) for name, tensor in game.state().items()}
    params = {role: own_parameters(module) for role, module in modules.items()}
    players = {player.name: player for player in game.players()}
    owned = {
        f"{role}.{layer}": noise
        for role, module in modules.items()
        for layer, noise in noises(module).items()
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
            optimisers = _simulated(players[name], list(players.values()), params, hyperparameters, hp)
            players[name].loss(Play(networks, batch, noise, hp, state, optimisers).again())


def _simulated(
    player: Player,
    players: list[Player],
    params: Mapping[str, Any],
    hyperparameters: PackHyperparameters,
    hp: Any,
) -> dict[str, Any]:
    if not player.foresees:
        return {}
    optimisers = {p.name: optimiser_of(p, hyperparameters.structure, params) for p in players}
    readable = ReadableOptimisers.of(player, players, optimisers, params)
    return dict(readable.at(readable.moments, readable.counts, hp))


def _noise(noise: Noise, size: int) -> Tensor:
    dtype = torch.float32 if noise.floating else torch.int64
    return torch.empty((size, *(() if noise.law == "permutation" else noise.shape)), dtype=dtype, device=META)


def _batch(game_round: Round, size: int, dataset: Any) -> dict[str, Any]:
    """Return empty prepared batches by stream, with the fields and shapes of one row."""

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
