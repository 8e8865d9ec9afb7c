"""Adversarially learned inference (Dumoulin et al. 2017)."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from gan_bench.variants.base import Play
from gan_bench.variants.inference.bigan import BiGAN
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("ali", paper="arXiv:1606.00704", year=2016, equation="section 2.2, eq. 2 to 5")
class ALI(BiGAN):
    """ALI: the game of BiGAN with a stochastic encoder; the critic's pairs hold draws of q(z|x).

    The encoder gives mean m and log s, and z = m + s e with e ~ N(0, I). Critic, encoder and generator update
    together: the critic minimises sp(-D(x, z)) + sp(D(G(z'), z')), the others exchange the labels.
    """

    gaussian = True
    drawn = ("latent", "around")
    hyperparameters = {
        **BiGAN.hyperparameters,
        "updates": replace(BiGAN.hyperparameters["updates"], default="simultaneous"),
    }
    profiles = {
        "paper": Profile(
            {"lr": 1e-4, "beta1": 0.5, "batch_size": 100, "latent_dim": 64},
            source="github:IshmaelBelghazi/ALI, the settings of CIFAR-10",
        )
    }

    def code(self, play: Play) -> Tensor:
        """Return draws of q(z|x) for the real batch."""
        mean, log_width = play.encoder(play.batch["real"])
        return mean + log_width.exp() * play.noise["around"]
