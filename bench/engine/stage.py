"""A game played once, without updates: every loss of every round, and every ability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.hyperparameters import PackHyperparameters
from gan_bench.bench.engine.iteration import optimiser_of
from gan_bench.bench.engine.replicas import Replicas
from gan_bench.bench.engine.simulated_optimisers import ReadableOptimisers
from gan_bench.bench.engine.skeletons import networks_of
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.engine.watched import Layers, shapes
from gan_bench.variants.base import Game, Loss, Play, Player, as_loss
from gan_bench.variants.declarations import Ability, Build
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network, Parameters
from gan_bench.variants.networks import builder
from gan_bench.variants.noise import Noise
from gan_bench.variants.supplies import noises

CPU, META = torch.device("cpu"), torch.device("meta")
Calls = list[dict[str, int]]
"""Per round: role -> calls of its network that draw noise of the network's own."""


class Stage:
    """The networks, draws and settings of one replica on the CPU, or on the meta device, which has no values.

    Args:
        game: the game.
        build: the architecture.
        init: law of the initial weights.
        hyperparameters: of one replica.
        dataset: the dataset.
        device: :data:`CPU` or :data:`META`.

    Attributes:
        playing: what is played, in words: ``its loss `critic_loss```.
        layers: of the networks, for messages.
    """

    def __init__(
        self, game: Game, build: Build, init: str, hyperparameters: PackHyperparameters, dataset: Any,
        device: torch.device,
    ) -> None:  # fmt: skip
        game = type(game)(game.data, game.settings)  # building networks may change a game
        self.game, self.dataset, self.device = game, dataset, device
        self.hyperparameters, self.hp = hyperparameters, hyperparameters.at(0.0)
        self.size = hyperparameters.structure.batch_size
        if device == META:
            trained, frozen = networks_of(game, build, META, torch.float32)
            self.modules = {**trained, **frozen}
            self.state = {name: tensor.to(META) for name, tensor in game.state().items()}
        else:
            replicas = Replicas(game, build, (0,), init=init, device=CPU, dtype=torch.float32, solo=True)
            self.modules = replicas.solo_networks(list(replicas.skeletons))
            self.state = dict(replicas.state)
        self.layers = Layers(self.modules)
        self.playing = "it"

    def play(self) -> Calls:
        """Play every loss and ability; return the calls of networks with noise of their own.

        Raises:
            Misfit: for networks or outputs of other shapes than expected; losses and layers raise others.
        """
        calls = self.play_losses()
        with torch.no_grad():
            for name, ability in self.game.able().items():
                self._play_ability(name, ability)
        return calls

    def play_losses(self) -> Calls:
        """Calculate every player's loss once in every round; return the calls as :meth:`play` does."""
        feeds = Feeds(
            self.game, self.dataset, (0,), self.size, device=CPU, dtype=torch.float32, solo=True
        )  # fmt: skip
        feeds.chunk = 1
        players = {player.name: player for player in self.game.players()}
        counts: Calls = []
        for game_round, repeats in zip(self.game.rounds(), next(iter(feeds)), strict=True):
            batch, noise = tree_map(lambda tensor: tensor.to(self.device), repeats[0])
            counts.append({})
            new: dict[str, Tensor] = {}
            for name in game_round.players:
                calls, state = self._play_loss(players[name], list(players.values()), batch, noise)
                counts[-1] = {role: max(n, counts[-1].get(role, 0)) for role, n in calls.items()}
                new |= state
            self.state |= new
        return counts

    def _play_loss(
        self, player: Player, players: list[Player], batch: Mapping[str, Any], noise: Mapping[str, Tensor]
    ) -> tuple[dict[str, int], Mapping[str, Tensor]]:
        self.playing = f"its loss `{getattr(player.loss, '__name__', player.name)}`"
        own = {role: OwnNoise(module, self.size, self.device) for role, module in self.modules.items()}
        networks = {role: Network(module, noise=own[role] or None) for role, module in self.modules.items()}
        optimisers = self._simulated(player, players)
        play = Play(networks, batch, noise, self.hp, self.state, optimisers)
        loss = self.loss_of(player, play)
        if not isinstance(loss.value, Tensor) or loss.value.ndim:
            raise Misfit(f"{self.playing} returns {shapes(loss.value)}; expected a scalar")
        return {role: noise.called for role, noise in own.items() if noise}, loss.state

    def loss_of(self, player: Player, play: Play) -> Loss:
        """Return the value of a player's loss; overridden where more is done with it."""
        return as_loss(player.loss(play))

    def _simulated(self, player: Player, players: list[Player]) -> dict[str, Any]:
        if not player.foresees:
            return {}
        params: dict[str, Parameters] = {
            role: dict(module.named_parameters()) for role, module in self.modules.items()
        }
        optimisers = {p.name: optimiser_of(p, self.hyperparameters.structure, params) for p in players}
        readable = ReadableOptimisers.of(player, players, optimisers, params)
        return dict(readable.at(readable.moments, readable.counts, self.hp))

    def _play_ability(self, name: str, ability: Ability) -> None:
        """Use an ability on as many rows as a batch has."""
        self.playing = f"its ability `{name}`"
        rows = max(2, self.size)  # a trained network's normalisation takes single rows, unlike this one's
        given = self.dataset.given(ability.inputs, "test", rows) if ability.inputs else {}
        batch = {
            field: self.dataset.prepare(raw, field, torch.float32).to(self.device)
            for field, raw in given.items()
        }
        rows = min([rows, *map(len, batch.values())])
        declared = self.game.noise()
        noise = {name: _draw(declared[name], rows, self.device) for name in ability.noise}
        networks = {role: Network(module) for role, module in self.modules.items()}
        for role in ability.keeps_noise:
            own = OwnNoise(self.modules[role], rows, self.device)
            networks[role] = Network(self.modules[role], noise=own or None)
        made = getattr(self.game, name)(Play(networks, batch, noise, self.hp, self.state))
        if ability.makes:
            shape = [rows, *self.dataset.spaces[ability.makes].shape]
            if not isinstance(made, Tensor) or list(made.shape) != shape:
                raise Misfit(f"{self.playing} makes {shapes(made)}; {ability.makes} has shape {shape}")


def network_calls(
    game: Game, architecture: Mapping[str, Any], hyperparameters: PackHyperparameters, dataset: Any
) -> Calls:
    """Return per round the calls of each network with noise of its own, the most of the round's players."""
    return Stage(
        game, builder(architecture), architecture["init"], hyperparameters.first(), dataset, CPU
    ).play_losses()


class OwnNoise(Sequence[Mapping[str, Tensor]]):
    """The draws of a network's own noise for as many calls as a loss makes, which are counted.

    Args:
        module: the network.
        rows: of every draw.
        device: of the draws.

    Attributes:
        called: calls so far.
    """

    def __init__(self, module: nn.Module, rows: int, device: torch.device) -> None:
        self._declared, self._rows, self._device = noises(module), rows, device
        self.called = 0

    def __len__(self) -> int:
        """Return a number that no loss reaches; 0 for a network without noise."""
        return 2**31 if self._declared else 0

    def __getitem__(self, call: Any) -> Any:
        """Return draws by layer for a call, which is counted."""
        self.called = max(self.called, call + 1)
        return {name: _draw(noise, self._rows, self._device) for name, noise in self._declared.items()}


def _draw(noise: Noise, rows: int, device: torch.device) -> Tensor:
    drawn = noise.draw(1, rows, stream(0, "rehearsal"))[0]
    return drawn.to(device, torch.float32 if noise.floating else None)
