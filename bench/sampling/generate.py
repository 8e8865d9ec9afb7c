"""What `sample` asks a trained model for: a grid, rows of interpolations, or a sum of latents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.model import CALIBRATION_SAMPLES, Model
from gan_bench.bench.planning import catalogue
from gan_bench.bench.sampling.latents import CONTINUOUS, Term, between, combine, draw, parse_arithmetic
from gan_bench.bench.sampling.request import Request
from gan_bench.variants.noise import Noise


@dataclass(frozen=True)
class Generated:
    """Samples on the raw scale, and the latents and labels they were made of.

    Attributes:
        samples: ``[n, *shape]``; ``[pairs, steps, *shape]`` of an interpolation; ``[terms + 1, *shape]`` of
            a sum, its terms and then the result.
        noise: by name, ``[..., *shape]`` with the same leading dimensions.
        labels: asked for, with the same leading dimensions; None where none were.
        terms: of a sum.
        drawn: for a sum, the samples ``[n, *shape]`` of all latents that were drawn; else empty.
    """

    samples: np.ndarray
    noise: dict[str, np.ndarray]
    labels: np.ndarray | None = None
    terms: list[Term] = field(default_factory=list)
    drawn: np.ndarray = field(default_factory=lambda: np.empty(0))

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything by name, for an .npz file."""
        named = {"samples": self.samples, **{f"noise_{name}": rows for name, rows in self.noise.items()}}
        return named if self.labels is None else {**named, "labels": self.labels}


def generate(request: Request, model: Model, variant: str) -> Generated:
    """Do what is asked. Raises UsageError for what this model cannot do.

    Args:
        request: what is asked.
        model: the trained one; its dataset brings samples back to the raw scale.
        variant: its name, for messages.
    """
    if request.ema and not model.has_ema:
        raise UsageError(f"--ema: this trial of {variant} kept no averaged weights; train with ema above 0")
    sampler = _Sampler(model, variant, request.classes, "ema" if request.ema else "raw")
    count, declared = request.latents, sampler.declared
    if request.what != "grid" and not any(noise.law in CONTINUOUS for noise in declared.values()):
        raise UsageError(f"{variant} draws no latent, so there is nothing to interpolate or to add")
    draws = draw(declared, count, request.seed)
    if request.what == "interpolation":
        if count < 2 or count % 2:
            raise UsageError(f"-n {count}: --interpolate takes latents in pairs, so an even number of them")
        paths = {
            name: between(declared[name], rows[::2], rows[1::2], request.steps)
            for name, rows in draws.items()
        }
        return sampler.generated(paths, (count // 2, request.steps))
    if request.arithmetic is None:
        return sampler.generated(draws, (count,))
    terms = parse_arithmetic(request.arithmetic, count)
    if request.classes is not None and len(request.classes) > 1:
        raise UsageError("--arithmetic takes one --class, in which all of its terms are generated")
    sums = {name: combine(declared[name], terms, rows) for name, rows in draws.items()}
    drawn = sampler.generated(draws, (count,)).samples
    return sampler.generated(sums, (len(terms) + 1,), terms, drawn)


class _Sampler:
    """The ability of a model that makes samples, of given classes where there are any."""

    def __init__(
        self, model: Model, variant: str, classes: tuple[int, ...] | None, weights: Literal["raw", "ema"]
    ) -> None:
        self.model, self.classes, self.weights = model, classes, weights
        self.ability = "sample"
        if classes is not None:
            self.ability = labelled_ability(variant, model.game.abilities())
            known = model.game.data.classes
            if known is None or max(classes) >= known:
                name = model.dataset.name
                text = f"{name} has the classes 0 to {known - 1}" if known else f"{name} has no classes"
                raise UsageError(f"--class {', '.join(map(str, classes))}: {text}")
            # BatchNorm's statistics belong to all classes alike, as in training, whichever are asked for.
            alike = model.dataset.given(("label",), "test", CALIBRATION_SAMPLES)
            model.apply(self.ability, CALIBRATION_SAMPLES, alike, weights=weights)
        needs = model.game.abilities()[self.ability]["noise"]
        self.declared: dict[str, Noise] = {name: model.game.noise()[name] for name in needs}

    def generated(
        self,
        noise: Mapping[str, Tensor],
        shape: tuple[int, ...],
        terms: list[Term] | None = None,
        drawn: np.ndarray | None = None,
    ) -> Generated:
        """Samples of noise whose leading dimensions are `shape`; classes in turn along the first of them."""
        flat = {name: rows.reshape(-1, *self.declared[name].shape) for name, rows in noise.items()}
        labels, inputs = None, None
        if self.classes is not None:
            turns = torch.tensor(self.classes)[torch.arange(shape[0]) % len(self.classes)]
            labels = turns.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
            inputs = {"label": labels.reshape(-1)}
        count = math.prod(shape)
        made = self.model.apply(self.ability, count, inputs, weights=self.weights, noise=flat)
        restored = self.model.dataset.restore_finite(made)
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


def labelled_ability(variant: str, abilities: Mapping[str, Any]) -> str:
    """The ability that makes samples of labels and of nothing else; raises UsageError where there is none."""
    if name := _labelled(abilities):
        return name
    able = [name for name in catalogue.variant_names() if _labelled(catalogue.variant(name).game.abilities())]
    hint = f"these do: {', '.join(able)}" if able else "no registered variant does"
    raise UsageError(f"--class: {variant} generates without labels; {hint}")


def _labelled(abilities: Mapping[str, Any]) -> str | None:
    return next((name for name, needs in abilities.items() if tuple(needs["inputs"]) == ("label",)), None)
