"""Super-resolution without an adversary: a network that minimises the distance of pixels."""

from __future__ import annotations

from torch import Tensor

from gan_bench.variants.base import Play
from gan_bench.variants.declarations import ability
from gan_bench.variants.losses import squared_error
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.translation.domains import distance
from gan_bench.variants.translation.regression import Regression

BATCHNORM = "BatchNorm at test has statistics of 1,024 inputs, the paper's averages of training"
"""A difference that the profiles of SRResNet share."""


class Pixels(Regression):
    """Regression from low to high resolution."""

    streams = ("low_high",)
    given, wanted = "low", "high"

    @ability(inputs=("low",), makes="high")
    def translate(self, play: Play) -> Tensor:
        """Return ``low`` at high resolution."""
        return play.generator(play.batch["low"])


@register("srresnet", paper="arXiv:1609.04802", year=2016, equation="eq. 4, SRResNet-MSE")
class SRResNet(Pixels):
    """SRResNet: E |x - G(low)|^2, the mean over pixels and channels."""

    profiles = {
        "paper": Profile(
            {"lr": 1e-4, "beta1": 0.9, "batch_size": 16},
            source="arXiv:1609.04802, section 3.2 (10^6 updates on crops of 96 pixels)",
            differs=(
                "crops of 64 pixels, not 96",
                BATCHNORM,
            ),
        )
    }

    def distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean squared error."""
        return squared_error(made, wanted)


@register("rrdb", paper="arXiv:1809.00219", year=2018, equation="section 3.3, the PSNR-oriented model")
class RRDB(Pixels):
    """ESRGAN's generator without an adversary: E |x - G(low)|, the mean over pixels and channels."""

    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "step", "start": 2e-4, "end": 1e-4, "until": 0.2},
                "beta1": 0.9, "beta2": 0.99, "batch_size": 16, "ema": 0.999,
            },
            source="github:XPixelGroup/BasicSR, options/train/ESRGAN; arXiv:1809.00219, section 4.1",
            differs=("crops of 64 pixels, not 128", "the rate is halved once, not every 200,000 updates"),
        )
    }  # fmt: skip

    def distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the L1 distance."""
        return distance(made, wanted)
