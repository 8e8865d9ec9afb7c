"""Ways of packs of convolutions: matrix products over patches, and replicas one by one."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap

from gan_bench.bench.engine.convolutions import ProductConv2d, with_products
from gan_bench.bench.engine.train import Trainer
from tests.training import CONV, dataset, largest_difference, make_job, same, trained, weights

LAYERS = [
    nn.Conv2d(1, 4, 4, stride=2, padding=1),
    nn.Conv2d(3, 2, (3, 5), stride=(2, 1), padding=(0, 2), dilation=(2, 1), bias=False),
    nn.Conv2d(2, 3, 1),
    nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1),
    nn.ConvTranspose2d(2, 3, (3, 2), stride=(3, 1), padding=(1, 0), output_padding=(1, 0), dilation=(2, 1)),
]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_products_are_the_convolution_with_its_derivatives(layer):
    layer = layer.double()
    product = with_products({"layer": layer}, 5)["layer"]
    assert type(product) is not type(layer)
    params = {name: torch.randn(3, *p.shape, dtype=torch.float64) for name, p in layer.named_parameters()}
    x = torch.randn(3, 6, layer.in_channels, 9, 8, dtype=torch.float64)

    def slope_of_slope(module):
        """A penalty's gradient in the weights, which differentiates twice."""

        def penalty(params, x):
            slopes = torch.func.grad(lambda x: functional_call(module, params, (x,)).tanh().sum())(x)
            return slopes.square().sum()

        return vmap(torch.func.grad_and_value(penalty))(params, x)

    (one, value), (other, again) = slope_of_slope(layer), slope_of_slope(product)
    torch.testing.assert_close(value, again)
    torch.testing.assert_close(one, other)


def test_only_narrow_convolutions_without_groups_are_changed():
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3), nn.Conv2d(2, 8, 3, groups=2),
        nn.Conv2d(2, 8, 3, padding=1, padding_mode="reflect"),
    )  # fmt: skip
    changed = with_products({"net": net}, 5)["net"]
    assert [type(layer) is ProductConv2d for layer in changed] == [True, False, False, False]
    assert not any(type(layer) is ProductConv2d for layer in net)


def job_of(variant, way, seeds=(0, 1, 2), **options):
    job = make_job(variant, seeds, architecture=CONV, iterations=4, dtype="float64", **options)
    return dataclasses.replace(job, way=way)


@pytest.mark.parametrize("way", ["products", "streams"])
@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "sngan", "began"])
def test_every_way_gives_the_numbers_of_single_replicas(variant, way):
    settings = [{"lr": lr} for lr in (1e-3, 2e-3, 5e-4)]
    pack = trained(job_of(variant, way, settings=settings), "digits")
    for replica, one in enumerate(settings):
        alone = trained(job_of(variant, "batched", (replica,), settings=one), "digits")
        assert largest_difference(weights(pack, replica), weights(alone)) < 1e-7
        for column, values in alone.history.columns[0].items():
            if column != "seconds":
                assert pack.history.columns[replica][column] == pytest.approx(values, rel=1e-6), column


def test_replicas_one_by_one_have_averages_states_and_schedules_of_their_own():
    falling = {"schedule": "linear", "start": 1e-3, "end": 0.0}
    settings = [{"ema": 0.5, "lr": falling}, {"ema": 0.9, "lr": {**falling, "start": 2e-3}}]
    pack = trained(job_of("began", "streams", (3, 4), settings=settings), "digits")
    for replica, one in enumerate(settings):
        alone = trained(job_of("began", "batched", (3 + replica,), settings=one), "digits")
        averages = [
            {name: p if one is alone else p[replica] for name, p in one.iteration.ema["generator"].items()}
            for one in (pack, alone)
        ]
        assert largest_difference(*averages) < 1e-9
        state, other = pack.replicas.state_of(replica), alone.replicas.state_of(0)
        assert {name: value.item() for name, value in state.items()} == pytest.approx(
            {name: value.item() for name, value in other.items()}
        )
        assert pack.models(1.0)[replica].sample(8).shape == alone.models(1.0)[0].sample(8).shape


def test_a_solo_run_is_the_same_in_every_way():
    runs = [trained(job_of("nsgan", way, (0,)), "digits") for way in ("batched", "products", "streams")]
    assert all(same(weights(runs[0]), weights(other)) for other in runs[1:])


def test_weights_of_replicas_are_those_of_the_stack():
    trainer = Trainer(job_of("nsgan", "streams", (0, 1)), dataset("digits"))
    stacked = trainer.replicas.params["critic"]
    own = trainer.iteration.parts[1].replicas.params["critic"]
    assert all(own[name].data_ptr() == stacked[name][1].data_ptr() for name in own)
