"""A trained game with the weights and draws with which it is pictured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gan_bench.bench.engine.evaluation_noise import drawn, stream_names
from gan_bench.bench.engine.model import Model, Weights
from gan_bench.variants.declarations import Ability
from gan_bench.variants.noise import Noise

SPLIT = "test"
Draw = Callable[[Mapping[str, Noise], int], Mapping[str, Tensor]]
"""Declared noise by name and a count -> draws ``[count, *shape]`` by name."""


@dataclass(frozen=True)
class Subject:
    """A trained model and the way in which pictures use it.

    Attributes:
        model: the trained model.
        dataset: gives inputs, and restores what is made.
        weights: `raw` or `ema`.
        draw: makes draws of declared noise.
    """

    model: Model
    dataset: Any
    weights: Weights
    draw: Draw

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return the game's abilities by name."""
        return self.model.abilities

    def draws(self, ability: str, count: int) -> dict[str, Tensor]:
        """Return `count` draws of the noise of an ability, ``[count, *shape]`` by name."""
        return dict(self.draw(self.declared(ability), count))

    def declared(self, ability: str) -> dict[str, Noise]:
        """Return the declared noise that an ability draws, by name."""
        declared = self.model.game.noise()
        return {name: declared[name] for name in self.abilities[ability].noise}

    def make(
        self, ability: str, noise: Mapping[str, Tensor], given: Mapping[str, Tensor] | None = None
    ) -> Tensor | None:
        """Return the raw outputs ``[n, ...]`` of an ability for given draws; None where some are not finite.

        Args:
            ability: its name; it makes a field of the data, or codes, which are returned as they are.
            noise: draws ``[n, *shape]`` by name.
            given: raw inputs ``[n, *shape]`` by field.
        """
        count = len(next(iter([*noise.values(), *(given or {}).values()])))
        self.model.calibrate(ability, self.weights)
        inputs = self.model.prepare(given) if given else None
        made = self.model.apply(ability, count, inputs, weights=self.weights, noise=noise)
        if field := self.abilities[ability].makes:
            restored = self.dataset.restore_finite(made, field)
            return None if restored.broken else restored.rows.cpu()
        return made.cpu() if bool(made.isfinite().all()) else None

    def answers(self, ability: str, rows: int) -> tuple[Tensor, dict[str, Tensor]] | None:
        """Return the raw outputs of an ability for the first test rows, and these rows by field.

        Return None without this ability, for one without inputs, and where outputs are not finite.
        """
        fields = self.abilities[ability].inputs if ability in self.abilities else ()
        if not fields:
            return None
        given = self.dataset.given(fields, SPLIT, rows)
        count = min(map(len, given.values()))
        given = {field: raw[:count] for field, raw in given.items()}
        self.model.calibrate(ability, self.weights)
        made = self.model.make(ability, count, given, weights=self.weights)
        return None if made.broken else (made.rows.cpu(), given)


def evaluation_draws(dataset: str) -> Draw:
    """Return the draws of evaluation, the same for all trials on a dataset."""
    names = stream_names(dataset, "evaluation", 0)
    return lambda declared, count: {
        name: drawn(noise, count, *names, name) for name, noise in declared.items()
    }
