"""Hand-written loops, compared with the variants that they replicate."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.speed.against import others
from gan_bench.bench.speed.training import Training, job_of
from tests.bench.speed.conftest import Choose
from tests.benchmarks import bare


def test_without_a_source_checkout(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"needs a source checkout.*benchmarks.bare"):
        others(tmp_path)


@pytest.mark.parametrize("variant", sorted(bare.LOOPS))
@pytest.mark.parametrize("data", ["ring", "digits"])
def test_a_loop_minimises_what_its_variant_does(
    choose: Choose, variant: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workload,) = choose(
        variants=[variant], reference=variant, dataset=data, changes=["batch_size=6", "latent_dim=3"]
    )
    trial = workload.trials[0]
    trainer = Training(job_of(trial, 1), workload.data).trainer
    step = bare.loop(variant, workload.data, trial.network, trial.hyperparameters, "cpu")
    loop = step.__self__  # type: ignore[attr-defined]
    for role in ("generator", "critic"):
        ours, theirs = trainer.replicas.params[role].values(), getattr(loop, role).parameters()
        with torch.no_grad():
            for p, q in zip(theirs, ours, strict=True):
                p.copy_(q)
    ((batch, noise),), *_ = next(iter(trainer.feeds))
    hp = trainer.hyperparameters.at(0.0)
    if "interpolation" in noise:
        monkeypatch.setattr(torch, "rand", lambda *size, device: noise["interpolation"].reshape(size))
    loop.k = torch.tensor(0.25)
    trainer.replicas.state = dict.fromkeys(trainer.replicas.state, torch.tensor(0.25))
    mine = trainer.iteration.steppers["critic"](batch, noise, hp, trainer.replicas.state)
    assert loop.critic_loss(batch["real"], loop.generator(noise["latent"])).item() == pytest.approx(
        mine.loss.item(), rel=1e-4
    )
    if "k" in mine.state:
        assert loop.k.item() == pytest.approx(mine.state["k"].item())
    mine = trainer.iteration.steppers["generator"](batch, noise, hp, trainer.replicas.state)
    assert loop.generator_loss(batch["real"], loop.generator(noise["latent"])).item() == pytest.approx(
        mine.loss.item(), rel=1e-4
    )


def test_a_step_is_n_critic_updates_and_one_of_the_generator(choose: Choose) -> None:
    changes = ["n_critic=3", "critic_lr=0.5", "ema=0.75"]
    (workload,) = choose(variants=["wgan"], reference="wgan", changes=changes)
    trial = workload.trials[0]
    assert others()(trial, workload.data, "cpu").keys() == {"bare", "classic"}
    loop = bare.loop("wgan", workload.data, trial.network, trial.hyperparameters, "cpu").__self__  # type: ignore[attr-defined]
    before = [p.clone() for p in loop.generator.parameters()]
    loop.step()
    (first, *_) = loop.critic_optimiser.state.values()
    assert (first["step"], loop.critic_optimiser.param_groups[0]["lr"]) == (3, 0.5)
    assert isinstance(loop.critic_optimiser, torch.optim.RMSprop)
    assert max(p.abs().max() for p in loop.critic.parameters()) <= 0.01
    for kept, old, new in zip(loop.average.parameters(), before, loop.generator.parameters(), strict=True):
        torch.testing.assert_close(kept, 0.75 * old + 0.25 * new)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"changes": ["label_smoothing=0.1"]}, "label_smoothing = 0.1"),
        ({"changes": ["n_generator=2"]}, "n_generator = 2"),
        ({"changes": ["latent_law=sphere"]}, "latent_law = sphere"),
        ({"architecture": "mlp, hidden=[8], dropout=0.2"}, "Dropout"),
    ],
)
def test_what_the_loops_do_not_know(choose: Choose, options: dict, message: str) -> None:
    (workload,) = choose(**options)
    with pytest.raises(UsageError, match=message):
        others()(workload.trials[0], workload.data, "cpu")


def test_a_variant_that_nobody_wrote_by_hand(choose: Choose, monkeypatch: pytest.MonkeyPatch) -> None:
    (workload,) = choose()
    loops = others()
    assert loops(workload.trials[0], workload.data, "cpu")
    monkeypatch.delitem(sys.modules["bare_loops"].LOOPS, "nsgan")
    assert loops(workload.trials[0], workload.data, "cpu") == {}


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_networks_have_the_harness_layers(choose: Choose, norm: str) -> None:
    (workload,) = choose(
        dataset="digits", architecture=f'conv, width=4, norm="{norm}"', changes=["batch_size=4"]
    )
    trial = workload.trials[0]
    loop = bare.loop("nsgan", workload.data, trial.network, trial.hyperparameters, "cpu").__self__  # type: ignore[attr-defined]
    trainer = Training(job_of(trial, 1), workload.data).trainer
    for role, module in (("generator", loop.generator), ("critic", loop.critic)):
        shapes = [tuple(p.shape) for p in trainer.replicas.params[role].values()]
        assert [tuple(p.shape) for p in module.parameters()] == shapes
    loop.step()
    assert loop.fake().shape == (4, 1, 28, 28)


@pytest.mark.parametrize("data", ["ring", "digits"])
def test_the_classic_script_sees_the_same_data_and_reads_its_losses(
    choose: Choose, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workload,) = choose(dataset=data, changes=["batch_size=6"])
    trial = workload.trials[0]
    step = bare.loop("nsgan", workload.data, trial.network, trial.hyperparameters, "cpu", classic=True)
    loop = step.__self__  # type: ignore[attr-defined]
    read: list[float] = []
    item = torch.Tensor.item
    monkeypatch.setattr(torch.Tensor, "item", lambda self: read.append(item(self)) or read[-1])
    losses = [loop.critic_loss, loop.generator_loss]
    kept: list[torch.Tensor] = []

    def keeping(loss):  # type: ignore[no-untyped-def]
        return lambda *given: kept.append(loss(*given)) or kept[-1]

    loop.critic_loss, loop.generator_loss = map(keeping, losses)
    step()
    monkeypatch.undo()
    assert {loss.item() for loss in kept} <= set(read)
    batch = loop.real()
    assert batch.shape == (6, *workload.data.shape)
    source = workload.data.stream("real")
    if data == "digits":  # every row is an image of the data, on the scale that networks are trained on
        everything = workload.data.prepare(source.gather(torch.arange(len(source)))).flatten(1)
        assert torch.cdist(batch.flatten(1), everything).min(1).values.max() < 0.1  # others are further apart
    else:
        assert torch.allclose(batch.norm(dim=1), torch.ones(6), atol=0.1)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("data", ["ring", "digits"])
def test_a_captured_loop_trains(choose: Choose, data: str) -> None:
    (workload,) = choose(dataset=data)
    works = others()(workload.trials[0], workload.data, "cuda")
    assert works.keys() == {"bare", "classic", "bare_captured"}
    for work in works.values():
        work.run(5)
