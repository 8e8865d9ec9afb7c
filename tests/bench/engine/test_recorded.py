"""The stand-in for CUDA graphs refuses what they refuse, and shows what they would do wrong."""

from __future__ import annotations

import pytest
import torch

from tests.bench.engine.recorded import CannotRecord, Recorded


def test_a_replay_repeats_operations_on_the_same_storages():
    x, total = torch.tensor([1.0, 2.0]), torch.zeros(())
    made = []

    def work():
        made.append(x[1:] * 3.0)
        total.add_(made[0].sum())

    graph = Recorded()
    graph.capture(work)
    assert (total.item(), made[0].isnan().all().item()) == (0.0, True)  # nothing is done while recording
    graph.replay()
    x.fill_(5.0)
    graph.replay()
    assert (total.item(), made[0].item(), len(made)) == (6.0 + 15.0, 15.0, 1)


def test_gradients_under_vmap_are_repeated():
    weights, batch = torch.rand(3, 4, requires_grad=True), torch.rand(3, 4)
    alone, found = torch.rand(4, requires_grad=True), {}

    def work():
        slopes = torch.func.vmap(torch.func.grad(lambda w, x: (w * x).sin().sum()))(weights, batch)
        (own,) = torch.autograd.grad((alone * batch[0]).sin().sum(), [alone])
        found.update(slopes=slopes, own=own)

    graph = Recorded()
    graph.capture(work)
    batch.copy_(torch.rand(3, 4))
    graph.replay()
    with torch.no_grad():
        torch.testing.assert_close(found["slopes"], batch * (weights * batch).cos())
        torch.testing.assert_close(found["own"], batch[0] * (alone * batch[0]).cos())


def test_values_that_python_read_stay_those_of_the_record():
    step, out = [1.0], torch.zeros(1)
    graph = Recorded()
    graph.capture(lambda: out.fill_(step[0]))
    step[0] = 2.0
    graph.replay()
    assert out.item() == 1.0


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda x: x.sum().item(), "waits"),
        (lambda x: x[x > 0], "waits"),
        (lambda x: bool(x.sum() > 0), "waits"),
        (lambda x: x + torch.tensor(3.0), "copies"),
        (lambda x: torch.rand(3), "draws"),
        (lambda x: x.normal_(), "draws"),
        (lambda x: torch.nn.functional.dropout(x), "draws"),
    ],
)
def test_what_cuda_refuses_while_it_records(work, reason):
    x = torch.ones(3)
    with pytest.raises(CannotRecord, match=reason):
        Recorded().capture(lambda: work(x))
    assert x.tolist() == [1.0, 1.0, 1.0]
