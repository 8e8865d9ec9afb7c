"""A budget in kimg, converted to iterations of a game, real images and updates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gan_bench.variants.base import Game, Player, Round


@dataclass(frozen=True)
class IterationBudget:
    """The iterations, real images and updates of one replica within a budget.

    The budget is rounded up to whole iterations.

    Attributes:
        players: by name.
        rounds: of one iteration, in order.
        batch_size: samples per batch.
        kimg: the requested budget, in thousands of real images.
    """

    players: Mapping[str, Player]
    rounds: Sequence[Round]
    batch_size: int
    kimg: float

    @classmethod
    def of(cls, game: Game, batch_size: int, kimg: float) -> IterationBudget:
        """Return the budget of ``kimg`` thousand real images for a game."""
        return cls({player.name: player for player in game.players()}, game.rounds(), batch_size, kimg)

    @cached_property
    def images_per_iteration(self) -> int:
        """Real images of the rounds that train a critic; of all rounds if the game has no critic."""
        critic_rounds = [r for r in self.rounds if any(self.players[p].critic for p in r.players)]
        drawing = [r for r in self.rounds if {*r.streams} - {*r.shares}]
        counted = critic_rounds or drawing or self.rounds
        return self.batch_size * sum(r.repeat for r in counted)

    @cached_property
    def iterations(self) -> int:
        """Iterations in the whole budget."""
        return self.iterations_until(self.kimg)

    @property
    def images(self) -> int:
        """Real images of all iterations: ``kimg`` thousand, rounded up to whole iterations."""
        return self.iterations * self.images_per_iteration

    def iterations_until(self, kimg: float) -> int:
        """Return the fewest iterations that use ``kimg``, after rounding: 0.1 + 0.2 kimg are 300 images."""
        return math.ceil(round(kimg * 1000 / self.images_per_iteration, 6))

    def updates(self, critic: bool, iterations: int) -> int:
        """Return the number of updates of critics, or of all other players, in the first ``iterations``."""
        return sum(
            r.repeat * self._times_played(r, iterations)
            for r in self.rounds
            for p in r.players
            if self.players[p].critic == critic
        )

    def _times_played(self, game_round: Round, iterations: int) -> int:
        """Return the number of the first ``iterations`` in which a round is active."""
        if game_round.active == (0.0, 1.0):
            return iterations
        return sum(game_round.active_at(done / self.iterations) for done in range(iterations))
