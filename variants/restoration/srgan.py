"""SRGAN (Ledig et al. 2017), and its generator with the perceptual loss alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.losses import squared_error
from gan_bench.variants.network import Network
from gan_bench.variants.objectives import Objective
from gan_bench.variants.perceptual import squared
from gan_bench.variants.registry import register
from gan_bench.variants.restoration.content import Content
from gan_bench.variants.restoration.pixels import BATCHNORM, Pixels
from gan_bench.variants.sources import Profile

PAPER = {
    "lr": {"schedule": "step", "start": 1e-4, "end": 1e-5, "until": 0.92},  # 10^6, 10^5 and 10^5 updates
    "beta1": 0.9, "batch_size": 16, "features": "vgg19", "feature_weight": 0.006, "pixel_weight": 0.0,
    "warmup": 0.83,
}  # fmt: skip


class SquaredContent(Content):
    """Squared distances of pixels (eq. 4) and of features after their ReLU (eq. 5)."""

    activated = True

    def feature_distance(self, network: Network, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean squared error of features."""
        return squared(network, made, wanted)

    def pixel_distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean squared error of pixels."""
        return squared_error(made, wanted)


@register("srresnet-features", paper="arXiv:1609.04802", year=2016, equation="eq. 5, SRResNet-VGG22")
class FeaturesAlone(SquaredContent, Pixels):
    """SRResNet-VGG: SRGAN's content loss without its adversary, after a warm-up on pixels."""

    hyperparameters = {**Pixels.hyperparameters, **Content.hyperparameters}
    profiles = {
        "paper": Profile(
            {**PAPER, "feature_layer": "2,2"},
            source="arXiv:1609.04802, section 3.2; features of the layer VGG 2,2",
            differs=(
                "crops of 64 pixels, not 96",
                "no total variation of weight 2e-8",
                BATCHNORM,
            ),
        )
    }

    def generator_loss(self, play: Play) -> Loss:
        """Return the content loss."""
        return self.content(play, play.generator(play.field("low")))


@register("srgan", paper="arXiv:1609.04802", year=2016, equation="eq. 2, 3, 5 and 6")
class SRGAN(SquaredContent, Adversarial):
    """SRGAN: content loss + adversarial_weight E -log D(G(low)), D of high resolution alone (eq. 3).

    After a warm-up on pixels; with ``feature_weight = 0`` and ``pixel_weight = 1`` it is SRGAN-MSE.
    """

    objective: ClassVar[Objective] = NSGAN()
    reads = Content.streams
    fields_read = {"generator": ("low",)}
    hyperparameters = {
        **Adversarial.hyperparameters,
        **Content.hyperparameters,
        "adversarial_weight": Hyperparameter(1e-2, doc="weight of the adversarial objective", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {**PAPER, "feature_layer": "5,4", "adversarial_weight": 1e-3, "critic_norm": "batch"},
            source="arXiv:1609.04802, sections 2.2 and 3.2, SRGAN-VGG54; weight of features 1 / 12.75^2",
            differs=("crops of 64 pixels, not 96", BATCHNORM),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of images at high resolution."""
        return (self.critic("critic", self.data.spaces["high"]),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (low to high)."""
        return {"generator": build.translator(self.data.spaces["low"], makes=self.data.spaces["high"])}

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return images at high resolution."""
        return {"critic": (play.field("high"),)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return what the generator makes of low resolution."""
        return {"critic": (play.generator(play.field("low")),)}

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the content loss."""
        (made,) = fakes["critic"]
        return self.content(play, made)
