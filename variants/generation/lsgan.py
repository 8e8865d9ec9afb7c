"""Least Squares GAN (Mao et al. 2017)."""

from types import SimpleNamespace

from torch import Tensor

from gan_bench.variants.losses import squared_error
from gan_bench.variants.objectives import Objective
from gan_bench.variants.options import SMOOTHING
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("lsgan", paper="arXiv:1611.04076", year=2016, equation="the 0-1 coding of the labels")
class LSGAN(Objective):
    """Least Squares GAN: regress real scores to b = 1 and fake to a = 0; the generator's target is c = 1."""

    hyperparameters = SMOOTHING
    profiles = {
        "paper": Profile(
            {"lr": 1e-3, "beta1": 0.5, "batch_size": 64, "latent_dim": 1024, "latent_law": "uniform"},
            source="github:xudonmao/LSGAN, train_lsun.py",
            differs=("the authors' generator learns on the latents that the critic has just seen",),
        )
    }

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return 1/2 E (D(x) - b)^2."""
        return 0.5 * squared_error(real, 1.0 - hp.label_smoothing)

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return 1/2 E (D(G(z)) - a)^2."""
        return 0.5 * squared_error(fake, 0.0)

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return 1/2 E (D(G(z)) - c)^2."""
        return 0.5 * squared_error(fake, 1.0)
