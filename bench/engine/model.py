"""A trained replica for evaluation: its abilities, calibrated BatchNorm, and the shared evaluation noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gan_bench.bench.engine.batch_statistics import batch_statistics
from gan_bench.bench.engine.checkpoint import check_fit, flat, trees
from gan_bench.bench.engine.evaluation_noise import KeptNoise, drawn, stream_names
from gan_bench.bench.engine.replicas import evaluation_modules, functional
from gan_bench.bench.engine.skeletons import completed, networks_of
from gan_bench.datasets.finite import Restored, finite_rows
from gan_bench.variants.base import Game, Play
from gan_bench.variants.declarations import Ability, Build
from gan_bench.variants.network import Network, Parameters
from gan_bench.variants.noise import Noise
from gan_bench.variants.supplies import noises

Weights = Literal["raw", "ema"]

CALIBRATION_SAMPLES = 1024
BATCH = 1000
BATCH_ON_DEVICE = 10_000
"""Samples at a time on a GPU, which a thousand leave idle."""
PROTOCOL = {"batchnorm_samples": CALIBRATION_SAMPLES, "noise": "evaluation, one stream per dataset"}
"""Facts of this module that evaluation depends on; part of the evaluation key."""


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

    Attributes:
        abilities: what the game can do, by name (``sample``, ``encode`` ...).
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
        self.abilities: Mapping[str, Ability] = game.able()
        self._calibrated: dict[tuple[str, str], dict[str, dict[str, Tensor]]] = {}
        first = next(iter(next(iter(params.values())).values()))
        self.device, self.dtype = first.device, first.dtype

    @property
    def has_ema(self) -> bool:
        """True if there are averaged weights."""
        return self.ema is not None

    @property
    def parameters(self) -> dict[str, int]:
        """Number of trained weights by role."""
        return {role: sum(p.numel() for p in params.values()) for role, params in self.params.items()}

    def sample(self, count: int, weights: Weights = "raw") -> Tensor:
        """Generate ``[count, *shape]`` on the prepared scale (:meth:`make` gives raw data)."""
        return self.apply("sample", count, weights=weights)

    def make(
        self,
        name: str,
        count: int,
        given: Mapping[str, Tensor] | None = None,
        *,
        weights: Weights = "raw",
        draws: int = 1,
    ) -> Restored:
        """Use an ability on raw data and return raw data, restored as the field that it makes.

        Using and restoring alternate in parts of `BATCH` on a CPU: ten thousand images are 31 MB as floats,
        more than a processor's cache, and 8 MB as bytes. Outputs that are no field of the data (codes,
        logits) are returned as they are.

        Args:
            name: the ability.
            count: number of rows; fewer are made where the inputs have fewer.
            given: raw inputs by field; default: the dataset's test reference.
            weights: ``raw``, or ``ema`` for the averaged ones.
            draws: times that every input is used, each with other noise.

        Returns:
            rows ``[count, ...]``; ``[draws, count, ...]`` for more than one draw, unless rows are broken.

        Raises:
            LookupError: if the game lacks this ability, or there are no averaged weights.
        """
        inputs = None if given is None else self.prepare(given)
        made = []
        for draw in range(draws):
            parts = [self._restore(name, part) for part in self._parts(name, count, inputs, weights, draw)]
            made.append(
                Restored(torch.cat([part.rows for part in parts]), sum(part.broken for part in parts))
            )
        if draws == 1:
            return made[0]
        broken = sum(draw.broken for draw in made)
        join = torch.cat if broken else torch.stack
        return Restored(join([draw.rows for draw in made]), broken)

    def _restore(self, name: str, made: Tensor) -> Restored:
        if field := self.abilities[name].makes:
            return self.dataset.restore_finite(made, field)
        rows = finite_rows(made)
        return Restored(rows, len(made) - len(rows))

    def apply(
        self,
        name: str,
        count: int,
        inputs: Mapping[str, Tensor] | None = None,
        *,
        weights: Weights = "raw",
        noise: Mapping[str, Tensor] | None = None,
        draws: int = 1,
    ) -> Tensor:
        """Use an ability on ``count`` samples, on the prepared scale.

        Args:
            name: the ability.
            count: number of samples; fewer are made where the inputs have fewer.
            inputs: prepared batches ``[count, ...]`` by field, where the ability needs them; by default
                the dataset's test reference.
            weights: ``raw``, or ``ema`` for the averaged ones.
            noise: draws ``[count, ...]`` by name; default: the evaluation noise.
            draws: times that every input is used, each with other evaluation noise; the first draw is that
                of ``draws=1``.

        Returns:
            ``[count, ...]``; ``[draws, count, ...]`` for more than one draw.

        Raises:
            LookupError: if the game lacks this ability, or there are no averaged weights.
        """
        made = [
            torch.cat(list(self._parts(name, count, inputs, weights, draw, noise))) for draw in range(draws)
        ]
        return made[0] if draws == 1 else torch.stack(made)

    @torch.no_grad()
    def calibrate(self, name: str, weights: Weights = "raw") -> None:
        """Estimate BatchNorm's statistics of an ability from the data's test inputs, unless they are known.

        For uses on few or on chosen inputs (one class, say), whose statistics are not those of training.
        """
        if (name, weights) not in self._calibrated:
            fields = self.abilities[name].inputs
            given = self.dataset.given(fields, "test", CALIBRATION_SAMPLES) if fields else {}
            self._calibrate(name, self.abilities[name], self.prepare(given), weights)

    @torch.no_grad()
    def _parts(
        self,
        name: str,
        count: int,
        inputs: Mapping[str, Tensor] | None,
        weights: Weights,
        draw: int,
        noise: Mapping[str, Tensor] | None = None,
    ) -> Iterator[Tensor]:
        """Yield the outputs of one draw of an ability, in parts that suit the device."""
        ability = self.abilities.get(name)
        if ability is None:
            raise LookupError(f"no ability {name!r}; this game can {', '.join(sorted(self.abilities))}")
        if weights == "ema" and self.ema is None:
            raise LookupError("no averaged weights were kept: train with ema > 0")
        if ability.inputs and inputs is None:
            inputs = self.prepare(self.dataset.given(ability.inputs, "test", count))
        batch = {name: inputs[name] for name in ability.inputs} if inputs else {}
        count = min([count, *map(len, batch.values())])
        size = BATCH if self.device.type == "cpu" else BATCH_ON_DEVICE
        calibration = self._calibrate(name, ability, batch, weights)
        draws = self._draw("evaluation", ability, count, draw) if noise is None else self._placed(noise)
        kept = self._kept("evaluation", ability, draw)
        for start in range(0, count, size):
            part = slice(start, min(start + size, count))
            networks = self._networks(weights, calibration, kept, part.stop - start)
            yield self._play(name, networks, {k: v[part] for k, v in batch.items()},
                             {k: v[part] for k, v in draws.items()})  # fmt: skip

    def _play(
        self,
        name: str,
        networks: Mapping[str, Network],
        batch: Mapping[str, Tensor],
        noise: Mapping[str, Tensor],
    ) -> Tensor:
        return getattr(self.game, name)(Play(networks, batch, noise, self.hp, self.game_state))

    def prepare(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return raw inputs by field on the prepared scale and the device; labels stay as they are."""
        return {
            field: self.dataset.prepare(rows, field, self.dtype).to(self.device)
            for field, rows in given.items()
        }

    def _draw(self, purpose: str, ability: Ability, count: int, draw: int = 0) -> dict[str, Tensor]:
        declared, names = self.game.noise(), stream_names(self.dataset.name, purpose, draw)
        return self._placed({name: drawn(declared[name], count, *names, name) for name in ability.noise})

    def _kept(self, purpose: str, ability: Ability, draw: int = 0) -> list[KeptNoise]:
        """Return the noise of the layers of networks that keep it at test time."""
        names = stream_names(self.dataset.name, purpose, draw)
        layers = {role: noises(self.modules[role]) for role in ability.keeps_noise}
        return [KeptNoise(role, of, names, self._place) for role, of in layers.items() if of]

    def _placed(self, noise: Mapping[str, Tensor]) -> dict[str, Tensor]:
        declared = self.game.noise()
        return {name: self._place(tensor, declared[name]) for name, tensor in noise.items()}

    def _place(self, tensor: Tensor, noise: Noise) -> Tensor:
        return tensor.to(self.device, self.dtype if noise.floating else None)

    def _networks(
        self,
        weights: Weights,
        buffers: Mapping[str, Mapping[str, Tensor]],
        kept: list[KeptNoise],
        rows: int,
    ) -> dict[str, Network]:
        averaged = (self.ema or {}) if weights == "ema" else {}
        params = {role: averaged.get(role, self.params.get(role, {})) for role in self.modules}
        own: dict[str, Any] = {noise.role: noise.calls(rows) for noise in kept}
        return {
            role: functional(
                module, {**completed(module, role, params), **buffers.get(role, {})}, own.get(role)
            )
            for role, module in self.modules.items()
        }

    def _calibrate(
        self, name: str, ability: Ability, inputs: Mapping[str, Tensor], weights: Weights
    ) -> dict[str, dict[str, Tensor]]:
        """Return BatchNorm buffers by role, from one pass in training mode over the calibration draws."""
        key = (name, weights)
        if key not in self._calibrated:
            batch = {k: v[:CALIBRATION_SAMPLES] for k, v in inputs.items()}
            count = min([CALIBRATION_SAMPLES, *map(len, batch.values())])

            def play() -> None:
                networks = self._networks(weights, {}, self._kept("calibration", ability), count)
                self._play(name, networks, batch, self._draw("calibration", ability, count))

            self._calibrated[key] = batch_statistics(self.modules, self.params, play)
        return self._calibrated[key]

    def state(self) -> dict[str, Tensor]:
        """Return everything that :meth:`load` needs, as flat contiguous CPU tensors."""
        return flat(self.params, self.ema or {}, self.game_state)

    @classmethod
    def load(cls, game: Game, build: Build, hp: Any, dataset: Any, state: Mapping[str, Tensor]) -> Model:
        """Rebuild a model from :meth:`state`.

        Raises:
            ValueError: if names or shapes are not those of the game's networks.
        """
        params, ema, game_state = trees(state)
        # A weight decides dtype and device: the first tensor of a file may be integer state of the game.
        first = next((tensor for tensors in params.values() for tensor in tensors.values()), None)
        if first is None:
            raise ValueError("checkpoint holds no weights")
        skeletons, frozen = networks_of(game, build, first.device, first.dtype)
        check_fit(skeletons, params)
        modules = evaluation_modules(skeletons, first.device, first.dtype) | frozen
        return cls(game, modules, params, ema or None, hp, game_state, dataset)
