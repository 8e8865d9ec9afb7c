"""Normalisations of a critic's weights and layers: spectral, and by a reference batch."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants import Network, Play
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.layers import Stack
from gan_bench.variants.networks.norms import VirtualBatchNorm
from gan_bench.variants.networks.spectral import power_step, vectors
from gan_bench.variants.supplies import Supply, opened
from tests.training import CONV, MLP, make_job, trained, weights

# Spectral normalisation


@pytest.mark.parametrize(
    "module",
    [
        nn.Linear(5, 3),
        nn.Conv2d(2, 4, 3),
        nn.ConvTranspose2d(4, 2, 3),
        nn.Sequential(nn.Linear(4, 4), nn.Tanh()),
    ],
)
def test_power_iterations_find_the_largest_singular_value(module):
    torch.manual_seed(0)
    module = module.double()
    params = {n: torch.randn_like(p) for n, p in module.named_parameters()}
    left = {n: u.double() for n, u in vectors(module).items()}
    for _ in range(200):
        normalised, left = power_step(module, params, left)
    for name, weight in params.items():
        if weight.ndim == 1:
            assert normalised[name] is weight
            continue
        turned = isinstance(module, nn.ConvTranspose2d)
        matrix = (weight.transpose(0, 1) if turned else weight).flatten(1)
        largest = torch.linalg.matrix_norm(matrix, 2)
        assert torch.allclose(normalised[name], weight / largest, atol=1e-9)


def test_a_power_step_is_that_of_torchs_parametrisation():
    torch.manual_seed(1)
    layer = nn.Linear(6, 4).double()
    twin = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 4).double(), n_power_iterations=1, eps=1e-12)
    twin.parametrizations.weight.original.data.copy_(layer.weight.data)
    u = twin.parametrizations.weight[0]._u.clone()
    theirs = twin.weight
    normalised, renewed = power_step(layer, dict(layer.named_parameters()), {"weight": u})
    # Theirs has iterated before: after many steps both have found the same vectors.
    assert renewed["weight"].norm().item() == pytest.approx(1.0)
    for _ in range(300):
        theirs = twin(torch.zeros(1, 6).double()) is not None and twin.weight
        normalised, renewed = power_step(layer, dict(layer.named_parameters()), renewed)
    assert torch.allclose(normalised["weight"], theirs, atol=1e-9)


@pytest.mark.parametrize(("architecture", "data"), [(MLP, "ring"), (CONV, "digits")])
@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])
def test_sngans_critic_is_seen_with_unit_norms_and_its_vectors_move(architecture, data, seeds):
    trainer = trained(make_job("sngan", seeds, iterations=3, architecture=architecture), data)
    game, state = trainer.game, trainer.replicas.state_of(0)
    assert {n.split(".")[0] for n in state} == {"spectral"}
    fresh = game.state()
    assert any(not torch.allclose(state[n], fresh[n], atol=1e-3) for n in fresh)
    critic = Network(trainer.replicas.skeletons["critic"], trainer.replicas.of(0)["critic"])
    play = Play({"critic": critic}, {}, {}, SimpleNamespace(), state)
    for _ in range(100):
        seen, renewed = game.normalised(play, "critic")
        play = Play({"critic": critic}, {}, {}, SimpleNamespace(), renewed)
    for weight in seen.critic._view(critic.params).values():
        if weight.ndim > 1:
            assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1.0, abs=1e-3)


# Virtual BatchNorm


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4, 4)])
def test_virtual_batchnorm_uses_the_reference_and_the_sample_itself(shape):
    torch.manual_seed(0)
    layer = VirtualBatchNorm(3).double()
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2.0)
        layer.bias.normal_()
    reference, x = torch.randn(7, *shape[1:]).double(), 3 * torch.randn(*shape).double()
    of_reference = Supply(of_reference=True)
    with opened(of_reference):
        later = layer(reference)
    with opened(Supply(statistics=of_reference.statistics)):
        normalised = layer(x)
    over = [0, *range(2, len(shape))]
    as_parameter = (1, -1, *[1] * (len(shape) - 2))
    scale, shift = layer.weight.view(as_parameter), layer.bias.view(as_parameter)
    for i in range(len(x)):
        together = torch.cat((reference, x[i : i + 1]))
        variance, mean = torch.var_mean(together, over, correction=0, keepdim=True)
        expected = (x[i : i + 1] - mean) / (variance + layer.eps).sqrt() * scale + shift
        assert torch.allclose(normalised[i : i + 1], expected)
    variance, mean = torch.var_mean(reference, over, correction=0, keepdim=True)
    assert torch.allclose(later, (reference - mean) / (variance + layer.eps).sqrt() * scale + shift)


def test_virtual_batchnorm_needs_its_reference_and_samples_do_not_touch_each_other():
    build = builder({"family": "mlp", "hidden": [6]})
    skeleton = build.critic(Space((2,)), norm="virtual")
    critic = skeleton.to_empty(device="cpu")
    for p in critic.parameters():
        nn.init.normal_(p)
    with pytest.raises(RuntimeError, match="needs a reference batch"):
        critic(torch.zeros(3, 2))
    x, reference = torch.randn(4, 2), torch.randn(9, 2)
    network = Network(critic).beside(reference)
    assert torch.allclose(network(x)[:2], network(x[:2]), atol=1e-6)
    assert isinstance(critic, Stack)


def test_critics_normalise_each_image_by_itself():
    """As in CycleGAN's program, without trained scales and shifts; a bias before a norm would do nothing."""
    architecture = {"family": "unet", "width": 4, "depth": 2, "critic": {"family": "patch", "width": 4}}

    def learnt(norm):
        job = make_job("cyclegan", iterations=2, architecture=architecture, settings={"critic_norm": norm})
        return weights(trained(job, "inverted-digits"))

    plain, normalised = learnt("none"), learnt("instance")
    fewer = {f"{critic}.features.2.bias" for critic in ("critic_a", "critic_b")}
    assert plain.keys() - fewer == normalised.keys()
    assert not any(torch.equal(plain[name], value) for name, value in normalised.items())


def test_critics_of_points_have_no_instances_to_normalise_by():
    with pytest.raises(Misfit, match="instance normalisation takes maps, not vectors"):
        trained(make_job("nsgan", settings={"critic_norm": "instance"}))


@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["solo", "packed"])
def test_the_reference_batch_is_the_first_real_one_and_stays(seeds):
    job = make_job("nsgan+vbn", seeds, iterations=3, architecture={**MLP, "norm": "virtual"})
    trainer = trained(job)
    state = trainer.replicas.state_of(0)
    again = trained(make_job("nsgan+vbn", seeds, iterations=1, architecture={**MLP, "norm": "virtual"}))
    assert state["virtual.critic.known"] == 1
    assert torch.equal(state["virtual.critic"], again.replicas.state_of(0)["virtual.critic"])
    assert state["virtual.critic"].norm(dim=1).max() < 3  # points of the ring
    assert trainer.models(1.0)[0].sample(10).isfinite().all()
