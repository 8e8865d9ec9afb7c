"""A trained replica for evaluation: its abilities, calibrated BatchNorm, and the shared evaluation noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gan_bench.bench.engine.replicas import evaluation_modules, functional
from gan_bench.bench.engine.skeletons import completed, networks_of, own_parameters
from gan_bench.bench.engine.streams import stream
from gan_bench.datasets.finite import Restored
from gan_bench.variants.base import Build, Game, Play
from gan_bench.variants.network import Network, Parameters
from gan_bench.variants.networks.layers import BatchNorm, recording
from gan_bench.variants.noise import Noise

Weights = Literal["raw", "ema"]

CALIBRATION_SAMPLES = 1024
BATCH = 1000
PROTOCOL = {"batchnorm_samples": CALIBRATION_SAMPLES, "noise": "evaluation, one stream per dataset"}
"""Facts of this module that evaluation depends on; part of the evaluation key."""


@lru_cache(maxsize=8)
def _drawn(noise: Noise, count: int, *names: str) -> Tensor:
    """Draw ``[count, ...]`` from the named stream; cached, because all trials on a dataset share it."""
    return noise.draw(1, count, stream(*names))[0]


class Model:
    """Weights and state of one replica at one point of training, with its game's abilities.

    All trials on a dataset are evaluated on the same noise: the name of the stream contains the dataset, not
    the seed. BatchNorm statistics come from one training-mode pass of the ability over a fixed batch.

    Args:
        game: the game that the replica plays.
        modules: role -> module in evaluation mode, whose own weights are not used.
        params: role -> parameters.
        ema: role -> averaged parameters, for the roles that have them; None without averages.
        hp: hyperparameters at this point.
        state: the game's state.
        dataset: the dataset; its name is part of the noise stream's name.
    """

    def __init__(
        self,
        game: Game,
        modules: Mapping[str, nn.Module],
        params: Mapping[str, Parameters],
        ema: Mapping[str, Parameters] | None,
        hp: Any,
        state: Mapping[str, Tensor],
        dataset: Any,
    ) -> None:
        self.game, self.modules, self.params, self.ema = game, modules, params, ema
        self.hp, self.game_state, self.dataset = hp, state, dataset
        self._calibrated: dict[tuple[str, str], dict[str, dict[str, Tensor]]] = {}
        first = next(iter(next(iter(params.values())).values()))
        self.device, self.dtype = first.device, first.dtype

    @property
    def abilities(self) -> frozenset[str]:
        """Names of the game's abilities (``sample``, ``encode`` ...)."""
        return frozenset(self.game.abilities())

    @property
    def has_ema(self) -> bool:
        """True if there are averaged weights."""
        return self.ema is not None

    @property
    def parameters(self) -> dict[str, int]:
        """Number of trained weights by role."""
        return {role: sum(p.numel() for p in params.values()) for role, params in self.params.items()}

    def sample(self, count: int, weights: Weights = "raw") -> Tensor:
        """Generate ``[count, *shape]`` on the prepared scale (``dataset.restore_finite`` gives raw data)."""
        return self.apply("sample", count, weights=weights)

    def restored(self, count: int, weights: Weights = "raw") -> Restored:
        """Generate ``count`` samples on the raw scale, as ``dataset.restore_finite(sample(count, weights))``.

        Generation and restoring alternate in parts of `BATCH`: ten thousand images are 31 MB as floats, more
        than a processor's cache, and 8 MB as bytes.
        """
        parts = [self.dataset.restore_finite(part) for part in self._parts("sample", count, None, weights)]
        return Restored(torch.cat([part.rows for part in parts]), sum(part.broken for part in parts))

    def apply(
        self,
        name: str,
        count: int,
        inputs: Mapping[str, Tensor] | None = None,
        *,
        weights: Weights = "raw",
        noise: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """Use an ability on ``count`` samples.

        Args:
            name: the ability.
            count: number of samples.
            inputs: prepared batches ``[count, ...]`` by stream, where the ability needs them; by default
                the dataset's test reference.
            weights: ``raw``, or ``ema`` for the averaged ones.
            noise: draws ``[count, ...]`` by name; default: the evaluation noise.

        Raises:
            LookupError: if the game lacks this ability, or there are no averaged weights.
        """
        return torch.cat(list(self._parts(name, count, inputs, weights, noise)))

    @torch.no_grad()
    def _parts(
        self,
        name: str,
        count: int,
        inputs: Mapping[str, Tensor] | None,
        weights: Weights,
        noise: Mapping[str, Tensor] | None = None,
    ) -> Iterator[Tensor]:
        """Yield the outputs of an ability for ``count`` samples, in parts of `BATCH`."""
        needs = self.game.abilities().get(name)
        if needs is None:
            raise LookupError(f"no ability {name!r}; this game can {', '.join(sorted(self.abilities))}")
        if weights == "ema" and self.ema is None:
            raise LookupError("no averaged weights were kept: train with ema > 0")
        if needs["inputs"] and inputs is None:
            inputs = self.prepare(self.dataset.given(needs["inputs"], "test", count))
        calibration = self._calibrate(name, needs["noise"], inputs, weights)
        networks = self._networks(weights, calibration)
        draws = self._draw("evaluation", needs["noise"], count) if noise is None else self._on_device(noise)
        for start in range(0, count, BATCH):
            part = slice(start, min(start + BATCH, count))
            batch = {k: v[part] for k, v in (inputs or {}).items()}
            play = Play(networks, batch, {k: v[part] for k, v in draws.items()}, self.hp, self.game_state)
            yield getattr(self.game, name)(play)

    def prepare(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return raw inputs by name on the prepared scale and the device; int64 inputs are labels."""
        return {
            name: rows.to(self.device)
            if rows.dtype == torch.int64
            else self.dataset.prepare(rows, self.dtype).to(self.device)
            for name, rows in given.items()
        }

    def _draw(self, purpose: str, names: tuple[str, ...], count: int) -> dict[str, Tensor]:
        declared = self.game.noise()
        return self._on_device({n: _drawn(declared[n], count, self.dataset.name, purpose, n) for n in names})

    def _on_device(self, noise: Mapping[str, Tensor]) -> dict[str, Tensor]:
        declared = self.game.noise()
        return {n: t.to(self.device, self.dtype if declared[n].floating else None) for n, t in noise.items()}

    def _networks(self, weights: Weights, buffers: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Network]:
        averaged = (self.ema or {}) if weights == "ema" else {}
        params = {role: averaged.get(role, self.params.get(role, {})) for role in self.modules}
        return {
            role: functional(module, {**completed(module, role, params), **buffers.get(role, {})})
            for role, module in self.modules.items()
        }

    def _calibrate(
        self, name: str, noises: tuple[str, ...], inputs: Mapping[str, Tensor] | None, weights: Weights
    ) -> dict[str, dict[str, Tensor]]:
        """Return BatchNorm buffers by role, from one pass in training mode over the calibration draws."""
        key = (name, weights)
        layers = {
            role: [layer for layer, m in module.named_modules() if isinstance(m, BatchNorm)]
            for role, module in self.modules.items()
        }
        if key not in self._calibrated and any(layers.values()):
            batch = {k: v[:CALIBRATION_SAMPLES] for k, v in (inputs or {}).items()}
            count = min([CALIBRATION_SAMPLES, *(len(v) for v in batch.values())])
            noise = self._draw("calibration", noises, count)
            with recording(
                self.modules[role] for role in self.params
            ):  # frozen networks keep their statistics
                getattr(self.game, name)(
                    Play(self._networks(weights, {}), batch, noise, self.hp, self.game_state)
                )
            self._calibrated[key] = {
                role: {
                    f"{layer}.{buffer}": tensor.clone()
                    for layer in names
                    for buffer, tensor in self.modules[role].get_submodule(layer).named_buffers()
                }
                for role, names in layers.items()
            }
        return self._calibrated.get(key, {})

    def state(self) -> dict[str, Tensor]:
        """Return everything that :meth:`load` needs, as flat contiguous CPU tensors."""
        trees = {"raw": self.params, "ema": self.ema or {}}
        flat = {
            f"{kind}/{role}/{name}": tensor
            for kind, tree in trees.items()
            for role, params in tree.items()
            for name, tensor in params.items()
        }
        flat |= {f"state/game/{name}": tensor for name, tensor in self.game_state.items()}
        return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in flat.items()}

    @classmethod
    def load(cls, game: Game, build: Build, hp: Any, dataset: Any, state: Mapping[str, Tensor]) -> Model:
        """Rebuild a model from :meth:`state`.

        Raises:
            ValueError: if names or shapes are not those of the game's networks.
        """
        trees: dict[str, dict[str, dict[str, Tensor]]] = {"raw": {}, "ema": {}, "state": {}}
        for key, tensor in state.items():
            kind, role, name = key.split("/", 2)
            trees[kind].setdefault(role, {})[name] = tensor
        # A weight decides dtype and device: the first tensor of a file may be integer state of the game.
        first = next((t for params in trees["raw"].values() for t in params.values()), None)
        if first is None:
            raise ValueError("checkpoint holds no weights")
        skeletons, frozen = networks_of(game, build, first.device, first.dtype)
        for role, skeleton in skeletons.items():
            expected = {name: tuple(p.shape) for name, p in own_parameters(skeleton).items()}
            shapes = {name: tuple(tensor.shape) for name, tensor in trees["raw"].get(role, {}).items()}
            if expected != shapes:
                raise ValueError(f"checkpoint does not fit the {role}: expected {expected}, found {shapes}")
        modules = evaluation_modules(skeletons, first.device, first.dtype) | frozen
        game_state = trees["state"].get("game", {})
        return cls(game, modules, trees["raw"], trees["ema"] or None, hp, game_state, dataset)
