"""ESRGAN (Wang et al. 2018): relativistic SRGAN on features before their activation."""

from __future__ import annotations

from torch import Tensor

from gan_bench.variants.generation.relativistic import RaGAN
from gan_bench.variants.network import Network
from gan_bench.variants.perceptual import absolute
from gan_bench.variants.registry import register
from gan_bench.variants.restoration.srgan import SRGAN
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import distance


@register("esrgan", paper="arXiv:1809.00219", year=2018, equation="eq. 1 to 3")
class ESRGAN(SRGAN):
    """ESRGAN: L1 of features before their ReLU + lambda times RaGAN's two halves + eta times L1 of pixels.

    L_G = L_percep + lambda L_Ra + eta L_1 (eq. 3): feature_weight, adversarial_weight and pixel_weight. The
    critic tells how much more real a sample is than the average of the other kind, and so both real and
    generated samples have gradients in the generator's loss (eq. 2).
    """

    objective = RaGAN()
    activated = False
    profiles = {
        "paper": Profile(
            {
                "lr": 1e-4, "warmup_lr": 2e-4, "beta1": 0.9, "beta2": 0.99, "batch_size": 16, "ema": 0.999,
                "features": "vgg19", "feature_layer": "5,4", "feature_weight": 1.0, "pixel_weight": 1e-2,
                "adversarial_weight": 5e-3, "critic_norm": "batch", "warmup": 0.71,
            },
            source="arXiv:1809.00219, section 4.1; github:XPixelGroup/BasicSR, options/train/ESRGAN",
            differs=(
                "crops of 64 pixels, not 128",
                "rates are not halved (after 50, 100, 200 and 300 of 400 thousand updates; in the warm-up "
                "after every 200,000)",
                "the adversarial objective is the sum of its halves, as in the paper (program: their mean)",
                "the critic's loss is differentiated through the mean scores as well (program: constants)",
                OWN_BATCHES,
            ),
        )
    }  # fmt: skip

    def feature_distance(self, network: Network, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the L1 distance of features."""
        return absolute(network, made, wanted)

    def pixel_distance(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Return the L1 distance of pixels."""
        return distance(made, wanted)
