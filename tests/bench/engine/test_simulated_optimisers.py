"""A player's optimiser, simulated in another player's loss: its next steps and their derivative."""

from types import SimpleNamespace

import pytest
import torch
from torch.func import grad, vmap

from gan_bench.bench.engine.optimisers import RULES
from gan_bench.bench.engine.simulated_optimisers import ReadableOptimisers, SimulatedOptimiser
from gan_bench.variants import Player
from tests.bench.engine.test_optimisers import PER_REPLICA, SHARED, every_rule, reference, slopes, start


def foresight(rule, params, settings):
    """Of an optimiser that has taken ten steps, with the parameters as they are then."""
    params = {f"p{k}": p.clone() for k, p in enumerate(params)}
    optimiser = RULES[rule](list(params.values()))
    hp = SimpleNamespace(**settings)
    for step in range(10):
        optimiser.step(slopes(list(params.values()), step), hp.lr, hp)
    moments = {b: dict(zip(params, tensors, strict=True)) for b, tensors in optimiser.state.items()}
    return params, SimulatedOptimiser(optimiser, moments, optimiser.count, hp.lr, hp)


def foreseen(params, ahead, steps):
    for step in range(steps):
        along = dict(zip(params, slopes(list(params.values()), 10 + step), strict=True))
        params, ahead = ahead.step(params, along)
    return params


@every_rule
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_foreseen_steps_are_those_that_torch_takes(rule, weight_decay):
    settings = {**SHARED[rule], "weight_decay": weight_decay}
    params, ahead = foresight(rule, start(), settings)
    theirs = [p.clone() for p in start()]
    optimiser = reference(rule, theirs, settings)
    for step in range(15):
        for p, slope in zip(theirs, slopes(theirs, step), strict=True):
            p.grad = slope.contiguous()
        optimiser.step()
    for ours, other in zip(foreseen(params, ahead, 5).values(), theirs, strict=True):
        torch.testing.assert_close(ours, other, rtol=1e-9, atol=1e-12)


@every_rule
def test_looking_ahead_changes_nothing(rule):
    params, ahead = foresight(rule, start(), SHARED[rule])
    before = [t.clone() for tensors in ahead.optimiser.state.values() for t in tensors]
    count = ahead.count.clone()
    foreseen(params, ahead, 3)
    after = [t for tensors in ahead.optimiser.state.values() for t in tensors]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert torch.equal(count, ahead.optimiser.count)


@every_rule
def test_each_replica_foresees_by_its_own_settings(rule):
    settings = {n: torch.tensor(values, dtype=torch.float64) for n, values in PER_REPLICA[rule].items()}
    params, packed = foresight(rule, start(lead=(3,)), settings)

    def ahead(params, moments, hp):
        own = SimpleNamespace(**hp)
        return foreseen(params, SimulatedOptimiser(packed.optimiser, moments, packed.count, own.lr, own), 4)

    together = vmap(ahead)(params, packed.moments, settings)
    for replica in range(3):
        one = ahead(*({k: v[replica] for k, v in tree.items()} for tree in (params,)), *(
            {b: {k: v[replica] for k, v in m.items()} for b, m in packed.moments.items()},
            {k: v[replica] for k, v in settings.items()},
        ))  # fmt: skip
        for name, value in one.items():
            torch.testing.assert_close(together[name][replica], value, rtol=1e-12, atol=1e-14)


@every_rule
def test_the_derivative_goes_through_the_steps(rule):
    """Against central differences: of a loss of the later parameters, by what the gradients depend on."""
    params, ahead = foresight(rule, start(), SHARED[rule])

    def later(shift):
        now, after = params, ahead
        for _ in range(3):
            along = {name: torch.cos(p + shift) * p for name, p in now.items()}
            now, after = after.step(now, along)
        return sum(p.square().sum() for p in now.values())

    shift, h = torch.tensor(0.3, dtype=torch.float64), 1e-5
    by_difference = (later(shift + h) - later(shift - h)) / (2 * h)
    assert grad(later)(shift).item() == pytest.approx(by_difference.item(), rel=1e-5)


@pytest.mark.parametrize("rule", ["adam", "rmsprop"])
def test_what_never_had_a_gradient_has_no_derivative_instead_of_nan(rule):
    params = {"dead": torch.zeros(3, dtype=torch.float64)}
    optimiser = RULES[rule](list(params.values()))
    hp = SimpleNamespace(**SHARED[rule])
    moments = {b: {"dead": t[0]} for b, t in optimiser.state.items()}
    ahead = SimulatedOptimiser(optimiser, moments, optimiser.count, hp.lr, hp)

    def later(scale):
        return ahead.step(params, {"dead": scale * params["dead"]})[0]["dead"].sum()

    assert grad(later)(torch.tensor(1.0, dtype=torch.float64)).item() == 0.0


def test_a_role_is_foreseen_that_one_other_player_trains():
    def player(name, *trains, foresees=()):
        return Player(name, trains, lambda play: play.hp.lr, foresees=foresees)

    params = {r: {"w": torch.ones(2)} for r in ("critic", "generator")}
    generator, critic = player("generator", "generator", foresees=("critic",)), player("critic", "critic")
    optimisers = {"critic": RULES["adam"]([params["critic"]["w"]])}
    found = ReadableOptimisers.of(generator, [critic, generator], optimisers, params)
    assert found.moments["critic"]["mean"]["w"] is optimisers["critic"].state["mean"][0]
    hp = SimpleNamespace(lr=1.0, critic_lr=0.5)
    assert found.at(found.moments, found.counts, hp)["critic"].lr == 0.5
    for players in ([generator], [critic, player("other", "critic"), generator]):
        with pytest.raises(ValueError, match=r"foresees critic, which (0|2) other players"):
            ReadableOptimisers.of(generator, players, optimisers, params)
