"""Networks of a pack: the same game for K seeds, with stacked parameters."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.bench.engine.convolutions import with_products
from gan_bench.bench.engine.sizes import sizes
from gan_bench.bench.engine.skeletons import (
    Ties,
    completed,
    copied,
    networks_of,
    own_parameters,
    tied_parameters,
    with_storage,
)
from gan_bench.bench.engine.streams import stream
from gan_bench.variants.base import Game
from gan_bench.variants.declarations import Build
from gan_bench.variants.network import Network, Parameters
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.noise import Noise
from gan_bench.variants.supplies import noises


class Replicas:
    """Parameters and state of K replicas, as ``[K, ...]`` tensors (``[...]`` when solo).

    Args:
        game: the game, which has the networks.
        build: the architecture family.
        seeds: one per replica; initial weights depend on a replica's own seed only.
        init: distribution of the initial weights.
        device, dtype: of all tensors.
        solo: train one replica by plain autograd on live modules.
        precision: of matrix products and convolutions in training, see
            :class:`~gan_bench.variants.network.Network`.
        products: convolutions of a pack with so many channels, or fewer, are matrix products, see
            :func:`~gan_bench.bench.engine.convolutions.with_products`.

    Raises:
        ValueError: for a layer that draws from the global generator or changes buffers, a network that uses
            a tensor under two names, or a frozen network whose file has another hash.
    """

    def __init__(
        self,
        game: Game,
        build: Build,
        seeds: Sequence[int],
        *,
        init: str,
        device: torch.device,
        dtype: torch.dtype,
        solo: bool,
        precision: torch.dtype | None = None,
        products: int = 0,
    ) -> None:
        self.precision = precision
        self.device, self.dtype, self.solo, self.count = device, dtype, solo, len(seeds)
        self.skeletons, self.frozen = networks_of(game, build, device, dtype)
        self._played = with_products(self.skeletons, products) if products else self.skeletons
        self.params: dict[str, Parameters] = {
            role: self._laid_out(role, self._stack([_initial(skeleton, seed, role, init) for seed in seeds]))
            for role, skeleton in self.skeletons.items()
        }
        self.state: Mapping[str, Tensor] = self._stack([game.state() for _ in seeds])
        if solo:
            self._make_live()

    def _make_live(self) -> None:
        whole = {r: completed(s, r, self.params) for r, s in self.skeletons.items()}
        self._trained = {r: _live(s, whole[r], True) for r, s in self.skeletons.items()}
        self._fixed = {r: _live(s, whole[r], False) for r, s in self.skeletons.items()}

    def alone(self, replica: int) -> Replicas:
        """Return one replica of a pack as a solo one, whose weights are views into the stack."""
        one = copy.copy(self)
        one.params, one.state = self.of(replica), self.state_of(replica)
        one.solo, one.count = True, 1
        one._make_live()
        return one

    def _stack(self, replicas: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        tensors = [{k: self._place(v) for k, v in one.items()} for one in replicas]
        if self.solo:
            return tensors[0]
        return {name: torch.stack([one[name] for one in tensors]) for name in tensors[0]}

    def _laid_out(self, role: str, params: Parameters) -> Parameters:
        """Return parameters with channels last where this is faster, see `tests/benchmarks/layouts.py`."""
        if not (
            self.solo and self.device.type == "cpu" and getattr(self.skeletons[role], "channels_last", False)
        ):
            return params
        return {name: channels_last(p) if p.ndim == 4 else p for name, p in params.items()}

    def _place(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)

    @property
    def place(self) -> dict[str, Any]:
        """Device and dtype of every tensor, as keyword arguments."""
        return {"device": self.device, "dtype": self.dtype}

    @cached_property
    def noises(self) -> dict[str, Noise]:
        """Noise that networks declare, ``role.layer`` -> noise."""
        return {
            f"{role}.{layer}": noise
            for role, skeleton in self.skeletons.items()
            for layer, noise in noises(skeleton).items()
        }

    @property
    def sizes(self) -> dict[str, int]:
        """Number of trained weights of one replica, by role; tied ones count for their own role."""
        return sizes(self.skeletons)

    @property
    def frozen_sizes(self) -> dict[str, int]:
        """Number of weights of the roles that no player trains."""
        return sizes(self.frozen)

    def traced(self) -> dict[str, Tensor]:
        """Return the parameters that networks list in ``traced`` (symbol -> name), each ``[K, size]``.

        Keys are ``role.symbol``, as in ``generator.theta``.
        """
        return {
            f"{role}.{symbol}": self.params[role][name].reshape(self.count, -1)
            for role, skeleton in self.skeletons.items()
            for symbol, name in getattr(skeleton, "traced", {}).items()
        }

    def of(self, replica: int) -> dict[str, Parameters]:
        """Return the parameters of one replica by role: views into the stack."""
        if self.solo:
            return self.params
        return {role: {n: p[replica] for n, p in params.items()} for role, params in self.params.items()}

    def state_of(self, replica: int) -> Mapping[str, Tensor]:
        """Return the game's state for one replica."""
        return self.state if self.solo else {name: s[replica] for name, s in self.state.items()}

    def solo_networks(self, trained: Sequence[str]) -> dict[str, nn.Module]:
        """Return live modules for one player.

        The networks that the player trains have ``requires_grad=True``. The others are copies that share
        weights and have ``requires_grad=False``, so autograd builds no graph for them.
        """
        chosen = {
            role: self._trained[role] if role in trained else self._fixed[role] for role in self._trained
        }
        for role, skeleton in self.skeletons.items():
            if tied_parameters(skeleton):
                chosen[role] = _joined(chosen[role], tied_parameters(skeleton), chosen)
        return {**chosen, **self.frozen}

    def networks(self, params: Mapping[str, Parameters], noise: Mapping[str, Tensor]) -> dict[str, Network]:
        """Return the networks of one replica at these parameters, for use inside packs."""
        return {
            role: functional(
                skeleton,
                completed(skeleton, role, params),
                network_noise(noise, role) if role in self.stochastic else None,
                self.precision,
            )
            for role, skeleton in self.skeletons.items()
        }

    @cached_property
    def stochastic(self) -> set[str]:
        """Return the roles whose networks have noise of their own."""
        return {name.split(".", 1)[0] for name in self.noises}

    def all_finite(self) -> Tensor:
        """Return a bool tensor ``[K]``: True for replicas whose weights are all finite."""
        tensors = [p for params in self.params.values() for p in params.values()]
        if self.solo:
            return torch.stack([p.isfinite().all() for p in tensors]).all().reshape(1)
        return torch.stack([p.isfinite().reshape(self.count, -1).all(1) for p in tensors]).all(0)


