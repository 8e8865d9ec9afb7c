"""Hinge GAN (Lim & Ye 2017; Tran et al. 2017)."""

from types import SimpleNamespace

from torch import Tensor
from torch.nn.functional import relu

from gan_bench.variants.objectives import Objective
from gan_bench.variants.registry import register
from gan_bench.variants.sources import NO_BATCHNORM, Profile


@register(
    "hinge", paper="arXiv:1705.02894", year=2017, equation="the hinge losses", aliases=("geometric-gan",)
)
class Hinge(Objective):
    """Hinge GAN: scores are pushed apart no further than a margin of 1."""

    profiles = {
        "paper": Profile(
            {"optimiser": "rmsprop", "lr": 2e-4, "n_generator": 10, "batch_size": 64, "latent_dim": 100},
            source="github:lim0606/pytorch-geometric-gan, scripts/exp2.mnist.sh (also of exp3 and exp4)",
            differs=(
                NO_BATCHNORM,
                "no weight decay of the critic's last layer (authors: 1/64): here all weights decay or none",
            ),
        )
    }

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 - D(x))."""
        return relu(1.0 - real).mean()

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 + D(G(z)))."""
        return relu(1.0 + fake).mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E D(G(z))."""
        return -fake.mean()

    def exchanged(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E D(x) - E D(G(z)): like the generator's, without a margin."""
        return real.mean() - fake.mean()
