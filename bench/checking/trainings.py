"""Short trainings and their comparisons: losses, updates, bits, packs, poisoned replicas, checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from gan_bench.bench.checking.checks import expect
from gan_bench.bench.checking.jobs import (
    MLP,
    largest_difference,
    made,
    make_job,
    outputs,
    same,
    trained_on,
    weights,
)
from gan_bench.bench.engine import Job, restore
from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets import Dataset

TOLERANCE = 1e-6
"""Largest difference between a training alone and in a pack, in double precision after ten iterations."""


def steps_are_finite(job: Job, data: Dataset) -> None:
    """Check each player's loss and gradients on the first draws.

    Raises:
        Broken: for a loss or gradient that is not finite or of another shape than expected, or a player
            whose gradients are all 0.
    """
    trainer = Trainer(job, data)
    draws = next(iter(trainer.feeds))
    shape = () if job.solo or len(job.seeds) == 1 else (len(job.seeds),)
    for game_round, repeats in zip(trainer.rounds, draws, strict=True):
        for name in game_round.players:
            stepper = trainer.iteration.steppers[name]
            try:
                step = stepper(*repeats[0], trainer.hyperparameters.at(0.0), trainer.replicas.state)
            except RuntimeError as error:
                expect("does not require grad" not in str(error), f"the loss of the {name} has no gradient")
                raise
            expect(bool(step.loss.isfinite().all()), f"the loss of the {name} is not finite")
            expect(
                step.loss.shape == shape,
                f"the loss of the {name} has shape {tuple(step.loss.shape)}, not {shape}",
            )
            finite = all(bool(grad.isfinite().all()) for grad in step.grads)
            expect(finite, f"a gradient of the {name} is not finite")
            expect(
                any(bool(grad.abs().max() > 0) for grad in step.grads),
                f"the {name} learns nothing: all gradients are 0",
            )
            shapes = [grad.shape for grad in step.grads]
            expect(
                shapes == [p.shape for p in stepper.params],
                f"gradients of the {name} have other shapes than its weights",
            )


def updates_reach_their_own(job: Job, data: Dataset) -> None:
    """Check that one update of a player changes the networks that it trains and no other; raise `Broken`."""
    trainer = Trainer(job, data)
    draws = next(iter(trainer.feeds))
    for name in trainer.players:
        number = next(n for n, game_round in enumerate(trainer.rounds) if name in game_round.players)
        before = weights(trainer)
        batch, noise = draws[number][0]
        trainer.iteration.play_round(
            (name,), batch, noise, trainer.hyperparameters.at(0.0), trainer.replicas.state
        )
        after = weights(trainer)
        changed = {key.split(".")[0] for key in before if not torch.equal(before[key], after[key])}
        own = set(trainer.players[name].trains)
        expect(
            changed == own, f"the update of the {name} changes {_listed(changed)}, it trains {_listed(own)}"
        )


def repeats_its_bits(job: Job, data: Dataset) -> None:
    """Check that two trainings of a job have the same bits; raise `Broken`."""
    first, second = (trained_on(job, data) for _ in range(2))
    for replica, seed in enumerate(job.seeds):
        kept = same(weights(first, replica), weights(second, replica))
        kept = kept and torch.equal(outputs(first, replica), outputs(second, replica))
        expect(kept, f"two trainings with seed {seed} differ: draw random numbers as declared noise only")
    columns = [trainer.history.columns[0] for trainer in (first, second)]
    losses = [name for name in columns[0] if name.endswith("_loss")]
    expect(bool(losses), "the history has no losses")
    agree = all(repr(columns[0][name]) == repr(columns[1][name]) for name in losses)
    expect(agree, "two trainings with one seed have other losses")


def packed_is_solo(
    variant: str,
    data: Dataset,
    *,
    architecture: Any = MLP,
    iterations: int = 10,
    replicas: Sequence[int] = (0, 1),
) -> None:
    """Check that two seeds with unlike settings train in a pack as they do alone.

    Args:
        variant: its name.
        data: to train on.
        architecture: of its networks.
        iterations: of each training.
        replicas: those of the two that are compared.

    Raises:
        Broken: for weights or outputs that differ by more than `TOLERANCE`, in double precision.
    """
    settings, seeds = [{"lr": 1e-3}, {"lr": 3e-3}], (3, 4)
    common = {"architecture": architecture, "iterations": iterations, "dtype": "float64"}
    packed = trained_on(make_job(variant, seeds, settings=settings, **common), data)
    for replica in replicas:
        seed = seeds[replica]
        solo = trained_on(make_job(variant, (seed,), settings=[settings[replica]], **common), data)
        far = largest_difference(weights(solo), weights(packed, replica))
        far = max(far, (outputs(solo) - outputs(packed, replica)).abs().max().item())
        expect(
            far < TOLERANCE,
            f"seed {seed} in a pack differs by {far:.1e} from itself alone: losses are of one replica",
        )


def poison_stays(clean: Trainer, data: Dataset) -> None:
    """Check that NaN in the second of three replicas leaves the others as in a clean run; raise `Broken`."""
    poisoned = Trainer(clean.job, data)
    for params in poisoned.replicas.params.values():
        next(iter(params.values()))[1] = float("nan")
    outcomes = poisoned.run()
    found = [outcome.status for outcome in outcomes]
    expect(
        found == ["finished", "diverged", "finished"],
        f"with NaN in the second of three replicas they are {found}",
    )
    expect(outcomes[1].diverged_at == 1, f"divergence is found at iteration {outcomes[1].diverged_at}, not 1")
    for replica in (0, 2):
        expect(
            same(weights(clean, replica), weights(poisoned, replica)),
            "a replica depends on its neighbour's weights",
        )
    expect(poisoned.models(1.0)[1] is None, "a diverged replica has a model")


def checkpoint_is_the_model(job: Job, data: Dataset) -> None:
    """Check that a restored model makes the same samples, raw and averaged; raise `Broken`."""
    model: Any = trained_on(job, data).models(1.0)[0]
    again = restore(job, data, model.state())
    for kind in ("raw", "ema"):
        expect(
            torch.equal(made(model, 100, kind), made(again, 100, kind)),
            f"the restored model of {kind} weights makes other samples",
        )
    expect(
        not torch.equal(made(model, 100, "raw"), made(model, 100, "ema")), "averaged weights are the raw ones"
    )


def _listed(roles: set[str]) -> str:
    return ", ".join(sorted(roles)) or "nothing"
