import math

import pytest
import torch

from gan_bench.bench.engine.history import History
from gan_bench.bench.engine.steps import Step


def step(*losses, **logs):
    return Step(torch.tensor(losses), {k: torch.tensor(v) for k, v in logs.items()}, {}, [])


def record(history, iteration, player, step):
    history.note(iteration, f"{player}_loss", step.loss)
    for name, value in step.logs.items():
        history.note(iteration, f"{player}_{name}", value)


def test_rows_are_means_over_their_window():
    history = History(2, 2000)
    assert history.window == 10
    for iteration in range(1, 5):
        record(history, iteration, "critic", step(iteration, -iteration))
        record(history, iteration, "critic", step(iteration + 1.0, 0.0))  # a second critic update
        record(history, iteration, "generator", step(10.0, 20.0, k=[0.5, iteration]))
    history.flush(4, 0.25, 1.5)
    record(history, 5, "critic", step(7.0, 8.0))
    history.flush(5, 0.5, 2.5)
    first, second = history.columns
    assert first["iteration"] == [4, 5]
    assert first["kimg"] == [0.25, 0.5]
    assert first["seconds"] == [1.5, 2.5]
    assert first["critic_loss"] == [3.0, 7.0]
    assert second["critic_loss"] == [-1.25, 8.0]
    assert second["generator_k"] == pytest.approx([2.5, math.nan], nan_ok=True)
    assert first["generator_loss"] == pytest.approx([10.0, math.nan], nan_ok=True)


def test_a_column_that_appears_late_is_filled_from_the_start():
    history = History(1, 10)
    record(history, 1, "critic", step(1.0))
    history.flush(1, 0.1, 0.1)
    record(history, 2, "generator", step(2.0))
    history.flush(2, 0.2, 0.2)
    columns = history.columns[0]
    assert columns["generator_loss"] == pytest.approx([math.nan, 2.0], nan_ok=True)
    assert len({len(column) for column in columns.values()}) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_divergence_at_the_exact_iteration(bad):
    history = History(3, 10)
    for iteration in range(1, 10):
        record(history, iteration, "critic", step(1.0, bad if iteration >= 7 else 1.0, 1.0))
        record(
            history, iteration, "generator", step(1.0, 1.0, 1.0, k=[1.0, 1.0, bad if iteration == 4 else 1.0])
        )
    history.flush(9, 1.0, 1.0)
    assert history.diverged_at == [None, 7, 4]
    assert [len(columns["iteration"]) for columns in history.columns] == [1, 0, 0]
    assert history.columns[0]["critic_loss"] == [1.0]
    assert not history.all_diverged
    history.mark(0, 9)
    assert history.all_diverged
    history.mark(1, 9)
    assert history.diverged_at == [9, 7, 4]


def test_solo_losses_are_scalars():
    history = History(1, 10)
    record(history, 1, "critic", Step(torch.tensor(2.0), {}, {}, []))
    history.flush(1, 0.1, 0.1)
    assert history.columns[0]["critic_loss"] == [2.0]


@pytest.mark.parametrize(("iterations", "window"), [(1, 1), (399, 1), (400, 2), (10_000, 50), (10**6, 100)])
def test_windows_give_about_two_hundred_rows_and_a_timely_end(iterations, window):
    assert History(1, iterations).window == window


def test_traced_parameters_are_kept_as_they_are_beside_means_of_losses():
    history = History(2, 2000)
    record(history, 1, "critic", step(1.0, 2.0))
    history.flush(1, 0.1, 0.1, {"critic.psi": torch.tensor([[5.0], [6.0]])})
    record(history, 2, "critic", step(1.0, math.nan))
    moved = {"critic.psi": torch.tensor([[7.0], [8.0]]), "generator.theta": torch.tensor([[1.0, 2.0]] * 2)}
    history.flush(2, 0.2, 0.2, moved)
    first, second = history.columns
    assert first["critic.psi"] == [5.0, 7.0]
    assert first["generator.theta[1]"] == pytest.approx([math.nan, 2.0], nan_ok=True)
    assert second["critic.psi"] == [6.0]  # diverged in the second row


def recorded(length: int, points: list[int], until: int) -> History:
    """The history of two replicas up to an iteration of a training of so many, measured at points."""
    history, generator = History(2, length), torch.Generator().manual_seed(0)
    for iteration in range(1, until + 1):
        for name in ("critic_loss", "critic_loss", "generator_loss"):
            history.note(iteration, name, torch.randn(2, generator=generator))
        if iteration % history.window == 0 or iteration in points:
            history.flush(iteration, iteration / 10, float(iteration))
    return history


@pytest.mark.parametrize(
    ("short", "long", "points", "fewer", "tolerance"),
    [
        (400, 1000, [200, 400], [400], 0),  # rows of 2 and of 5 iterations
        (1000, 3000, [300, 1000], [1000], 0),  # of 5 and of 15
        (20_100, 40_200, [10_050, 20_100], [20_100], 1e-12),  # of 100; the shorter has one of 50, too
    ],
)
def test_a_longer_training_has_the_rows_that_it_would_have_had(short, long, points, fewer, tolerance):
    ended, whole = recorded(short, points, short), recorded(long, fewer, short)
    history = History(2, long)
    rows = [i for i in range(1, short + 1) if i % history.window == 0 or i in fewer]
    history.load_shorter(*ended.state(), rows, lambda iteration: iteration / 10)
    for columns, wanted in zip(history.columns, whole.columns, strict=True):
        assert columns.keys() == wanted.keys()
        for name, column in columns.items():
            assert column == pytest.approx(wanted[name], rel=tolerance, abs=0), name
