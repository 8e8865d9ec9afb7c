"""Samples of a trained model: a grid, rows of interpolations, or a sum of latents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.abilities.classes import labelled
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.model import Model
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.ranges import check_memory
from gan_bench.bench.sampling.latents import CONTINUOUS, Term, combine, draw, interpolate, parse_arithmetic
from gan_bench.bench.sampling.request import Request
from gan_bench.variants.declarations import Ability
from gan_bench.variants.noise import Noise


@dataclass(frozen=True)
class Generated:
    """Samples on the raw scale, with their latents and labels.

    Attributes:
        samples: ``[n, *shape]``; ``[pairs, steps, *shape]`` of an interpolation; ``[terms + 1, *shape]`` of
            a sum, its terms and then the result.
        noise: by name, ``[..., *shape]`` with the same leading dimensions.
        labels: int64, with the same leading dimensions; None without classes.
        terms: of a sum; else empty.
        drawn: for a sum, the samples ``[n, *shape]`` of all drawn latents; else empty.
    """

    samples: np.ndarray
    noise: dict[str, np.ndarray]
    labels: np.ndarray | None = None
    terms: list[Term] = field(default_factory=list)
    drawn: np.ndarray = field(default_factory=lambda: np.empty(0))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return samples, latents and labels by name, for an .npz file."""
        named = {"samples": self.samples, **{f"noise_{name}": rows for name, rows in self.noise.items()}}
        return named if self.labels is None else {**named, "labels": self.labels}


def generate(request: Request, model: Model, variant: str) -> Generated:
    """Generate the samples of a request.

    Args:
        request: the options.
        model: the trained model; its dataset converts samples to the raw scale.
        variant: name of the variant, for messages.

    Raises:
        UsageError: for options that this model does not support.
    """
    if request.ema and not model.has_ema:
        raise UsageError(f"--ema: this trial of {variant} has no averaged weights; train with ema above 0")
    sampler = _Sampler(model, variant, request.classes, "ema" if request.ema else "raw")
    count, declared = request.latents, sampler.declared
    if request.what != "grid" and not any(noise.law in CONTINUOUS for noise in declared.values()):
        raise UsageError(f"{variant} has no continuous latent to interpolate or to add")
    rows = count // 2 * request.steps if request.what == "interpolation" else count
    check_memory("-n", rows, model.dataset.shape)
    draws = draw(declared, count, request.seed)
    if request.what == "interpolation":
        if count < 2 or count % 2:
            raise UsageError(
                f"-n {count}: --interpolate joins pairs of latents; expected an even number of at least 2"
            )
        paths = {
            name: interpolate(declared[name], rows[::2], rows[1::2], request.steps)
            for name, rows in draws.items()
        }
        return sampler.generated(paths, (count // 2, request.steps))
    if request.arithmetic is None:
        return sampler.generated(draws, (count,))
    terms = parse_arithmetic(request.arithmetic, count)
    if request.classes is not None and len(request.classes) > 1:
        raise UsageError("--arithmetic takes one --class, for all terms; expected a single label")
    sums = {name: combine(declared[name], terms, rows) for name, rows in draws.items()}
    drawn = sampler.generated(draws, (count,)).samples
    return sampler.generated(sums, (len(terms) + 1,), terms, drawn)


class _Sampler:
    """The ability of a model that makes samples, of given classes if there are any."""

    def __init__(
        self, model: Model, variant: str, classes: tuple[int, ...] | None, weights: Literal["raw", "ema"]
    ) -> None:
        self.model, self.classes, self.weights = model, classes, weights
        self.ability = "sample"
        if classes is not None:
            self.ability = labelled_ability(variant, model.abilities)
            check_classes(classes, model)
            # BatchNorm's statistics are those of all classes, as in training, not of the requested ones.
            model.calibrate(self.ability, weights)
        self.makes = model.abilities[self.ability].makes
        self.declared: dict[str, Noise] = {
            name: model.game.noise()[name] for name in model.abilities[self.ability].noise
        }

    def generated(
        self,
        noise: Mapping[str, Tensor],
        shape: tuple[int, ...],
        terms: list[Term] | None = None,
        drawn: np.ndarray | None = None,
    ) -> Generated:
        """Return the samples of noise with leading dimensions `shape`; classes alternate along the first."""
        flat = {name: rows.reshape(-1, *self.declared[name].shape) for name, rows in noise.items()}
        labels, inputs = None, None
        if self.classes is not None:
            turns = torch.tensor(self.classes)[torch.arange(shape[0]) % len(self.classes)]
            labels = turns.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
            inputs = {"label": labels.reshape(-1)}
        count = math.prod(shape)
        outputs = self.model.apply(self.ability, count, inputs, weights=self.weights, noise=flat)
        if len(outputs) < count:
            raise UsageError(
                f"-n {count}: {self.ability} makes one sample of each input, and the test split of "
                f"{self.model.dataset.name} has {len(outputs)}"
            )
        restored = self.model.dataset.restore_finite(outputs, self.makes)
        if restored.broken:
            raise UsageError(f"{restored.broken} of {count} samples are not finite and cannot be drawn")
        samples = restored.rows.numpy()
        return Generated(
            samples.reshape(*shape, *samples.shape[1:]),
            {name: rows.numpy() for name, rows in noise.items()},
            None if labels is None else labels.numpy(),
            terms or [],
            samples[:0] if drawn is None else drawn,
        )


def check_classes(classes: tuple[int, ...], model: Model) -> None:
    """Raise UsageError for labels that the data do not have."""
    known, name = model.game.data.classes, model.dataset.name
    if known is None or max(classes) >= known:
        text = f"{name} has the classes 0 to {known - 1}" if known else f"{name} has no classes"
        raise UsageError(f"--class {', '.join(map(str, classes))}: {text}")


def labelled_ability(variant: str, abilities: Mapping[str, Ability], option: str = "--class") -> str:
    """Return the ability that generates samples from labels only; raise UsageError if there is none."""
    if name := labelled(abilities):
        return name
    able = [name for name in catalogue.variant_names() if labelled(catalogue.variant(name).game.abilities())]
    hint = f"these do: {', '.join(able)}" if able else "no registered variant does"
    raise UsageError(f"{option}: {variant} does not generate by label; {hint}")
