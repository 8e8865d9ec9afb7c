"""A budget as iterations of a game's rounds: how many, on how many real images, with which updates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gan_bench.variants.base import Game, Player, Round


@dataclass(frozen=True)
class Course:
    """What one replica goes through within a budget, which is rounded up to whole iterations.

    Attributes:
        players: by name.
        rounds: of one iteration, in order.
        batch_size: samples per batch.
        kimg: the budget asked for, in thousands of real images.
    """

    players: Mapping[str, Player]
    rounds: Sequence[Round]
    batch_size: int
    kimg: float

    @classmethod
    def of(cls, game: Game, batch_size: int, kimg: float) -> Course:
        """Return the course of a game."""
        return cls({player.name: player for player in game.players()}, game.rounds(), batch_size, kimg)

    @cached_property
    def images_per_iteration(self) -> int:
        """Real images entering rounds that train a critic; all that are drawn, where there is no critic."""
        critic_rounds = [r for r in self.rounds if any(self.players[p].critic for p in r.players)]
        drawing = [r for r in self.rounds if {*r.streams} - {*r.shares}]
        counted = critic_rounds or drawing or self.rounds
        return self.batch_size * sum(r.repeat for r in counted)

    @cached_property
    def iterations(self) -> int:
        """Iterations of the whole budget."""
        return self.iterations_until(self.kimg)

    @property
    def images(self) -> int:
        """Real images that the budget really uses: at least those asked for, less than an iteration more."""
        return self.iterations * self.images_per_iteration

    def iterations_until(self, kimg: float) -> int:
        """Return the iterations that spend ``kimg``; 0.1 + 0.2 kimg are 300 images, not a little more."""
        return math.ceil(round(kimg * 1000 / self.images_per_iteration, 6))

    def updates(self, critic: bool, iterations: int) -> int:
        """Return the updates of critics, or of all other players, in the first ``iterations``."""
        return sum(
            r.repeat * self._times_played(r, iterations)
            for r in self.rounds
            for p in r.players
            if self.players[p].critic == critic
        )

    def _times_played(self, game_round: Round, iterations: int) -> int:
        """Return in how many of the first ``iterations`` a round is active."""
        if game_round.active == (0.0, 1.0):
            return iterations
        return sum(game_round.active_at(done / self.iterations) for done in range(iterations))