def channels_last(kernel: Tensor) -> Tensor:
    """Return a tensor of four dimensions with the second one last in memory."""
    return kernel.contiguous(memory_format=torch.channels_last)


def contiguous(params: Mapping[str, Parameters]) -> dict[str, Parameters]:
    """Return parameters by role, with channels in the usual order in memory."""
    return {role: {name: p.contiguous() for name, p in own.items()} for role, own in params.items()}


def network_noise(noise: Mapping[str, Tensor], role: str) -> tuple[dict[str, Tensor], ...]:
    """Collect ``role.layer.call`` draws into one mapping ``layer -> tensor`` per call."""
    calls: dict[int, dict[str, Tensor]] = {}
    for name, tensor in noise.items():
        if name.startswith(f"{role}."):
            layer, call = name.removeprefix(f"{role}.").rsplit(".", 1)
            calls.setdefault(int(call), {})[layer] = tensor
    return tuple(calls[call] for call in sorted(calls))


def evaluation_modules(skeletons: Mapping[str, nn.Module], device: torch.device, dtype: torch.dtype) -> dict:
    """Return modules in evaluation mode for functional calls, which replace their (empty) weights."""
    return {
        role: with_storage(skeleton).to(device, dtype).eval().requires_grad_(False)
        for role, skeleton in skeletons.items()
    }


def functional(
    module: nn.Module, params: Parameters, noise: tuple | None = None, precision: torch.dtype | None = None
) -> Network:
    """Return a network of explicit parameters, for use inside packs."""
    return Network(module, params, noise=noise, functional=True, precision=precision)


def _initial(skeleton: nn.Module, seed: int, role: str, init: str) -> dict[str, Tensor]:
    module = with_storage(skeleton)
    initialise(module, stream(seed, "init", role), init)
    return {name: p.detach() for name, p in own_parameters(module).items()}


def _live(skeleton: nn.Module, params: Parameters, trained: bool) -> nn.Module:
    module = copied(skeleton)
    fixed = {name: b for name, b in module.named_buffers() if name in module.state_dict()}
    module.load_state_dict({**fixed, **params}, assign=True)
    return module.requires_grad_(trained)


def _joined(module: nn.Module, tied: Ties, modules: Mapping[str, nn.Module]) -> nn.Module:
    """Return a copy of a live module whose tied parameters are those of the other roles' modules."""
    shared = {id(p): p for p in module.parameters()}
    joined = copied(module, dict(shared))
    for name, (role, other) in tied.items():
        layer, _, parameter = name.rpartition(".")
        setattr(joined.get_submodule(layer), parameter, modules[role].get_parameter(other))
    return joined
