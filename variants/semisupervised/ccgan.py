"""Context-conditional GANs (Denton, Gross & Fergus 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import Build, DataSpec, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.noise import Noise, hole
from gan_bench.variants.registry import register
from gan_bench.variants.semisupervised.classes import Classifying
from gan_bench.variants.sources import Profile


@register("ccgan", paper="arXiv:1611.06430", year=2016, equation="section 3", aliases=("cc-gan",))
class CCGAN(Classifying):
    """CCGAN: the generator fills a hole from its context; the critic judges the whole image and classifies.

    With m = 0 in the hole and 1 elsewhere, x_G = G(m x) and x_I = (1 - m) x_G + m x: the context is the true
    one. The critic maximises log D(x) + log(1 - D(x_I)) and, on labelled samples, label_weight (the paper's
    lambda_c) times the log-likelihood of the class; the generator maximises log D(x_I).
    """

    objective = NSGAN()
    drawn: ClassVar[tuple[str, ...]] = ("hole",)
    reads: ClassVar[tuple[str, ...]] = ("real",)
    fields_read = {"generator": ("real",)}
    hyperparameters = {
        **Classifying.hyperparameters,
        "hole_place": Hyperparameter(
            "random", "structural", "place of the hole", choices=("random", "centre")
        ),
        "hole_low": Hyperparameter(
            0.35, "structural", "least side of the hole, as a share of the image's", low=0.0, high=1.0,
            open_low=True,
        ),
        "hole_high": Hyperparameter(
            0.5, "structural", "largest side of the hole, as a share of the image's", low=0.0, high=1.0,
            open_low=True,
        ),
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

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse sides of holes that do not ascend."""
        super().check(settings)
        if settings["hole_low"] > settings["hole_high"]:
            raise HyperparameterError(
                f"hole_low = {settings['hole_low']}: at most hole_high = {settings['hole_high']} expected"
            )

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse data that are no images."""
        return super().refuses(data) or ("" if data.real.is_image else "it fills holes of images")

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic: a score, and logits of the N classes."""
        return (self.critic("critic", self.data.real, classes=self.classes),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (image with a hole, and a small copy if asked for, to image)."""
        copy = (self.data.real,) if self.settings.low_resolution else ()
        return {"generator": build.translator(self.data.real, *copy, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the holes, 1 within: 1 - m."""
        s, size = self.settings, self.data.real.shape[1:]
        holes = hole(self.data.grid, size, s.hole_low, s.hole_high, centred=s.hole_place == "centre")
        return {"hole": holes, **super().noise()}

    def filled(self, play: Play) -> Tensor:
        """Return x_I of the batch's samples."""
        x, gap = play.batch["real"], play.noise["hole"]
        context = (1 - gap) * x
        return context + gap * play.generator(context, *self._copy(x))

    def _copy(self, x: Tensor) -> Inputs:
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

    @ability(inputs=("real",), noise=("hole",))
    def inpaint(self, play: Play) -> Tensor:
        """Return ``play.batch["real"]`` with a part filled from its context; the context is as it was."""
        return self.filled(self.normalised(play, "generator")[0])

    @ability(noise=("hole",), makes="")
    def hole(self, play: Play) -> Tensor:
        """Return the holes that `inpaint` fills, ``[batch, 1, h, w]``: 1 within, 0 elsewhere."""
        return play.noise["hole"]
