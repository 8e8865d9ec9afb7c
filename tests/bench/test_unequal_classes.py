"""Two Gaussians, 9 to 1: what is measured, asked for and drawn follows the weights of modes and classes."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from gan_bench import datasets, variants
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.metrics import Evaluator
from gan_bench.datasets import Truth
from gan_bench.datasets.sampled import labelled_dataset
from gan_bench.variants.hyperparameters import resolve

CENTRES = torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
RARE, COUNT = 0.1, 4000
TRUE_KL = 0.5 * math.log(0.5 / (1 - RARE)) + 0.5 * math.log(0.5 / RARE)
"""Of a generator that draws both modes equally often."""


def law(count, generator, dtype=torch.float32, rare=RARE):
    label = torch.rand(count, generator=generator).lt(rare).long()
    noise = torch.randn(count, 2, generator=generator, dtype=dtype)
    return {"real": CENTRES.to(dtype)[label] + 0.1 * noise, "label": label}


@pytest.fixture(params=[None, (1 - RARE, RARE)], ids=["estimated", "stated"])
def data(request):
    truth = Truth(
        mean=(2 * RARE - 1, 0.0), modes=CENTRES, mode_std=0.1, classes=2, weights=request.param,
        description="0.9 N(-1, 0.1) + 0.1 N(1, 0.1)",
    )  # fmt: skip
    return labelled_dataset("unequal", "planar", truth, law)


def measured(data, rare):
    samples = law(COUNT, torch.Generator().manual_seed(7), rare=rare)["real"]
    found = Evaluator(data, samples=COUNT, final_samples=COUNT).measure(samples, final=True)
    return {m.metric: m.value for m in found if m.split == "test"}


def test_the_data_itself_score_0_and_a_generator_of_equal_modes_its_kl(data):
    # Of a histogram of n samples, and of one of as many reference samples, the KL is 1 / n on average.
    assert 0 <= measured(data, RARE)["reverse_kl"] < 10 / COUNT
    # Five standard errors of the estimated weights: the derivative is 0.5 / 0.9 - 0.5 / 0.1.
    slack = 5 * 4.5 * math.sqrt(RARE * (1 - RARE) / COUNT)
    assert measured(data, 0.5)["reverse_kl"] == pytest.approx(TRUE_KL, abs=slack)
    assert measured(data, 0.0)["reverse_kl"] == pytest.approx(-math.log(1 - RARE), abs=0.03)


def test_labels_are_asked_for_as_often_as_the_data_have_them(data):
    for split in ("validation", "test"):
        labels = data.given(["label"], split, 1000)["label"]
        assert labels.bincount().tolist() == pytest.approx([900, 100], abs=15)


def game(data):
    acgan = variants.get("acgan")
    settings = resolve(acgan.hyperparameters, {"latent_dim": 4, "batch_size": 100}, owner="acgan")
    return acgan(data_spec(data), SimpleNamespace(**settings))


@pytest.mark.parametrize("solo", [True, False])
def test_a_conditional_game_draws_labels_as_often_as_the_data_have_them(data, solo):
    where = {"device": torch.device("cpu"), "dtype": torch.float32}
    feeds = iter(Feeds(game(data), data, (0,), 100, **where, solo=solo))
    drawn = [noise["label"] for _ in range(40) for repeats in next(feeds) for _, noise in repeats]
    labels = torch.cat([part.flatten() for part in drawn])
    error = math.sqrt(RARE * (1 - RARE) / len(labels))
    assert labels.double().mean().item() == pytest.approx(RARE, abs=5 * error + 0.015)


def test_equal_classes_are_drawn_as_they_were():
    noise = game(datasets.load("ring")).noise()["label"]
    drawn = noise.draw(3, 50, torch.Generator().manual_seed(0))
    assert torch.equal(drawn, torch.randint(8, (3, 50), generator=torch.Generator().manual_seed(0)))
