"""A budget in iterations: images, updates and rounding."""

from __future__ import annotations

import pytest

from gan_bench.bench.engine.iteration_budget import IterationBudget
from gan_bench.variants import Player, Round


def course(
    kimg: float, n_critic: int = 1, batch: int = 64, active: tuple[float, float] = (0.0, 1.0)
) -> IterationBudget:
    players = {
        name: Player(name, (name,), lambda play: play, critic=name == "critic")
        for name in ("critic", "generator")
    }
    rounds = [Round(("critic",), repeat=n_critic, streams=("real",)), Round(("generator",), active=active)]
    return IterationBudget(players, rounds, batch, kimg)


@pytest.mark.parametrize(
    ("kimg", "n_critic", "iterations", "images"),
    [(6.4, 1, 100, 6400), (6.4, 5, 20, 6400), (6.4, 7, 15, 6720), (0.3, 1, 5, 320), (0.001, 5, 1, 320)],
)
def test_a_budget_is_rounded_up_to_whole_iterations(kimg, n_critic, iterations, images):
    planned = course(kimg, n_critic)
    assert (planned.iterations, planned.images) == (iterations, images)
    assert 0 <= planned.images - 1000 * kimg < planned.images_per_iteration
    assert planned.updates(critic=True, iterations=iterations) == iterations * n_critic
    assert planned.updates(critic=False, iterations=iterations) == iterations


def test_a_round_of_a_phase_is_counted_where_it_is_played():
    assert course(6.4, active=(0.25, 0.5)).updates(critic=False, iterations=100) == 25
