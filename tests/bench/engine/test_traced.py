"""Traced parameters of a network: Dirac-GAN's theta and psi during training."""

from __future__ import annotations

import pytest
import torch

from gan_bench.bench.engine.train import Trainer
from tests.training import dataset, make_job

DIRAC = {"family": "dirac", "radius": 1e-3}
RATE = 0.01


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)], ids=["solo", "packed"])
def test_theta_and_psi_of_the_bilinear_game_follow_its_closed_form(seeds):
    """WGAN's losses are psi theta and its negative: simultaneous gradient steps rotate and stretch.

    theta' = theta + h psi, psi' = psi - h theta, so (theta + i psi)' = (1 - i h) (theta + i psi).
    """
    settings = {
        "optimiser": "sgd", "lr": RATE, "momentum": 0.0, "updates": "simultaneous", "n_critic": 1,
        "n_generator": 1, "ema": 0.0, "clip": 1.0, "latent_dim": 1,
    }  # fmt: skip
    job = make_job(
        "wgan", seeds=seeds, settings=settings, iterations=400, architecture=DIRAC, dtype="float64"
    )
    trainer = Trainer(job, dataset("dirac"))
    starts = {name: values.clone() for name, values in trainer.replicas.traced().items()}
    assert set(starts) == {"generator.theta", "critic.psi"}
    for replica, outcome in enumerate(trainer.run()):
        z = complex(starts["generator.theta"][replica].item(), starts["critic.psi"][replica].item())
        path = [z * (1 - 1j * RATE) ** step for step in outcome.history["iteration"]]
        assert outcome.history["generator.theta"] == pytest.approx([p.real for p in path], abs=1e-12)
        assert outcome.history["critic.psi"] == pytest.approx([p.imag for p in path], abs=1e-12)


def test_other_networks_follow_nothing():
    assert Trainer(make_job("nsgan"), dataset("ring")).replicas.traced() == {}
    assert torch.is_grad_enabled()
