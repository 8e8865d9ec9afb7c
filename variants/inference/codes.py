"""Games with codes: a generator, which papers also call the decoder, and an encoder of data."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.base import Play
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.noise import Noise
from gan_bench.variants.two_player import TwoPlayer


class Coded(TwoPlayer):
    """Base of games that learn codes of data, which are compared with draws of the prior.

    Class attributes:
        gaussian: whether the encoder is a distribution: it returns a mean and a logarithm of its width, and
            ``around`` is the noise of its draws. Abilities use the mean.
        opened: roles of networks whose hidden activations are read.
    """

    averaged: ClassVar[tuple[str, ...]] = ("generator", "encoder")
    fields_read = {"encoder": ("real",)}
    gaussian: ClassVar[bool] = False
    opened: ClassVar[tuple[str, ...]] = ("encoder",)

    def makers(self, build: Build) -> Networks:
        """Return the generator, and the encoder (sample to code).

        Codes lie within the cube of a uniform prior, as in BiGAN's program (dist.py, logits_to_recon).
        """
        scale = self.settings.latent_scale
        bounds = (-scale, scale) if self.settings.latent_law == "uniform" else None
        code = Space(self.latent.shape, bounds)
        encoder = build.encoder(self.data.real, makes=code, gaussian=self.gaussian)
        return {**super().makers(build), "encoder": encoder}

    def networks(self, build: Build) -> Networks:
        """Return all networks.

        Raises:
            Misfit: if a network does not give the hidden activations that are read.
        """
        networks = super().networks(build)
        for role in self.opened:
            network = networks[role]
            if isinstance(network, nn.Module) and not callable(getattr(network, "hidden", None)):
                raise Misfit(f"the {role} has no method hidden, and the game reads its hidden activations")
        return networks

    def noise(self) -> dict[str, Noise]:
        """Return also the noise of the encoder's draws, if it is a distribution."""
        around = {"around": Noise(self.latent.shape)} if self.gaussian else {}
        return {**super().noise(), **around}

    @ability(inputs=("real",), makes="")
    def encode(self, play: Play) -> Tensor:
        """Return codes ``[batch, latent_dim]`` of ``play.batch["real"]``."""
        made = self.normalised(play, "encoder")[0].encoder(play.batch["real"])
        return made[0] if self.gaussian else made

    @ability(inputs=("real",), makes="")
    def features(self, play: Play) -> Tensor:
        """Return the activations ``[batch, ...]`` that the encoder's last layer reads."""
        return self.normalised(play, "encoder")[0].encoder.calling("hidden")(play.batch["real"])

    @ability(inputs=("real",))
    def reconstruct(self, play: Play) -> Tensor:
        """Return G(E(x)) of ``play.batch["real"]``, in its shape."""
        return self.normalised(play, "generator")[0].generator(self.encode(play))

    @ability(noise=("latent",), makes="")
    def prior(self, play: Play) -> Tensor:
        """Return draws of the prior ``[batch, latent_dim]``, with which codes are compared."""
        return play.noise["latent"]
