"""The three rules, compared with torch.optim over 100 steps, with coefficients shared or per replica."""

from types import SimpleNamespace

import pytest
import torch

from gan_bench.bench.engine.optimisers import RULES

STEPS, REPLICAS = 100, 3
SHAPES = [(4, 3), (5,), ()]

SHARED = {
    "adam": {"lr": 1e-2, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8},
    "rmsprop": {"lr": 1e-2, "decay": 0.95, "epsilon": 1e-6},
    "sgd": {"lr": 1e-2, "momentum": 0.9},
}
PER_REPLICA = {
    "adam": {
        "lr": [1e-2, 1e-3, 3e-2],
        "beta1": [0.0, 0.5, 0.9],
        "beta2": [0.9, 0.99, 0.999],
        "epsilon": [1e-8, 1e-3, 1e-6],
    },
    "rmsprop": {"lr": [1e-2, 1e-3, 3e-2], "decay": [0.9, 0.99, 0.5], "epsilon": [1e-8, 1e-3, 1e-6]},
    "sgd": {"lr": [1e-2, 1e-3, 3e-2], "momentum": [0.0, 0.5, 0.9]},
}
for values in PER_REPLICA.values():
    values["weight_decay"] = [0.0, 0.3, 0.01]
every_rule = pytest.mark.parametrize("rule", RULES)


def reference(rule, params, settings):
    """The torch.optim optimiser of the same settings."""
    weight_decay = settings.get("weight_decay", 0.0)
    match rule:
        case "adam":
            betas, eps = (settings["beta1"], settings["beta2"]), settings["epsilon"]
            return torch.optim.Adam(params, settings["lr"], betas, eps, weight_decay=weight_decay)
        case "rmsprop":
            alpha, eps = settings["decay"], settings["epsilon"]
            return torch.optim.RMSprop(params, settings["lr"], alpha, eps, weight_decay=weight_decay)
        case "sgd":
            momentum = settings["momentum"]
            return torch.optim.SGD(params, settings["lr"], momentum, weight_decay=weight_decay)
    raise AssertionError(rule)


def start(dtype=torch.float64, lead=()):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn((*lead, *shape), generator=generator, dtype=dtype) for shape in SHAPES]


def slopes(params, step):
    """Gradients of a moving, badly scaled quadratic; the first tensor's are transposed in memory."""
    grads = []
    for k, p in enumerate(params):
        scale = 10.0 ** (k - 1)
        grad = scale * (p - torch.sin(torch.tensor(0.3 * step + k, dtype=p.dtype)))
        grads.append(grad.mT.contiguous().mT if p.ndim >= 2 else grad)
    return grads


def run_reference(rule, params, settings, steps=STEPS):
    params = [p.clone() for p in params]
    optimiser = reference(rule, params, settings)
    for step in range(steps):
        for p, grad in zip(params, slopes(params, step), strict=True):
            p.grad = grad.contiguous()
        optimiser.step()
    return params


def run_ours(rule, params, settings, steps=STEPS):
    params = [p.clone() for p in params]
    optimiser = RULES[rule](params)
    hp = SimpleNamespace(**settings)
    for step in range(steps):
        grads = slopes(params, step)
        assert not grads[0].is_contiguous()
        optimiser.step(grads, hp.lr, hp)
    return params


def tensors(settings):
    return {name: torch.tensor(v, dtype=torch.float64) for name, v in settings.items()}


@every_rule
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_shared_settings_solo(rule, dtype, bound):
    ours = run_ours(rule, start(dtype), SHARED[rule])
    theirs = run_reference(rule, start(dtype), SHARED[rule])
    for mine, other, first in zip(ours, theirs, start(dtype), strict=True):
        assert (mine - other).abs().max() <= bound * max(1.0, other.abs().max().item())
        assert (mine - first).abs().max() > 1e-2, "nothing moved"


