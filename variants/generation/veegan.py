"""VEEGAN (Srivastava et al. 2017)."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from torch import Tensor

from gan_bench.variants.base import Build, Loss, Play, Player, Round, as_loss
from gan_bench.variants.generation.gan import Logistic
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.joining import Pairs
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("veegan", paper="arXiv:1705.07761", year=2017, equation="algorithm 1", version=2)
class VEEGAN(Pairs, Logistic):
    """VEEGAN: a reconstructor maps data back to the latent; the critic tells (x, F(x)) from (G(z), z).

    The reconstructor is a distribution, p(z|x) = N(F(x), I), and real pairs hold samples of it. Its means
    lie on a surface of the data's dimension, so with means no reconstructor could deceive the critic. All
    three players update together, as in the algorithm. The paper's D is high on generated pairs; here it is
    high on real ones.
    """

    hyperparameters = {
        **Logistic.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "reconstructor"),
        "updates": replace(Logistic.hyperparameters["updates"], default="simultaneous"),
        "reconstruction": Hyperparameter(1.0, doc="weight of -E log p(z | G(z))", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {"lr": 1e-3, "beta1": 0.5, "batch_size": 500, "latent_dim": 254},
            source="github:akashgit/VEEGAN, VEEGAN_2D_RING.ipynb",
            differs=("the authors' generator reads one more column of noise",),
        )
    }

    def networks(self, build: Build) -> dict[str, Any]:
        """Return generator, critic of pairs, and reconstructor (sample to latent)."""
        reconstructor = build("critic", self.data.shape, (self.settings.latent_dim,))
        return {**super().networks(build), "reconstructor": reconstructor}

    def players(self) -> list[Player]:
        """Return critic, generator and reconstructor."""
        third = Player("reconstructor", ("reconstructor",), self.reconstructor_loss)
        return [*super().players(), third]

    def rounds(self) -> list[Round]:
        """Return rounds in which the reconstructor updates with the generator, and draws if there is data."""
        return [
            replace(
                r,
                players=(*r.players, "reconstructor") if "generator" in r.players else r.players,
                noise=(*r.noise, "around") if r.streams else r.noise,
            )
            for r in super().rounds()
        ]

    def noise(self) -> dict[str, Noise]:
        """Return also the noise of the reconstructor's samples."""
        return {**super().noise(), "around": Noise((self.settings.latent_dim,))}

    def code(self, play: Play, samples: Tensor) -> Tensor:
        """Return draws of p(z|x)."""
        return play.reconstructor(samples) + play.noise["around"]

    def reconstructor_loss(self, play: Play) -> Tensor:
        """Return -E log p(z | G(z)) = 1/2 E ||z - F(G(z))||^2 up to a constant, the reconstructor's loss."""
        play, _ = self.dressed(play, "generator")
        latent = play.noise["latent"]
        return 0.5 * (latent - play.reconstructor(play.generator(latent))).square().sum(1).mean()

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E D(G(z), z), without the reconstruction."""
        return -fake.mean()

    def generator_loss(self, play: Play) -> Loss:
        """Return -E D(G(z), z) - E log p(z | G(z))."""
        play = play.replace(generator=play.generator.knowing(play.noise["latent"]))  # both terms see it
        adversarial = as_loss(super().generator_loss(play))
        error = self.reconstructor_loss(play)
        return Loss(adversarial.value + play.hp.reconstruction * error, {"reconstruction": error})
