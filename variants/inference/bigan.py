"""Bidirectional GAN (Donahue, Krähenbühl & Darrell 2017), the same game as ALI (Dumoulin et al. 2017)."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


@register(
    "bigan", paper="arXiv:1605.09782", year=2016, equation="the value function of pairs",
    aliases=("ali",), version=4,
)  # fmt: skip
class BiGAN(TwoPlayer):
    """BiGAN: the critic tells pairs (x, E(x)) from pairs (G(z), z); fooled, E is the inverse of G.

    The critic maximises log D(x, E(x)) + log(1 - D(G(z), z)). Encoder and generator update together and
    exchange the labels of the pairs (the paper's "inverse" objective), which is non-saturating.
    """

    objective = NSGAN()
    averaged = generators = ("generator", "encoder")
    fields_read = {"encoder": ("real",)}
    exchanges = True
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "exponential", "start": 2e-4, "end": 2e-6, "begin": 0.5},
                "beta1": 0.5, "updates": "simultaneous", "batch_size": 128, "latent_dim": 50,
                "latent_law": "uniform",
            },
            source="github:jeffdonahue/bigan, train_mnist.sh and the defaults of train_gan.py",
            differs=(
                "no weight decay (authors: 2.5e-5), which the optimisers do not have",
                "codes are not normalised over the batch (authors: --encode_normalize)",
            ),
        )
    }  # fmt: skip

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of pairs of a sample and a latent."""
        return (self.critic("critic", self.data.real, self.latent),)

    def makers(self, build: Build) -> Networks:
        """Return the generator, and the encoder (sample to latent)."""
        return {**super().makers(build), "encoder": build.encoder(self.data.real, makes=self.latent)}

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (x, E(x))."""
        x = play.batch["real"]
        return {"critic": (x, play.encoder(x))}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (G(z), z)."""
        return {"critic": (self.generated(play), play.noise["latent"])}

    @ability(inputs=("real",), makes="")
    def encode(self, play: Play) -> Tensor:
        """Return latents ``[batch, latent_dim]`` of ``play.batch["real"]``."""
        return self.normalised(play, "encoder")[0].encoder(play.batch["real"])

    @ability(inputs=("real",))
    def reconstruct(self, play: Play) -> Tensor:
        """Return G(E(x)) of ``play.batch["real"]``, in its shape."""
        return self.normalised(play, "generator")[0].generator(self.encode(play))