@every_rule
@pytest.mark.parametrize("usual", [True, False], ids=["usual gradients", "gradients with channels last"])
def test_kernels_with_channels_last_take_the_steps_of_torch(rule, usual):
    generator = torch.Generator().manual_seed(0)
    first = torch.randn((5, 3, 4, 4), generator=generator, dtype=torch.float64)
    kernel, theirs = first.contiguous(memory_format=torch.channels_last), first.clone()
    hp = SimpleNamespace(**SHARED[rule])
    optimiser, reference_optimiser = RULES[rule]([kernel]), reference(rule, [theirs], SHARED[rule])
    for _ in range(STEPS):
        grad = torch.randn(first.shape, generator=generator, dtype=torch.float64)
        theirs.grad = grad
        given = grad if usual else grad.contiguous(memory_format=torch.channels_last)
        optimiser.step([given], hp.lr, hp)
        reference_optimiser.step()
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    assert (kernel - theirs).abs().max() < 1e-12
    assert (kernel - first).abs().max() > 1e-2, "nothing moved"


@every_rule
def test_weights_decay_as_in_torch(rule):
    settings = {**SHARED[rule], "weight_decay": 0.3}
    ours, theirs = run_ours(rule, start(), settings), run_reference(rule, start(), settings)
    free = run_ours(rule, start(), SHARED[rule])
    for mine, other, kept in zip(ours, theirs, free, strict=True):
        assert (mine - other).abs().max() < 1e-12
        assert (mine - kept).abs().max() > 1e-3, "nothing decays"


@every_rule
def test_shared_settings_over_a_pack(rule):
    ours = run_ours(rule, start(lead=(REPLICAS,)), SHARED[rule])
    for replica in range(REPLICAS):
        one = [p[replica] for p in start(lead=(REPLICAS,))]
        for mine, other in zip(ours, run_reference(rule, one, SHARED[rule]), strict=True):
            assert (mine[replica] - other).abs().max() < 1e-9


@every_rule
def test_settings_per_replica_are_separate_runs(rule):
    ours = run_ours(rule, start(lead=(REPLICAS,)), tensors(PER_REPLICA[rule]))
    for replica in range(REPLICAS):
        one = [p[replica] for p in start(lead=(REPLICAS,))]
        settings = {name: values[replica] for name, values in PER_REPLICA[rule].items()}
        for mine, other in zip(ours, run_reference(rule, one, settings), strict=True):
            assert (mine[replica] - other).abs().max() < 1e-6


@every_rule
def test_each_setting_may_differ_by_itself(rule):
    for name, values in PER_REPLICA[rule].items():
        settings = {**SHARED[rule], name: torch.tensor(values, dtype=torch.float64)}
        ours = run_ours(rule, start(lead=(REPLICAS,)), settings, steps=20)
        for replica, own in enumerate(values):
            one = [p[replica] for p in start(lead=(REPLICAS,))]
            theirs = run_reference(rule, one, {**SHARED[rule], name: own}, steps=20)
            for mine, other in zip(ours, theirs, strict=True):
                assert (mine[replica] - other).abs().max() < 1e-6, name


def test_adam_may_change_between_its_two_ways_in_mid_run():
    """A schedule can make replicas' rates equal for a while: the fused kernel takes over the state."""
    params = [p.clone() for p in start(lead=(REPLICAS,))]
    optimiser = RULES["adam"](params)
    shared = SimpleNamespace(**SHARED["adam"])
    apart = SimpleNamespace(**{**SHARED["adam"], "lr": torch.full((REPLICAS,), 1e-2, dtype=torch.float64)})
    for step in range(STEPS):
        hp = apart if step % 3 else shared
        optimiser.step(slopes(params, step), hp.lr, hp)
    for mine, other in zip(params, run_ours("adam", start(lead=(REPLICAS,)), SHARED["adam"]), strict=True):
        assert (mine - other).abs().max() < 1e-9


@every_rule
def test_updates_are_in_place_and_gradients_are_left_alone(rule):
    params = start()
    places = [p.data_ptr() for p in params]
    optimiser = RULES[rule](params)
    grads = slopes(params, 0)
    kept = [g.clone() for g in grads]
    optimiser.step(grads, 0.1, SimpleNamespace(**SHARED[rule]))
    assert [p.data_ptr() for p in params] == places
    assert all(torch.equal(g, k) for g, k in zip(grads, kept, strict=True))
