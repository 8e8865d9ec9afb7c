"""Bidirectional GAN (Donahue, Krähenbühl & Darrell 2017), the same game as ALI (Dumoulin et al. 2017)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from variants.base import Build, Game, Play, Player, Round, ability
from variants.hyperparameters import optimiser_hyperparameters
from variants.joining import join, joined_shape
from variants.losses import fake_loss, real_loss
from variants.noise import Noise, latent
from variants.options import PRIOR, SHARED
from variants.registry import register


@register(
    "bigan", paper="arXiv:1605.09782", year=2016, equation="the value function of pairs",
    aliases=("ali",), version=2,
)  # fmt: skip
class BiGAN(Game):
    """BiGAN: the critic tells pairs (x, E(x)) from pairs (G(z), z); fooled, E is the inverse of G.

    The encoder is a network of the critic's kind, as its task is the same: sample to vector. Encoder and
    generator update together and exchange the labels of the pairs (the paper's "inverse"
    objective), which is non-saturating.
    """

    averaged = ("generator", "encoder")
    hyperparameters = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **SHARED,
        **PRIOR,
    }
    profiles = {
        "paper": {"lr": 2e-4, "beta1": 0.5, "latent_dim": 50, "latent_law": "uniform", "batch_size": 128}
    }
    """Permutation-invariant MNIST: Adam, 2e-4, z from U(-1, 1)^50."""

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator, the encoder (sample to latent) and the critic (both to one score)."""
        shape, size, norm = self.data.shape, self.settings.latent_dim, self.settings.critic_norm
        return {
            "generator": build("generator", (size,), shape, bounds=self.data.bounds),
            "encoder": build("critic", shape, (size,)),
            "critic": build("critic", joined_shape(shape, size), critic_norm=norm),
        }

    def players(self) -> list[Player]:
        """Return the critic, and generator and encoder as one player."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True),
            Player("generator", ("generator", "encoder"), self.generator_loss),
        ]

    def rounds(self) -> list[Round]:
        """``n_critic`` critic updates, then ``n_generator`` of generator and encoder, each on new draws."""
        draws: dict[str, Any] = {"streams": ("real",), "noise": ("latent",), "calls": {"critic": 2}}
        return [
            Round(("critic",), self.settings.n_critic, **draws),
            Round(("generator",), self.settings.n_generator, **draws),
        ]

    def noise(self) -> dict[str, Noise]:
        """Return the latent."""
        return {"latent": latent(self.settings.latent_dim, self.settings.latent_law)}

    def scores(self, play: Play) -> tuple[Tensor, Tensor]:
        """Scores ``[batch]`` of the pairs with real samples and of those with real latents."""
        real, code = play.batch["real"], play.noise["latent"]
        encoded = play.critic(join(real, play.encoder(real)))
        return encoded, play.critic(join(play.generator(code), code))

    def critic_loss(self, play: Play) -> Tensor:
        """-E log D(x, E(x)) - E log(1 - D(G(z), z))."""
        encoded, generated = self.scores(play)
        return real_loss(encoded) + fake_loss(generated)

    def generator_loss(self, play: Play) -> Tensor:
        """-E log(1 - D(x, E(x))) - E log D(G(z), z)."""
        encoded, generated = self.scores(play)
        return fake_loss(encoded) + real_loss(generated)

    @ability(noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]``."""
        return play.generator(play.noise["latent"])

    @ability(inputs=("real",))
    def encode(self, play: Play) -> Tensor:
        """Latents ``[batch, latent_dim]`` of ``play.batch["real"]``."""
        return play.encoder(play.batch["real"])

    @ability(inputs=("real",))
    def reconstruct(self, play: Play) -> Tensor:
        """G(E(x)) of ``play.batch["real"]``, in its shape."""
        return play.generator(play.encoder(play.batch["real"]))
