"""A budget in kimg, converted to iterations of a game, samples and updates.

One definition holds for every game. Each update of a critic reads one batch of samples. Critics that train
side by side, in one round or in several, read the same amount, so an iteration uses the batches of the critic
with the most updates. An iteration in which no critic trains (pre-training, a game without critics) uses what
its largest round draws. Rounds count where they are played: a phase of half of the training counts in half of
the iterations.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gan_bench.variants.base import Game, Player, Round


@dataclass(frozen=True)
class IterationBudget:
    """The iterations, samples and updates of one replica within a budget.

    The budget is rounded up to whole iterations.

    Attributes:
        players: by name.
        rounds: of one iteration, in order.
        batch_size: samples per batch.
        kimg: the requested budget, in thousands of samples.
    """

    players: Mapping[str, Player]
    rounds: Sequence[Round]
    batch_size: int
    kimg: float

    @classmethod
    def of(cls, game: Game, batch_size: int, kimg: float) -> IterationBudget:
        """Return the budget of ``kimg`` thousand samples for a game."""
        return cls({player.name: player for player in game.players()}, game.rounds(), batch_size, kimg)

    def images_at(self, progress: float) -> int:
        """Return the samples of an iteration at ``progress`` in [0, 1)."""
        played = [r for r in self.rounds if r.active_at(progress)]
        drawing = [r for r in played if {*r.streams} - {*r.shares}]
        updates = self._critic_updates_at(progress) or max((r.repeat for r in drawing or played), default=1)
        return self.batch_size * updates

    def _critic_updates_at(self, progress: float) -> int:
        """Return the updates of the critic that trains most in an iteration at ``progress``."""
        critics = [name for name, player in self.players.items() if player.critic]
        played = [r for r in self.rounds if r.active_at(progress)]
        return max((sum(r.repeat for r in played if name in r.players) for name in critics), default=0)

    @cached_property
    def _edges(self) -> list[float]:
        """Return the points of progress at which phases begin or end, with 0 and 1."""
        ends = {edge for r in self.rounds for edge in r.active if 0 < edge < 1}
        return [0.0, *sorted(ends), 1.0]

    @cached_property
    def _rates(self) -> list[int]:
        """Return the samples of an iteration in each phase."""
        return [self.images_at(edge) for edge in self._edges[:-1]]

    @cached_property
    def iterations(self) -> int:
        """Return the fewest iterations that use the budget.

        Phases are fractions of the iterations, so the number is searched. A phase begins less than one
        iteration after its exact place, so fewer iterations than the first candidate cannot suffice.
        """
        phases = zip(self._rates, self._edges, self._edges[1:], strict=False)
        mean = sum(rate * (end - start) for rate, start, end in phases)
        falls = sum(max(0, before - after) for before, after in itertools.pairwise(self._rates))
        wanted = _samples(self.kimg)
        iterations = max(1, int((wanted - falls) / mean) - 1)
        while self._total(iterations) < wanted:
            iterations += 1
        return iterations

    def lasting(self, iterations: int) -> IterationBudget:
        """Return the budget of the same game that ``iterations`` iterations use.

        Where phases begin moves with their number; a few less may happen to use as much.
        """
        return replace(self, kimg=self._total(iterations) / 1000)

    @property
    def images(self) -> int:
        """Samples of all iterations: ``kimg`` thousand, rounded up to whole iterations."""
        return self.images_until(self.iterations)

    def images_until(self, iterations: int) -> int:
        """Return the samples that the first ``iterations`` use."""
        return self._images(iterations, self._starts)

    def iterations_until(self, kimg: float) -> int:
        """Return the fewest iterations that use ``kimg``, after rounding: 0.1 + 0.2 kimg are 300 samples.

        Any ``kimg`` above 0 needs one iteration, also if it rounds to no sample.
        """
        least = bisect_left(range(self.iterations), _samples(kimg), key=self.images_until)
        return max(least, int(kimg > 0))

    def pretraining_images(self, iterations: int) -> int:
        """Return the samples of the first ``iterations`` used before a critic trains; 0 without critics."""
        training = [edge for edge in self._edges[:-1] if self._critic_updates_at(edge)]
        if not training:
            return 0
        return self.images_until(min(iterations, _first(training[0], self.iterations)))

    def updates(self, critic: bool, iterations: int) -> int:
        """Return the number of updates of critics, or of all other players, in the first ``iterations``."""
        return sum(
            r.repeat * times
            for r, times in zip(self.rounds, self.times_played(iterations), strict=True)
            for p in r.players
            if self.players[p].critic == critic
        )

    def total(self, costs: Sequence[int], iterations: int) -> int:
        """Return the total in the first ``iterations`` of what one repeat of every round costs."""
        played = zip(self.rounds, self.times_played(iterations), costs, strict=True)
        return sum(r.repeat * times * cost for r, times, cost in played)

    def times_played(self, iterations: int) -> list[int]:
        """Return for every round, the number of the first ``iterations`` in which it is active."""
        spans = [[min(iterations, _first(edge, self.iterations)) for edge in r.active] for r in self.rounds]
        return [max(0, end - start) for start, end in spans]

    def _total(self, iterations: int) -> int:
        return self._images(iterations, [_first(edge, iterations) for edge in self._edges])

    @cached_property
    def _starts(self) -> list[int]:
        """Return the iterations before each edge of the phases."""
        return [_first(edge, self.iterations) for edge in self._edges]

    def _images(self, iterations: int, starts: Sequence[int]) -> int:
        """Return the samples of the first ``iterations`` of a training whose phases have these starts."""
        spans = [min(iterations, start) for start in starts]
        return sum(
            rate * (end - start) for rate, start, end in zip(self._rates, spans, spans[1:], strict=False)
        )


def _first(progress: float, iterations: int) -> int:
    """Return the number of iterations before ``progress``; iteration i of n is played at (i - 1) / n."""
    return bisect_left(range(iterations), progress, key=lambda done: done / iterations)


def _samples(kimg: float) -> float:
    return round(kimg * 1000, 6)
