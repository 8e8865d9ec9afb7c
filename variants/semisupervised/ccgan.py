"""Context-conditional GANs (Denton, Gross & Fergus 2016)."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.holes import HOLES, Filling
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.registry import register
from gan_bench.variants.semisupervised.classes import Classifying
from gan_bench.variants.sources import Profile


@register("ccgan", paper="arXiv:1611.06430", year=2016, equation="section 3", aliases=("cc-gan",))
class CCGAN(Filling, Classifying):
    """CCGAN: the generator fills a hole from its context; the critic judges the whole image and classifies.

    With m = 0 in the hole and 1 elsewhere, x_G = G(m x) and x_I = (1 - m) x_G + m x: the context is the true
    one. The critic maximises log D(x) + log(1 - D(x_I)) and, on labelled samples, label_weight (the paper's
    lambda_c) times the log-likelihood of the class; the generator maximises log D(x_I).
    """

    objective = NSGAN()
    hyperparameters = {
        **Classifying.hyperparameters,
        **HOLES,
        "low_resolution": Hyperparameter(
            0, "structural", "factor by which a whole copy that the generator also sees is smaller, 0: none",
            low=0,
        ),
    }  # fmt: skip
    profiles = {
        "paper": Profile(
            {},
            source="arXiv:1611.06430, section 3",
            differs=(
                "the paper's rates, weights and sizes of holes could not be read: they are the defaults",
                "no whole generated image x_G for the critic, which CC-GAN2 adds",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic: a score, and logits of the N classes."""
        return (self.critic("critic", self.data.real, classes=self.classes),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (image with a hole, and a small copy if asked for, to image)."""
        copy = (self.data.real,) if self.settings.low_resolution else ()
        return {"generator": build.translator(self.data.real, *copy, makes=self.data.real)}

    def beside(self, x: Tensor) -> Inputs:
        """Return the small copy of images, in their size."""
        if not (factor := self.settings.low_resolution):
            return ()
        return (interpolate(avg_pool2d(x, factor, ceil_mode=True), x.shape[2:]),)

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return samples without holes."""
        return {"critic": (play.batch["real"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return samples whose holes are filled."""
        return {"critic": (self.filled(play),)}
