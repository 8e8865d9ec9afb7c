"""Loss and gradient of one player: by plain autograd for one replica, by ``vmap`` of ``grad`` for a pack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.func import grad_and_value, vmap

from gan_bench.bench.engine.compiled import Compiled
from gan_bench.bench.engine.replicas import Replicas, network_noise
from gan_bench.bench.engine.simulated_optimisers import ReadableOptimisers
from gan_bench.bench.engine.skeletons import own_parameters
from gan_bench.variants.base import Play, Player, as_loss
from gan_bench.variants.network import Network, Parameters

Tree = Mapping[str, Any]
NO_OPTIMISERS = ReadableOptimisers()


@dataclass(frozen=True)
class Step:
    """Value and gradient of a player's loss.

    Attributes:
        loss, logs: ``[K]``, scalars solo.
        state: new values of the game's state.
        grads: in the order of :attr:`Stepper.params`.
    """

    loss: Tensor
    logs: Mapping[str, Tensor]
    state: Mapping[str, Tensor]
    grads: list[Tensor]


class SoloStepper:
    """Differentiate one player's loss on live modules."""

    def __init__(
        self, player: Player, replicas: Replicas, readable: ReadableOptimisers = NO_OPTIMISERS
    ) -> None:
        self.player, self.replicas, self._readable = player, replicas, readable
        self._modules = replicas.solo_networks(player.trains)
        self._fixed = {role: self._network(role) for role in self._modules}
        self._stochastic = replicas.stochastic
        self.params = [p for role in player.trains for p in own_parameters(self._modules[role]).values()]

    def _network(self, role: str, **options: Any) -> Network:
        return Network(self._modules[role], precision=self.replicas.precision, **options)

    def __call__(
        self, batch: Mapping[str, Any], noise: Mapping[str, Tensor], hp: SimpleNamespace, state: Tree
    ) -> Step:
        """Calculate the loss and its gradient on one batch ``[batch, ...]``."""
        networks = self._fixed
        if self._stochastic:
            fresh = {r: self._network(r, noise=network_noise(noise, r)) for r in self._stochastic}
            networks = {**networks, **fresh}
        optimisers = self._readable.at(self._readable.moments, self._readable.counts, hp)
        loss = as_loss(self.player.loss(Play(networks, batch, noise, hp, state, optimisers)))
        grads = torch.autograd.grad(loss.value, self.params, materialize_grads=True)
        logs = {name: log.detach() for name, log in loss.logs.items()}
        new_state = {name: new.detach() for name, new in loss.state.items()}
        return Step(loss.value.detach(), logs, new_state, list(grads))

    @torch.no_grad()
    def constrain(self, hp: SimpleNamespace) -> None:
        """Apply the player's constraint to the networks that it trains, in place."""
        assert self.player.constraint is not None
        for role in self.player.trains:
            params = self.replicas.params[role]
            projected = self.player.constraint(params, hp)
            torch._foreach_copy_(list(params.values()), list(projected.values()))


class PackedStepper:
    """Differentiate one player's loss for all replicas at once.

    Args:
        player: the player, which has the loss.
        replicas: the networks of the pack.
        readable: the other players' optimisers that the loss may read.
        compiled: names of all continuous hyperparameters. The step is compiled and these are always tensors
            ``[K]``, so one program serves every value. ``None`` does not compile.
    """

    def __init__(
        self,
        player: Player,
        replicas: Replicas,
        readable: ReadableOptimisers = NO_OPTIMISERS,
        compiled: Collection[str] | None = None,
    ) -> None:
        self.player, self.replicas, self._readable = player, replicas, readable
        self.params = [p for role in player.trains for p in replicas.params[role].values()]
        self._frozen = {
            role: Network(module, functional=True, precision=replicas.precision)
            for role, module in replicas.frozen.items()
        }
        self._batched: tuple[SimpleNamespace, dict[str, Tensor]] | None = None
        self._shared: dict[str, Any] = {}
        self._spread = compiled or ()
        own = {role: replicas.params[role] for role in player.trains}
        others = {r: p for r, p in replicas.params.items() if r not in player.trains}
        fixed = (own, others, readable.moments, readable.counts)
        whole = vmap(grad_and_value(self._loss, has_aux=True), in_dims=(0, 0, 0, None, 0, 0, 0, 0))
        self._all: Callable = Compiled(whole, fixed) if compiled is not None else partial(whole, *fixed)

    def _loss(
        self, own: Tree, others: Tree, moments: Tree, counts: Tree,
        batch: Tree, noise: Mapping[str, Tensor], hp: Tree, state: Tree,
    ) -> Any:  # fmt: skip
        networks = {**self._frozen, **self.replicas.networks({**own, **others}, noise)}
        now = SimpleNamespace(**self._shared, **hp)
        play = Play(networks, batch, noise, now, state, self._readable.at(moments, counts, now))
        loss = as_loss(self.player.loss(play))
        return loss.value, (dict(loss.logs), dict(loss.state))

    def _split(self, hp: SimpleNamespace) -> dict[str, Tensor]:
        """Return the hyperparameters that are tensors ``[K]``, in the training dtype; store shared ones."""
        if self._batched is None or self._batched[0] is not hp:
            tensors, shared = {}, {}
            for name, value in vars(hp).items():
                if isinstance(value, Tensor):
                    tensors[name] = value.to(self.replicas.dtype)
                elif name in self._spread:
                    tensors[name] = torch.full((self.replicas.count,), value, **self.replicas.place)
                else:
                    shared[name] = value
            self._batched, self._shared = (hp, tensors), shared
        return self._batched[1]

    def __call__(
        self, batch: Mapping[str, Any], noise: Mapping[str, Tensor], hp: SimpleNamespace, state: Tree
    ) -> Step:
        """Calculate all replicas' losses and gradients on their batches ``[K, batch, ...]``."""
        grads, (loss, (logs, new_state)) = self._all(batch, noise, self._split(hp), state)
        flat = [g for role in self.player.trains for g in grads[role].values()]
        return Step(loss, logs, new_state, flat)

    @torch.no_grad()
    def constrain(self, hp: SimpleNamespace) -> None:
        """Apply the player's constraint in place, with the hyperparameters of each replica."""
        constraint = self.player.constraint
        assert constraint is not None
        batched = self._split(hp)

        def project(params: Parameters, settings: dict[str, Tensor]) -> Parameters:
            return constraint(params, SimpleNamespace(**self._shared, **settings))

        for role in self.player.trains:
            params = self.replicas.params[role]
            projected = vmap(project, in_dims=(0, 0))(params, batched)
            torch._foreach_copy_(list(params.values()), list(projected.values()))


Stepper = SoloStepper | PackedStepper
