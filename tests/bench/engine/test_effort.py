"""The effort of losses and gradients, beside what training counts and what arithmetic says."""

from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.bench.engine.effort import effort_of_rounds
from gan_bench.bench.engine.flop import flop_of_rounds
from gan_bench.bench.engine.job import Budget, Job
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.planning import catalogue

NETWORK = {"family": "mlp", "hidden": [5, 7]}


def scene(variant: str, data: str = "ring", **network):
    settings = catalogue.resolve(variant, {"batch_size": 6})
    return variant, catalogue.network({**NETWORK, **network}), settings, datasets.load(data)


@pytest.mark.parametrize(
    "variant", ["nsgan", "wgan-gp", "began", "nsgan+r1", "nsgan+unrolled", "veegan", "bigan"]
)
def test_flop_are_those_that_training_counts(variant: str) -> None:
    name, network, settings, data = scene(variant)
    trainer = Trainer(Job(name, network, (settings,), (0,), Budget(1.0, (1.0,))), data)
    counted = flop_of_rounds(trainer.feeds, trainer.iteration, trainer.replicas.state)
    found = effort_of_rounds(name, network, settings, data, values=True)
    assert [one.flop for one in found] == counted
    assert all(one.operations > 0 for one in found)


@pytest.mark.slow
@pytest.mark.sample  # torch loads its functions without values
def test_shapes_alone_have_the_same_effort() -> None:
    for variant in ("nsgan", "wgan-gp"):
        with_values, without = (effort_of_rounds(*scene(variant), values=values) for values in (True, False))
        assert [one.flop for one in with_values] == [one.flop for one in without]
