"""Timed work and FLOP, compared with closed forms."""

from __future__ import annotations

import gc

import pytest
import torch

from gan_bench.bench.speed import memory
from gan_bench.bench.speed.machine import host, matrix_product, memory_copy, stopwatch
from gan_bench.bench.speed.traffic import TrafficCounter, amount_of_iteration
from gan_bench.bench.speed.training import Training, job_of
from gan_bench.variants import Player, Round
from tests.bench.engine.toys import job_of as toy_job
from tests.bench.speed.conftest import Choose
from tests.toys import ToyGame, garbage, ones, value
from tests.training import same, weights

GENERATOR, CRITIC = [(16, 24), (24, 8), (8, 2)], [(2, 8), (8, 24), (24, 1)]


def products(layers: list[tuple[int, int]]) -> int:
    return sum(m * n for m, n in layers)


@pytest.mark.parametrize("n_critic", [1, 3])
def test_flop_of_a_perceptron_are_those_of_its_products(choose: Choose, n_critic: int) -> None:
    """A product [b, m] x [m, n] is 2 b m n; a weight's gradient as much again, an input's once more."""
    (workload,) = choose(
        architecture="mlp, hidden=[24, 8]", changes=["batch_size=32", f"n_critic={n_critic}"]
    )
    generator, critic = products(GENERATOR), products(CRITIC)
    both = 2 * (critic + critic + products(CRITIC[1:]))  # real and fake: forward, weights, inner inputs
    critic_update = generator + both  # the generator forward alone
    generator_update = 2 * generator + products(GENERATOR[1:]) + 2 * critic  # to the critic's input
    expected = 2 * 32 * (n_critic * critic_update + generator_update)
    assert amount_of_iteration(workload.trials[0], workload.data).flop == expected


def test_a_gradient_penalty_is_counted(choose: Choose) -> None:
    (workload,) = choose(variants=["wgan", "wgan-gp"], reference="wgan")
    plain, penalised = (amount_of_iteration(trial, workload.data).flop for trial in workload.trials)
    batch, critic = 256, products([(2, 8), (8, 1)])
    assert penalised - plain >= 2 * batch * 3 * critic  # one more pass and its gradient at the very least


def counted(work) -> int:  # type: ignore[no-untyped-def]
    with TrafficCounter() as counter:
        work()
    return counter.bytes


def test_bytes_are_those_of_inputs_and_outputs() -> None:
    left, right, out = torch.ones(3, 4), torch.ones(4, 5, dtype=torch.float32), torch.empty(3, 5)
    assert counted(lambda: left @ right) == 4 * (12 + 20 + 15)
    assert counted(lambda: torch.mm(left, right, out=out)) == 4 * (12 + 20 + 15)
    assert counted(lambda: left.add(1)) == 4 * (12 + 12)
    assert counted(lambda: left.add_(1)) == 4 * (12 + 12)  # read and written
    assert counted(lambda: left.double()) == 4 * 12 + 8 * 12
    assert counted(lambda: torch._foreach_add_([left, right], 1.0)) == 4 * 2 * (12 + 20)
    assert counted(lambda: torch.cat([left, left])) == 4 * (24 + 24)


def test_a_view_moves_nothing() -> None:
    x = torch.ones(3, 4)
    assert counted(lambda: (x.t(), x.view(12), x[1:], x.expand(2, 3, 4), x.unbind(0), x.detach())) == 0


def test_bytes_of_an_iteration_grow_with_the_batch(choose: Choose) -> None:
    small, large = (choose(changes=[f"batch_size={size}"])[0] for size in (32, 64))
    bytes_ = [amount_of_iteration(one.trials[0], one.data).bytes for one in (small, large)]
    assert bytes_[0] < bytes_[1] < 2 * bytes_[0]  # weights and optimisers do not


def test_a_copy_reads_and_writes_its_bytes() -> None:
    work, moved = memory_copy("cpu")
    assert counted(lambda: work.run(1)) - moved == moved // 2  # the target is given as well


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_events_time_what_a_gpu_does() -> None:
    product, _ = matrix_product("cuda", "float32")
    product.run(1)
    timed = stopwatch("cuda")
    one, many = timed(lambda: product.run(1)), timed(lambda: product.run(20))
    assert 0 < one < many


def test_the_updates_of_either_side_are_its_own(choose: Choose) -> None:
    (workload,) = choose(changes=["n_critic=3", "n_generator=2"])
    for critic, role, other, count in ((True, "critic", "generator", 3), (False, "generator", "critic", 2)):
        training = Training(job_of(workload.trials[0], 2), workload.data)
        found = training.updates(critic)
        assert found is not None
        contestant, updates = found
        before = weights(training.trainer)
        contestant.run(2)
        after = weights(training.trainer)
        assert updates == count
        assert training.trainer.iteration.optimisers[role].count == 2 * count  # type: ignore[attr-defined]
        changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
        assert changed == {role}, other


def test_iterations_are_those_of_the_training_loop(choose: Choose) -> None:
    (workload,) = choose(changes=["batch_size=32"])
    job = job_of(workload.trials[0], 2)
    timed, trained = Training(job, workload.data), Training(job, workload.data).trainer
    timed.iterations().run(130)
    for iteration, draws in zip(range(1, 131), trained.feeds, strict=False):
        trained.iterate(iteration, draws)
    assert same(weights(timed.trainer, 1), weights(trained, 1))
    assert timed.images == 32
    assert timed.trainer.history.columns[0]["iteration"] == [100], "losses were not read back on time"


class Alone(ToyGame):
    """One player, no critic."""

    starts = {"x": 1.0}

    def players(self):  # type: ignore[no-untyped-def]
        return [Player("a", ("x",), lambda play: value(play.x) ** 2)]

    def rounds(self):  # type: ignore[no-untyped-def]
        return [Round(("a",))]


def test_a_game_without_a_critic_has_no_critic_updates(toy) -> None:  # type: ignore[no-untyped-def]
    training = Training(toy_job(toy(Alone), (0,)), ones())
    assert training.updates(True) is None
    found = training.updates(False)
    assert found is not None
    assert found[1] == 1


def test_the_matrix_product_has_its_flop() -> None:
    contestant, flop = matrix_product("cpu", "float32")
    with torch.utils.flop_counter.FlopCounterMode(display=False) as counter:
        contestant.run(1)
    assert counter.get_total_flops() == flop


def test_the_host_is_named_by_processor_and_cores() -> None:
    processor, device = host("cpu")
    assert "cores" in processor
    assert device == "cpu"


def test_memory_of_an_earlier_pack_is_not_freed_while_a_gpu_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = garbage()
    for name in ("synchronize", "reset_peak_memory_stats"):
        monkeypatch.setattr(torch.cuda, name, lambda _: None)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 5 if known() is None else 1000)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 25)
    monkeypatch.setattr(memory, "_train", lambda *_: None)
    monkeypatch.setattr(memory, "job_of", lambda *_: None)
    gc.disable()
    try:
        assert memory.on_gpu(None, None, 1, "cuda:0", "batched") == 20  # type: ignore[arg-type]
    finally:
        gc.enable()
