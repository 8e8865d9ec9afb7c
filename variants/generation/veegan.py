"""VEEGAN (Srivastava et al. 2017)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace

from torch import Tensor

from gan_bench.variants.base import Loss, Play, Player, Round
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import Logistic
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


class VEEGANObjective(Logistic):
    """A logistic critic, and a generator on its scores themselves."""

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E D(G(z), z), without the reconstruction."""
        return -fake.mean()


@register("veegan", paper="arXiv:1705.07761", year=2017, equation="algorithm 1", version=3)
class VEEGAN(TwoPlayer):
    """VEEGAN: a reconstructor maps data back to the latent; the critic tells (x, F(x)) from (G(z), z).

    The reconstructor is a distribution, p(z|x) = N(F(x), I), and real pairs hold samples of it. Its means
    lie on a surface of the data's dimension, so with means no reconstructor could deceive the critic. All
    three players update together, as in the algorithm. The paper's D is high on generated pairs; here it is
    high on real ones.
    """

    objective = VEEGANObjective()
    partners = ("reconstructor",)
    fields_read = {"reconstructor": ("real",)}
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "reconstructor"),
        "updates": replace(TwoPlayer.hyperparameters["updates"], default="simultaneous"),
        "reconstruction": Hyperparameter(1.0, doc="weight of -E log p(z | G(z))", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {"lr": 1e-3, "beta1": 0.5, "batch_size": 500, "latent_dim": 254},
            source="github:akashgit/VEEGAN, VEEGAN_2D_RING.ipynb",
            differs=(
                "the values could not be read again in the notebook: they are kept as they were noted",
                "the authors' generator reads one more column of noise",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of pairs of a sample and a latent."""
        return (self.critic("critic", self.data.real, self.latent),)

    def makers(self, build: Build) -> Networks:
        """Return the generator, and the reconstructor (sample to latent)."""
        return {**super().makers(build), "reconstructor": build.encoder(self.data.real, makes=self.latent)}

    def players(self) -> list[Player]:
        """Return critic, generator and reconstructor."""
        third = Player("reconstructor", ("reconstructor",), self.reconstructor_loss)
        return [*super().players(), third]

    def rounds(self) -> list[Round]:
        """Return rounds that draw noise around reconstructions where there is data."""
        return [replace(r, noise=(*r.noise, "around")) if r.streams else r for r in super().rounds()]

    def noise(self) -> dict[str, Noise]:
        """Return also the noise of the reconstructor's samples."""
        return {**super().noise(), "around": Noise(self.latent.shape)}

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return pairs of x and a draw of p(z|x)."""
        x = play.batch["real"]
        return {"critic": (x, play.reconstructor(x) + play.noise["around"])}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (G(z), z)."""
        return {"critic": (self.generated(play), play.noise["latent"])}

    def reconstructor_loss(self, play: Play) -> Tensor:
        """Return -E log p(z | G(z)), the reconstructor's loss."""
        play, _ = self.normalised(play, "generator", "reconstructor")
        return self.reconstruction(play, *self.fakes(play)["critic"])

    def reconstruction(self, play: Play, fake: Tensor, latent: Tensor) -> Tensor:
        """Return 1/2 E ||z - F(G(z))||^2, which is -E log p(z | G(z)) up to a constant."""
        return 0.5 * (latent - play.reconstructor(fake)).square().sum(1).mean()

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return weight times -E log p(z | G(z))."""
        error = self.reconstruction(play, *fakes["critic"])
        return Loss(play.hp.reconstruction * error, {"reconstruction": error})
