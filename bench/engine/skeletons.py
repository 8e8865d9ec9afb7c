"""The networks of a game before they have weights: frozen ones, and layers that roles share."""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor, nn

from gan_bench.names import suggestion
from gan_bench.variants.base import Game
from gan_bench.variants.declarations import Build, Frozen, Tied
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Parameters

_DRAWING = (nn.modules.dropout._DropoutNd, nn.RReLU)
_COUNTING = nn.modules.batchnorm._NormBase
_COPYING = ("__deepcopy__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__slots__")
_DICTS = {name for name, value in vars(nn.Module()).items() if isinstance(value, dict)}

Ties = Mapping[str, tuple[str, str]]
"""Name of a parameter -> role and name of the parameter that it is."""


def networks_of(
    game: Game, build: Build, device: torch.device, dtype: torch.dtype
) -> tuple[dict[str, nn.Module], dict[str, nn.Module]]:
    """Return a game's networks by role: trained ones without weights (skeletons), and loaded frozen ones.

    Raises:
        ValueError: see :class:`~gan_bench.bench.engine.replicas.Replicas`.
        Misfit: for tied layers that the two networks do not have in the same shapes.
    """
    networks = game.networks(build)
    frozen = {r: _load_frozen(r, n, device, dtype) for r, n in networks.items() if isinstance(n, Frozen)}
    tied = {role: network for role, network in networks.items() if isinstance(network, Tied)}
    skeletons: dict[str, nn.Module] = {
        role: network.module if isinstance(network, Tied) else network
        for role, network in networks.items()
        if not isinstance(network, Frozen)
    }
    _refuse_undeclared_ties(skeletons)
    for role, network in tied.items():
        skeletons[role].tied = _ties(role, network, skeletons, tied)  # type: ignore[assignment]
    for role, skeleton in skeletons.items():
        _refuse_hidden_state(role, skeleton)
        _place_buffers(skeleton, device, dtype)
    return skeletons, frozen


def tied_parameters(skeleton: nn.Module) -> Ties:
    """Return the parameters of a skeleton that are another role's, by name."""
    return getattr(skeleton, "tied", {})


