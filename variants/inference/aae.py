"""Adversarial autoencoders (Makhzani, Shlens, Jaitly, Goodfellow & Frey 2015)."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from torch import Tensor

from gan_bench.variants.base import Play, Player, Round
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from gan_bench.variants.inference.codes import Coded
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("aae", paper="arXiv:1511.05644", year=2015, equation="section 2, the two phases on each mini-batch")
class AAE(Coded):
    """AAE: an autoencoder whose codes a critic compares with draws of the prior; it never sees data.

    Two phases on each batch. Reconstruction: encoder and generator minimise the error of G(E(x)).
    Regularisation: the critic tells draws of the prior (real) from codes E(x) (fake), then the encoder, which
    is the generator of this adversarial game, deceives it. The encoder has an optimiser in each phase.
    """

    objective = NSGAN()
    generators = ("encoder",)
    reads = ("real",)
    hyperparameters = {
        **Coded.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "autoencoder"),
        "latent_dim": replace(Coded.hyperparameters["latent_dim"], default=8),
    }
    profiles = {
        "paper": Profile(
            {"optimiser": "sgd", "latent_dim": 8},
            source="arXiv:1511.05644, the likelihood model of MNIST, as later papers quote it",
            differs=(
                "the rates and the momentum could not be looked up: they are the defaults",
                "no official program; the networks are the suite's, not two layers of 1000 units",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of codes."""
        return (self.critic("critic", self.latent),)

    def players(self) -> list[Player]:
        """Return the autoencoder, the critic, and the encoder as the critic's adversary."""
        return [
            Player("autoencoder", ("encoder", "generator"), self.reconstruction_loss),
            *super().players(),
        ]

    def rounds(self) -> list[Round]:
        """Return the reconstruction phase, and the regularisation phase on the same batch."""
        regularisation = [replace(r, shares=self.streams) for r in super().rounds()]
        return [Round(("autoencoder",), streams=self.streams), *regularisation]

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return draws of the prior."""
        return {"critic": (play.noise["latent"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return codes E(x)."""
        return {"critic": (play.encoder(play.batch["real"]),)}

    def reconstruction_loss(self, play: Play) -> Tensor:
        """Return the mean squared error of G(E(x)), over samples and their dimensions."""
        play, _ = self.normalised(play, "encoder", "generator")
        x = play.batch["real"]
        return (play.generator(play.encoder(x)) - x).square().mean()
