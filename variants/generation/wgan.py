"""Wasserstein GAN with weight clipping (Arjovsky et al. 2017)."""

from dataclasses import replace
from types import SimpleNamespace

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Player
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Parameters
from gan_bench.variants.objectives import Objective
from gan_bench.variants.parts import part_mixin
from gan_bench.variants.registry import register
from gan_bench.variants.sources import NO_BATCHNORM, Profile


def clip_weights(parameters: Parameters, hp: SimpleNamespace) -> Parameters:
    """Project every weight to [-c, c]."""
    return {name: p.clamp(-hp.clip, hp.clip) for name, p in parameters.items()}


@part_mixin(
    "clip",
    "a critic whose weights are clipped to [-c, c] (arXiv:1701.07875, algorithm 1)",
    requires=Adversarial,
    arguments={"bound": "clip"},
    hyperparameters={
        "clip": Hyperparameter(0.01, doc="c, the bound of the critic's weights", low=0.0, open_low=True)
    },
)
class Clipped(Adversarial):
    """Clip the critics' weights after every update."""

    def players(self) -> list[Player]:
        """Return the game's players, the critics with their constraint."""
        return [replace(p, constraint=clip_weights) if p.critic else p for p in super().players()]


@register("wgan", paper="arXiv:1701.07875", year=2017, equation="algorithm 1", parts="clip")
class WGAN(Objective):
    """WGAN: mean scores apart, the Kantorovich-Rubinstein dual of the distance.

    Weights are clipped, unless a penalty or spectral normalisation replaces the clipping.
    """

    profiles = {
        "paper": Profile(
            {
                "optimiser": "rmsprop", "lr": 5e-5, "n_critic": 5, "clip": 0.01, "batch_size": 64,
                "latent_dim": 100,
            },
            source="arXiv:1701.07875, algorithm 1; github:martinarjovsky/WassersteinGAN, main.py",
            differs=(
                NO_BATCHNORM,
                "5 critic steps throughout; the authors' program takes 100 in each of the first 25 "
                "iterations and in every 500th, which rounds cannot state",
            ),
        )
    }  # fmt: skip

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E D(x); the sum of both terms is minus the dual's estimate of the distance."""
        return -real.mean()

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E D(G(z))."""
        return fake.mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E D(G(z))."""
        return -fake.mean()
