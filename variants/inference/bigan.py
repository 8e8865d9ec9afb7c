"""Bidirectional GAN (Donahue, Krähenbühl & Darrell 2017), the same game as ALI (Dumoulin et al. 2017)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from torch import Tensor

from gan_bench.variants.base import Build, Play, Player, ability
from gan_bench.variants.generation.gan import Logistic
from gan_bench.variants.joining import Pairs
from gan_bench.variants.losses import fake_loss, real_loss
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "bigan", paper="arXiv:1605.09782", year=2016, equation="the value function of pairs",
    aliases=("ali",), version=3,
)  # fmt: skip
class BiGAN(Pairs, Logistic):
    """BiGAN: the critic tells pairs (x, E(x)) from pairs (G(z), z); fooled, E is the inverse of G.

    The critic maximises log D(x, E(x)) + log(1 - D(G(z), z)). Encoder and generator update together and
    exchange the labels of the pairs (the paper's "inverse" objective), which is non-saturating. The encoder
    is a network of the critic's kind, as its task is the same: sample to vector.
    """

    averaged = ("generator", "encoder")
    generator_sees_real = True
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

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator, the critic (pairs to one score) and the encoder (sample to latent)."""
        encoder = build("critic", self.data.shape, (self.settings.latent_dim,))
        return {**super().networks(build), "encoder": encoder}

    def players(self) -> list[Player]:
        """Return the critic, and generator and encoder as one player."""
        critic, _ = super().players()
        return [critic, Player("generator", ("generator", "encoder"), self.generator_loss)]

    def code(self, play: Play, samples: Tensor) -> Tensor:
        """Return E(x)."""
        return play.encoder(samples)

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log(1 - D(x, E(x))) - E log D(G(z), z)."""
        return fake_loss(real) + real_loss(fake)

    @ability(inputs=("real",))
    def encode(self, play: Play) -> Tensor:
        """Return latents ``[batch, latent_dim]`` of ``play.batch["real"]``."""
        return play.encoder(play.batch["real"])

    @ability(inputs=("real",))
    def reconstruct(self, play: Play) -> Tensor:
        """Return G(E(x)) of ``play.batch["real"]``, in its shape."""
        return self.dressed(play, "generator")[0].generator(self.encode(play))