def own_parameters(skeleton: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters of a skeleton or module by name, without those that are another role's."""
    tied = tied_parameters(skeleton)
    return {name: p for name, p in skeleton.named_parameters() if name not in tied}


def completed(skeleton: nn.Module, role: str, params: Mapping[str, Parameters]) -> Parameters:
    """Return all parameters of a role by name, from the own ones of every role."""
    tied = tied_parameters(skeleton)
    return {**params[role], **{name: params[other][theirs] for name, (other, theirs) in tied.items()}}


def with_storage(skeleton: nn.Module) -> nn.Module:
    """Return a copy whose parameters have storage on the CPU, without values; fixed buffers keep theirs.

    `Module.to_empty` does the same; for tensors of the meta device torch loads a library first.
    """
    memo: dict[int, Any] = {
        id(p): nn.Parameter(torch.empty(p.shape, dtype=p.dtype)) for p in skeleton.parameters()
    }
    memo |= {id(b): torch.empty(b.shape, dtype=b.dtype) for b in skeleton.buffers() if b.is_meta}
    return copied(skeleton, memo)


def copied(module: nn.Module, memo: dict[int, Any] | None = None) -> nn.Module:
    """Return what `copy.deepcopy` does, without its work on dicts of hooks, which takes most of its time.

    Args:
        module: to copy, with all that belongs to it.
        memo: identity -> the copy, of tensors and modules that have one already.
    """
    memo = {} if memo is None else memo
    if id(module) in memo:
        return memo[id(module)]
    kind = type(module)
    if any(getattr(kind, name, None) is not getattr(nn.Module, name, None) for name in _COPYING):
        return copy.deepcopy(module, memo)
    memo[id(module)] = new = kind.__new__(kind)
    for name, value in vars(module).items():
        if name in _DICTS and (name == "_modules" or not value):
            new.__dict__[name] = type(value)()
        else:
            new.__dict__[name] = copy.deepcopy(value, memo)
    layers: dict[str, Any] = new.__dict__["_modules"]
    for name, layer in module._modules.items():
        layers[name] = None if layer is None else copied(layer, memo)
    return new


def _ties(
    role: str, network: Tied, skeletons: Mapping[str, nn.Module], others: Mapping[str, Tied]
) -> dict[str, tuple[str, str]]:
    """Return the shared parameters of a role; raise Misfit for those that the other role does not have."""
    where = f"{role} shares layers with {network.to!r}"
    if network.to not in skeletons or network.to == role:
        roles = [name for name in skeletons if name != role]
        raise Misfit(f"{where}, which is no trained network; {suggestion(network.to, roles)}")
    mine, theirs = (dict(skeletons[name].named_parameters()) for name in (role, network.to))
    ties = {}
    for layer in network.layers:
        names = [name for name in mine if name == layer or name.startswith(f"{layer}.")]
        if not names:
            raise Misfit(f"{where}: {role} has no layer {layer!r} with weights; it has {', '.join(mine)}")
        for name in names:
            shapes = [tuple(params[name].shape) if name in params else None for params in (mine, theirs)]
            if shapes[0] != shapes[1]:
                raise Misfit(f"{where}: {name} has shape {shapes[0]} in {role}, {shapes[1]} in {network.to}")
            ties[name] = (network.to, name)
    if network.to in others and set(ties) & set(_shared(others[network.to], theirs)):
        raise Misfit(f"{where}, where they are the layers of {others[network.to].to!r}: name that role")
    return ties


def _shared(network: Tied, params: Mapping[str, Tensor]) -> list[str]:
    return [name for name in params if any(name == la or name.startswith(f"{la}.") for la in network.layers)]


def _place_buffers(skeleton: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    """Move fixed buffers (filters, position codes), except those on the meta device, which have no values."""
    for layer in skeleton.modules():
        for name, buffer in layer.named_buffers(recurse=False):
            if not buffer.is_meta:
                setattr(layer, name, buffer.to(device, dtype if buffer.is_floating_point() else None))


def _refuse_hidden_state(role: str, skeleton: nn.Module) -> None:
    """Raise ValueError for layers whose results would differ between solo training and packs."""
    for name, layer in skeleton.named_modules():
        if isinstance(layer, _DRAWING):
            fault, instead = "draws from the global generator", "gan_bench.variants.networks.layers.Dropout"
        elif isinstance(layer, _COUNTING) and layer.track_running_stats:
            fault, instead = "changes buffers", "gan_bench.variants.networks.norms.BatchNorm"
        else:
            continue
        raise ValueError(f"{role}.{name} is {type(layer).__name__}, which {fault}; use {instead}")
    names = [name for name, _ in skeleton.named_parameters(remove_duplicate=False)]
    if tied := set(names) - {name for name, _ in skeleton.named_parameters()}:
        raise ValueError(
            f"{role} uses one tensor under several names ({', '.join(sorted(tied))}): "
            "give the shared part its own role"
        )


def _refuse_undeclared_ties(skeletons: Mapping[str, nn.Module]) -> None:
    """Raise ValueError for one tensor in two roles, of which each role would train a copy of its own."""
    owners: dict[nn.Parameter, str] = {}
    for role, skeleton in skeletons.items():
        for name, parameter in skeleton.named_parameters():
            owner = owners.setdefault(parameter, f"{role}.{name}")
            if owner.split(".", 1)[0] != role:
                raise ValueError(
                    f"{role}.{name} and {owner} are one tensor: build both networks, and declare the layers "
                    "that they share by Tied"
                )


def _load_frozen(role: str, frozen: Frozen, device: torch.device, dtype: torch.dtype) -> nn.Module:
    content = frozen.file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not digest.startswith(frozen.sha256):
        raise ValueError(
            f"frozen network {role}: {frozen.file} has SHA-256 {digest}, expected {frozen.sha256}"
        )
    tensors = load(content) if frozen.file.suffix == ".safetensors" else _unpickled(content)
    state = frozen.module.state_dict()
    if missing := [name for name in state if name not in tensors]:
        raise ValueError(f"frozen network {role}: {frozen.file} has no tensor {missing[0]!r}")
    frozen.module.load_state_dict({name: tensors[name] for name in state}, assign=True)
    return frozen.module.to(device, dtype).eval().requires_grad_(False)


def _unpickled(content: bytes) -> Mapping[str, Tensor]:
    """Return the tensors of a file of `torch.save`; nothing in it is run."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
