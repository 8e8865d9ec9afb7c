"""Phases and schedules: when a round is played, and what changes with progress."""

import numpy as np
import pytest

from gan_bench.variants import Player, Round
from tests.contract.interface.playing import LR, play
from tests.toys import ToyGame, numbers, value
from tests.training import both_ways


class Phased(ToyGame):
    """Both players move by exactly the rate, each in its own part of the training; b in three repeats.

    Three iterations of a and four of b, 16 samples per update, use 240 samples; 15 batches are asked for.
    """

    def players(self):
        return [
            Player("a", ("x",), lambda play: value(play.x), critic=True),
            Player("b", ("y",), lambda play: value(play.y)),
        ]

    def rounds(self):
        return [Round(("a",), active=(0.0, 0.4)), Round(("b",), repeat=3, active=(0.4, 1.0))]


@both_ways
def test_a_round_is_played_in_its_phase_only(toy, seeds):
    trainer = play(toy(Phased), seeds=seeds, iterations=15)
    assert trainer.iterations == 7
    assert numbers(trainer)["x"] == pytest.approx(1.0 - 3 * LR)
    assert numbers(trainer)["y"] == pytest.approx(2.0 - 12 * LR)
    history = trainer.history.columns[0]
    assert np.isfinite(history["a_loss"]).tolist() == [True] * 3 + [False] * 4
    assert np.isfinite(history["b_loss"]).tolist() == [False] * 3 + [True] * 4
    assert history["kimg"] == pytest.approx([0.016, 0.032, 0.048, 0.096, 0.144, 0.192, 0.24])


def test_updates_are_counted_where_they_are_played(toy):
    outcome = play(toy(Phased), iterations=15).outcome(0)
    assert (outcome.critic_updates, outcome.generator_updates, outcome.images) == (3, 12, 240)


class Pretrained(Phased):
    """Player b trains first, without a critic."""

    def rounds(self):
        return [Round(("b",), repeat=3, active=(0.0, 0.4)), Round(("a",), active=(0.4, 1.0))]


def test_samples_before_a_critic_trains_count_and_are_shown(toy):
    outcome = play(toy(Pretrained), iterations=18).outcome(0)
    assert outcome.iterations == 10
    assert (outcome.images, outcome.pretraining_images) == (4 * 48 + 6 * 16, 4 * 48)


class Scheduled(ToyGame):
    def players(self):
        return [Player("a", ("x",), lambda play: play.hp.weight * value(play.x), critic=True)]

    def rounds(self):
        return [Round(("a",))]


def test_a_scheduled_hyperparameter_follows_progress(toy):
    decay = {"schedule": "linear", "start": 3.0, "end": 1.0}
    trainer = play(toy(Scheduled), iterations=10, settings={"weight": decay})
    total = sum(3.0 - 2.0 * i / 10 for i in range(10))
    assert numbers(trainer)["x"] == pytest.approx(1.0 - LR * total)


def test_replicas_have_schedules_and_values_of_their_own(toy):
    decay = {"schedule": "linear", "start": 3.0, "end": 1.0}
    settings = [{"weight": decay}, {"weight": 5.0}, {"weight": 1.0, "a_lr": decay}]
    trainer = play(toy(Scheduled), seeds=(0, 1, 2), iterations=10, settings=settings)
    total = sum(3.0 - 2.0 * i / 10 for i in range(10))
    expected = [1.0 - LR * total, 1.0 - LR * 50, 1.0 - total]
    assert [numbers(trainer, k)["x"] for k in range(3)] == pytest.approx(expected)


def test_a_learning_rate_may_decay_to_zero(toy):
    decay = {"schedule": "linear", "start": 1e-2, "end": 0.0}
    trainer = play(toy(Scheduled), iterations=4, settings={"lr": decay})
    assert numbers(trainer)["x"] == pytest.approx(1.0 - 1e-2 * (1 + 0.75 + 0.5 + 0.25))
