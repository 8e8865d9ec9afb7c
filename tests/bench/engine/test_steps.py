"""One player's gradient, solo and in a pack, compared with derivatives by hand."""

from types import SimpleNamespace

import pytest
import torch

from gan_bench.bench.engine.replicas import Replicas
from gan_bench.bench.engine.steps import PackedStepper, SoloStepper
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Loss, Player
from gan_bench.variants.networks import builder
from tests.toys import ToyGame, value

CPU = torch.device("cpu")


class Start(ToyGame):
    """x = 3, y = 5, and an idle number that no loss uses."""

    starts = {"x": 3.0, "y": 5.0, "idle": 1.0}

    def state(self):
        return {"s": torch.tensor(2.0)}


def loss(play):
    """w x^2 y s + mean(batch) x, differentiated by x: 2 w x y s + mean(batch)."""
    x = value(play.x)
    total = play.hp.w * x.square() * value(play.y) * play.state["s"] + play.batch["real"].mean() * x
    return Loss(total, logs={"x": x}, state={"s": play.state["s"] * x})


def stepper(solo, player):
    seeds = (0,) if solo else (0, 1)
    game = Start(DataSpec.of(real=Space((1,))), None)
    build = builder({"family": "mlp"})
    replicas = Replicas(game, build, seeds, init="default", device=CPU, dtype=torch.float64, solo=solo)
    return (SoloStepper if solo else PackedStepper)(player, replicas)


def test_solo_by_hand():
    run = stepper(True, Player("a", ("x", "idle"), loss))
    step = run({"real": torch.tensor([1.0, 3.0])}, {}, SimpleNamespace(w=0.5), run.replicas.state)
    assert step.loss.item() == 0.5 * 9 * 5 * 2 + 2 * 3
    assert [g.item() for g in step.grads] == [2 * 0.5 * 3 * 5 * 2 + 2, 0.0]
    assert (step.logs["x"].item(), step.state["s"].item()) == (3.0, 6.0)
    assert not any(t.requires_grad for t in (step.loss, step.logs["x"], step.state["s"]))


def test_packed_by_hand_with_settings_per_replica():
    run = stepper(False, Player("a", ("x", "idle"), loss))
    hp = SimpleNamespace(w=torch.tensor([0.5, 2.0], dtype=torch.float64))
    step = run({"real": torch.tensor([[1.0, 3.0], [0.0, 0.0]])}, {}, hp, run.replicas.state)
    assert step.loss.tolist() == [51.0, 2.0 * 9 * 5 * 2]
    assert [g.tolist() for g in step.grads] == [[32.0, 2 * 2.0 * 3 * 5 * 2], [0.0, 0.0]]
    assert step.logs["x"].tolist() == [3.0, 3.0]
    assert step.state["s"].tolist() == [6.0, 6.0]
    shared = SimpleNamespace(w=0.5)
    again = run({"real": torch.tensor([[1.0, 3.0], [0.0, 0.0]])}, {}, shared, run.replicas.state)
    assert again.loss.tolist() == [51.0, 0.5 * 9 * 5 * 2], "settings of the first call were kept"


@pytest.mark.parametrize("solo", [True, False], ids=["solo", "packed"])
def test_a_constraint_writes_in_place_into_its_own_roles(solo):
    def halve(params, hp):
        return {name: p * hp.w for name, p in params.items()}

    run = stepper(solo, Player("a", ("x",), loss, constraint=halve))
    place = run.replicas.params["x"]["value"].data_ptr()
    run.constrain(SimpleNamespace(w=0.5 if solo else torch.tensor([0.5, 0.25], dtype=torch.float64)))
    assert run.replicas.params["x"]["value"].tolist() == (1.5 if solo else [1.5, 0.75])
    assert run.replicas.params["x"]["value"].data_ptr() == place
    assert run.replicas.params["y"]["value"].tolist() == (5.0 if solo else [5.0, 5.0])
