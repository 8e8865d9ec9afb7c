"""Bidirectional GAN (Donahue, Krähenbühl & Darrell 2017)."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.inference.codes import Coded
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("bigan", paper="arXiv:1605.09782", year=2016, equation="the value function of pairs", version=5)
class BiGAN(Coded):
    """BiGAN: the critic tells pairs (x, E(x)) from pairs (G(z), z); fooled, E is the inverse of G.

    The critic maximises log D(x, E(x)) + log(1 - D(G(z), z)). Encoder and generator update together and
    exchange the labels of the pairs (the paper's "inverse" objective), which is non-saturating.
    """

    objective = NSGAN()
    generators = ("generator", "encoder")
    exchanges = True
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "exponential", "start": 2e-4, "end": 2e-6, "begin": 0.5},
                "beta1": 0.5, "updates": "simultaneous", "batch_size": 128, "latent_dim": 50,
                "latent_law": "uniform", "weight_decay": 2.5e-5,
            },
            source="github:jeffdonahue/bigan, train_mnist.sh and the defaults of train_gan.py",
            differs=("biases and norms decay as well (authors: no biases, and no decay of gains)",),
        )
    }  # fmt: skip

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of pairs of a sample and a code."""
        return (self.critic("critic", self.data.real, self.latent),)

    def code(self, play: Play) -> Tensor:
        """Return the codes of the real batch."""
        return play.encoder(play.batch["real"])

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (x, E(x))."""
        return {"critic": (play.batch["real"], self.code(play))}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (G(z), z)."""
        return {"critic": (self.generated(play), play.noise["latent"])}
