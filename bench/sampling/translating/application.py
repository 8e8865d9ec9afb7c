"""One ability of a trained model, applied to images of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.engine.model import Model, Weights
from gan_bench.bench.sampling.latents import draw
from gan_bench.bench.sampling.translating.reach import Maps
from gan_bench.datasets.base import Dataset
from gan_bench.variants.declarations import Ability

CLASSIFIERS = ("classify_b", "classify", "classify_a")
"""Abilities that give images logits of classes."""
ABILITIES = ("translate", "inpaint", *CLASSIFIERS, "reconstruct")
"""Abilities that are used where none is named, the first that a game has."""
HOLE = "hole"


@dataclass(frozen=True)
class Application:
    """An ability that reads one image and makes another, or logits of classes.

    Attributes:
        model: the trained model.
        dataset: of its trial.
        name: of the ability.
        field: the image that it reads.
        labels: the other fields that it reads, with the value asked for.
        weights: raw or ema.
        seed: of the declared noise.
    """

    model: Model
    dataset: Dataset
    name: str
    field: str
    labels: Mapping[str, int]
    weights: Weights
    seed: int

    @property
    def ability(self) -> Ability:
        """Return the declaration of the ability."""
        return self.model.abilities[self.name]

    @property
    def masked(self) -> bool:
        """Return whether it fills a hole, which a mask gives."""
        return HOLE in self.ability.noise

    def __call__(self, maps: Maps) -> Tensor:
        """Return what is made of prepared images ``[n, channels, h, w]``, on the prepared scale."""
        image = maps[self.field]
        declared = self.model.game.noise()
        drawn = draw({n: declared[n] for n in self.ability.noise if n != HOLE}, 1, self.seed)
        noise = {name: rows.expand(len(image), *rows.shape[1:]) for name, rows in drawn.items()}
        if self.masked:
            noise[HOLE] = maps[HOLE]
        inputs = {n: torch.full((len(image),), value) for n, value in self.labels.items()}
        inputs[self.field] = image
        self.model.calibrate(self.name, self.weights)  # BatchNorm has the statistics of the data's images
        return self.model.apply(self.name, len(image), inputs, weights=self.weights, noise=noise)

    def probe(self, side: int) -> dict[str, Tensor]:
        """Return a random image of a size, with a hole everywhere where the ability fills one."""
        numbers = torch.Generator().manual_seed(0)
        channels = self.dataset.spaces[self.field].shape[0]
        image = torch.rand(1, channels, side, side, generator=numbers) * 2 - 1
        maps = {self.field: image.to(self.model.dtype)}
        return {**maps, HOLE: torch.ones(1, 1, side, side, dtype=self.model.dtype)} if self.masked else maps


def able(name: str, ability: Ability, dataset: Dataset) -> bool:
    """Return whether an ability reads one image, beside it labels at most, and makes an image or classes."""
    spaces = [dataset.spaces[field] for field in ability.inputs]
    images = [space for space in spaces if space.is_image]
    others = [space for space in spaces if not space.is_image]
    if len(images) != 1 or not all(space.is_label and not space.shape for space in others):
        return False
    return dataset.spaces[ability.makes].is_image if ability.makes else name in CLASSIFIERS


def choose(abilities: Mapping[str, Ability], dataset: Dataset, asked: str | None, variant: str) -> str:
    """Return the name of the ability to use.

    Raises:
        UsageError: if the game has no such ability, or none that reads an image.
    """
    able_to = [name for name, ability in abilities.items() if able(name, ability, dataset)]
    if asked is not None:
        check_name("ability", asked, able_to or abilities, f"--ability (of {variant}, for images)")
        return asked
    for name in ABILITIES:
        if name in able_to:
            return name
    can = ", ".join(sorted(abilities))
    raise UsageError(f"{variant} on {dataset.name} has no ability that reads an image; it can {can}")


def application(
    model: Model, dataset: Any, *, asked: str | None, variant: str, label: int | None, ema: bool, seed: int
) -> Application:
    """Return the ability that a request asks for.

    Args:
        model, dataset: restored.
        asked: name of the ability, or None.
        variant: name, for messages.
        label: of the domain or class to translate to, where the ability reads one.
        ema, seed: averaged weights, and the seed of noise.

    Raises:
        UsageError: for what the game cannot do, or a label that is missing or too many.
    """
    if ema and not model.has_ema:
        raise UsageError(f"--ema: this trial of {variant} has no averaged weights; train with ema above 0")
    name = choose(model.abilities, dataset, asked, variant)
    inputs = model.abilities[name].inputs
    field = next(f for f in inputs if dataset.spaces[f].is_image)
    labels = [f for f in inputs if dataset.spaces[f].is_label]
    if labels and label is None:
        count = dataset.spaces[labels[0]].classes
        raise UsageError(f"{variant} needs --to LABEL, the {labels[0]}: a number from 0 to {count - 1}")
    if label is not None:
        if not labels:
            raise UsageError(f"--to {label}: {name} of {variant} reads no label; leave it out")
        count = dataset.spaces[labels[0]].classes
        if not 0 <= label < count:
            raise UsageError(f"--to {label}: expected a number from 0 to {count - 1}")
    values = {f: label for f in labels if label is not None}
    return Application(model, dataset, name, field, values, "ema" if ema else "raw", seed)
