from __future__ import annotations

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics.extractors.lenet import LeNet, load
from gan_bench.bench.metrics.extractors.train import Recipe, jitter, standardise, train
from gan_bench.bench.metrics.extractors.weights import card


def test_a_short_training_writes_what_can_be_loaded_and_repeats_itself(tmp_path, capsys):
    global_state = torch.get_rng_state()
    accuracies = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        accuracies.append(train("digits", tmp_path / name, Recipe(epochs=2)))
    assert torch.equal(torch.get_rng_state(), global_state)  # the global generator is left alone
    assert accuracies[0] > 0.5  # two epochs: far from done, far from chance
    first, second = (load("lenet28_digits", folder=tmp_path / name) for name in ("one", "two"))
    assert first.sha256 == second.sha256
    entry = card("lenet28_digits", tmp_path / "one")
    assert entry["test_accuracy"] == pytest.approx(accuracies[0], abs=1e-4)
    features = first(datasets.load("digits").reference("test")).features
    assert features.square().mean().item() == pytest.approx(1, abs=0.2)
    assert "epoch 2/2" in capsys.readouterr().out


def test_standardising_keeps_the_logits():
    network = LeNet()
    images = torch.rand(300, 1, 28, 28) * 2 - 1
    before = network(images).logits.detach()
    standardise(network, images)
    features, logits = network(images)
    torch.testing.assert_close(logits, before)
    assert features.square().mean().item() == pytest.approx(1, rel=1e-4)


def test_jitter_of_strength_zero_is_the_identity():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(4, 1, 28, 28, generator=generator) * 2 - 1
    torch.testing.assert_close(jitter(images, 0.0, generator), images, atol=1e-5, rtol=0)
    moved = jitter(images, 1.0, generator)
    assert (moved - images).abs().mean() > 0.05
    assert moved.min() >= -1.0001
