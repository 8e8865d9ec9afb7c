"""Relativistic GANs (Jolicoeur-Martineau 2018): real against fake, in pairs or on average.

The critic minimises E f1(a) + E f2(b) and the generator E f1(b) + E f2(a), where a is real minus fake
scores and b fake minus real ones: in pairs, or each against the mean of the other kind.
"""

from types import SimpleNamespace

from torch import Tensor
from torch.nn.functional import relu

from gan_bench.variants.losses import fake_loss, real_loss, squared_error
from gan_bench.variants.objectives import Objective
from gan_bench.variants.options import SMOOTHING
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile

PAPER = Profile(
    {
        "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "n_critic": 1, "batch_size": 32, "critic_norm": "spectral",
        "latent_dim": 128,
    },
    source="github:AlexiaJM/RelativisticGAN, stable.sh (the DCGAN setup) and GAN_losses_iter.py (z_size)",
)  # fmt: skip
"""The setting that the paper calls stable, on CIFAR-10."""

UNSEEN = Profile(
    PAPER,
    source=PAPER.source,
    differs=("the authors released no run of this loss: the settings are those of the paper's other losses",),
)


class Relativistic(Objective):
    """Both players need both scores; the generator's objective is the critic's with the roles exchanged."""

    compares = True
    hyperparameters = SMOOTHING
    profiles = {"paper": PAPER}


@register("rsgan", paper="arXiv:1807.00734", year=2018, equation="RSGAN", aliases=("rgan",))
class RSGAN(Relativistic):
    """RSGAN: the chance that a real sample scores above a fake one, in pairs."""

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log sigmoid(C(x) - C(G(z)))."""
        return real_loss(real - fake, hp.label_smoothing)

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log sigmoid(C(G(z)) - C(x))."""
        return real_loss(fake - real)


def margins(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Return real scores minus the mean fake score, and fake scores minus the mean real score."""
    return real - fake.mean(), fake - real.mean()


@register("ragan", paper="arXiv:1807.00734", year=2018, equation="RaSGAN", aliases=("rasgan",))
class RaGAN(Relativistic):
    """RaGAN: real against the average fake and fake against the average real."""

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log sigmoid(C(x) - E C(G(z))) - E log(1 - sigmoid(C(G(z)) - E C(x)))."""
        above, below = margins(real, fake)
        return real_loss(above, hp.label_smoothing) + fake_loss(below)

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log sigmoid(C(G(z)) - E C(x)) - E log(1 - sigmoid(C(x) - E C(G(z))))."""
        above, below = margins(real, fake)
        return real_loss(below) + fake_loss(above)


@register("rlsgan", paper="arXiv:1807.00734", year=2018, equation="RGAN, f of LSGAN")
class RLSGAN(Relativistic):
    """RLSGAN: the difference of a pair's scores is regressed to 1."""

    profiles = {"paper": UNSEEN}

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E (C(x) - C(G(z)) - 1)^2."""
        return squared_error(real - fake, 1.0 - hp.label_smoothing)

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E (C(G(z)) - C(x) - 1)^2."""
        return squared_error(fake - real, 1.0)


@register("ralsgan", paper="arXiv:1807.00734", year=2018, equation="RaLSGAN")
class RaLSGAN(Relativistic):
    """RaLSGAN: scores are regressed to 1 above the average fake, or 1 below the average real."""

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E (C(x) - E C(G(z)) - 1)^2 + E (C(G(z)) - E C(x) + 1)^2."""
        above, below = margins(real, fake)
        return squared_error(above, 1.0 - hp.label_smoothing) + squared_error(below, -1.0)

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E (C(G(z)) - E C(x) - 1)^2 + E (C(x) - E C(G(z)) + 1)^2."""
        above, below = margins(real, fake)
        return squared_error(below, 1.0) + squared_error(above, -1.0)


@register("rhinge", paper="arXiv:1807.00734", year=2018, equation="RGAN, f of hinge")
class RHinge(Objective):
    """RHingeGAN: a pair's scores are pushed apart no further than a margin of 1."""

    compares = True
    profiles = {"paper": UNSEEN}

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 - (C(x) - C(G(z))))."""
        return relu(1.0 - (real - fake)).mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 - (C(G(z)) - C(x)))."""
        return relu(1.0 - (fake - real)).mean()


@register("rahinge", paper="arXiv:1807.00734", year=2018, equation="RaHingeGAN")
class RaHinge(Objective):
    """RaHingeGAN: scores are pushed from the other side's average no further than a margin of 1."""

    compares = True
    profiles = {"paper": PAPER}

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 - (C(x) - E C(G(z)))) + E max(0, 1 + (C(G(z)) - E C(x)))."""
        above, below = margins(real, fake)
        return relu(1.0 - above).mean() + relu(1.0 + below).mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, 1 - (C(G(z)) - E C(x))) + E max(0, 1 + (C(x) - E C(G(z))))."""
        above, below = margins(real, fake)
        return relu(1.0 - below).mean() + relu(1.0 + above).mean()
