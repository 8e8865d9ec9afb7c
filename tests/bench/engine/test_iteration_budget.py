"""A budget in iterations: samples, updates, phases and rounding, compared with a count by playing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.engine.iteration_budget import IterationBudget
from gan_bench.variants import Player, Round

CRITICS = ("critic", "critic_a", "critic_b")


def course(rounds: list[Round], kimg: float, batch: int = 64) -> IterationBudget:
    names = dict.fromkeys(name for r in rounds for name in r.players)
    players = {name: Player(name, (name,), lambda play: play, critic=name in CRITICS) for name in names}
    return IterationBudget(players, rounds, batch, kimg)


def two_player(kimg: float, n_critic: int = 1, active: tuple[float, float] = (0.0, 1.0)) -> IterationBudget:
    rounds = [Round(("critic",), repeat=n_critic, streams=("real",)), Round(("generator",), active=active)]
    return course(rounds, kimg)


def played(rounds: list[Round], batch: int, iterations: int) -> list[int]:
    """Return the samples used after each of so many iterations, iteration by iteration."""
    total, so_far = 0, []
    for done in range(iterations):
        now = [r for r in rounds if r.active[0] <= done / iterations < r.active[1]]
        steps = {c: sum(r.repeat for r in now if c in r.players) for c in CRITICS}
        drawn = [r.repeat for r in now if set(r.streams) - set(r.shares)] or [r.repeat for r in now] or [1]
        total += batch * (max(steps.values()) or max(drawn))
        so_far.append(total)
    return so_far


@pytest.mark.parametrize(
    ("kimg", "n_critic", "iterations", "images"),
    [(6.4, 1, 100, 6400), (6.4, 5, 20, 6400), (6.4, 7, 15, 6720), (0.3, 1, 5, 320), (0.001, 5, 1, 320)],
)
def test_a_budget_is_rounded_up_to_whole_iterations(kimg, n_critic, iterations, images):
    planned = two_player(kimg, n_critic)
    assert (planned.iterations, planned.images) == (iterations, images)
    assert planned.images_until(1) == planned.images_at(0.0) == 64 * n_critic
    assert planned.updates(critic=True, iterations=iterations) == iterations * n_critic
    assert planned.updates(critic=False, iterations=iterations) == iterations


@pytest.mark.parametrize("kimg", [0.001, 1e-9, 1e-12, 5e-324])
def test_the_smallest_budget_is_one_iteration_and_is_measured_behind_it(kimg):
    planned = two_player(kimg)
    assert (planned.iterations, planned.iterations_until(kimg), planned.iterations_until(0.0)) == (1, 1, 0)


def test_a_round_of_a_phase_is_counted_where_it_is_played():
    assert two_player(6.4, active=(0.25, 0.5)).updates(critic=False, iterations=100) == 25


@pytest.mark.parametrize(
    "rounds",
    [
        [Round(("critic_a", "critic_b"), streams=("real",)), Round(("generator",))],
        [
            Round(("critic_a",), streams=("real",)),
            Round(("critic_b",), streams=("real",)),
            Round(("generator",)),
        ],
        [Round(("critic_a",), streams=("real",)), Round(("critic_b", "generator"), streams=("real",))],
    ],
    ids=["one round", "two rounds", "beside the generator"],
)
def test_two_critics_have_the_iterations_of_one(rounds):
    assert course(rounds, 6.4).iterations == 100
    assert course(rounds, 6.4).updates(critic=True, iterations=100) == 200


def test_the_critic_with_the_most_updates_counts():
    rounds = [
        Round(("critic_a",), 5, streams=("real",)),
        Round(("critic_b",), 2, streams=("real",)),
        Round(("critic_b",), 1, streams=("real",)),
    ]
    assert course(rounds, 6.4).iterations == 20


def test_a_critic_that_trains_in_half_of_the_iterations_has_the_samples_of_them_all():
    """The encoder reads two batches in the first half, then the critic three: 64 (2 + 3) / 2 on average."""
    rounds = [
        Round(("encoder",), 2, streams=("real",), active=(0.0, 0.5)),
        Round(("critic",), 3, streams=("real",), active=(0.5, 1.0)),
        Round(("generator",), active=(0.5, 1.0)),
    ]
    planned = course(rounds, 6.4)
    assert planned.iterations == 40
    assert planned.images == 6400
    assert [planned.images_until(i) for i in (1, 20, 21, 40)] == [128, 2560, 2752, 6400]
    assert planned.iterations_until(2.56) == 20
    assert planned.iterations_until(2.561) == 21
    assert planned.pretraining_images(40) == 2560
    assert planned.pretraining_images(10) == 1280
    assert planned.updates(critic=True, iterations=40) == 60
    assert planned.updates(critic=False, iterations=40) == 60


def test_games_whose_critic_trains_from_the_start_have_no_pretraining():
    rounds = [
        Round(("critic",), streams=("real",), active=(0.0, 0.5)),
        Round(("generator",), streams=("real",)),
    ]
    assert course(rounds, 6.4).pretraining_images(100) == 0
    assert course([Round(("generator",), streams=("real",))], 6.4).pretraining_images(100) == 0


def test_games_without_a_critic_count_their_largest_round():
    rounds = [
        Round(("a",), 2, streams=("real",)),
        Round(("b",), 3, streams=("real",), shares=("real",)),
        Round(("c",), 7),
    ]
    assert course(rounds, 6.4).images_at(0.0) == 128


edges = st.integers(0, 12).map(lambda twelfth: twelfth / 12)
phases = st.tuples(edges, edges).filter(lambda pair: pair[0] < pair[1])
some_rounds = st.builds(
    Round,
    players=st.sampled_from([("critic_a",), ("critic_b",), ("critic_a", "generator"), ("generator",)]),
    repeat=st.integers(1, 30),
    streams=st.sampled_from([(), ("real",)]),
    active=phases,
)


@given(st.lists(some_rounds, min_size=1, max_size=4), st.integers(1, 20_000), st.integers(1, 16))
def test_iterations_are_the_fewest_that_use_the_budget(rounds, images, batch):
    planned = course(rounds, images / 1000, batch)
    counts = played(rounds, batch, planned.iterations)
    assert planned.images == counts[-1] >= images
    assert [planned.images_until(i + 1) for i in range(len(counts))] == counts
    fewer = range(max(1, planned.iterations - 60), planned.iterations)
    assert all(played(rounds, batch, iterations)[-1] < images for iterations in fewer)


@given(st.lists(some_rounds, min_size=1, max_size=3), st.integers(1, 200))
def test_the_budget_of_given_iterations_uses_what_they_use(rounds, iterations):
    planned = course(rounds, 1.0, 4).lasting(iterations)
    assert planned.kimg * 1000 == pytest.approx(played(rounds, 4, iterations)[-1])
    assert planned.iterations <= iterations
