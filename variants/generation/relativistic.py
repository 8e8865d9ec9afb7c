"""Relativistic GANs (Jolicoeur-Martineau 2018): real against fake, in pairs or on average."""

from types import SimpleNamespace

from torch import Tensor

from variants.losses import fake_loss, real_loss
from variants.registry import register
from variants.two_player import SMOOTHING, TwoPlayer

PAPER = {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "n_critic": 1, "batch_size": 32}
"""The paper's first CIFAR-10 setting (section 5.1)."""


class Relativistic(TwoPlayer):
    """Both players need both scores; the generator's objective is the critic's with the roles exchanged."""

    generator_sees_real = True
    hyperparameters = TwoPlayer.hyperparameters | SMOOTHING
    profiles = {"paper": PAPER}


@register("rsgan", paper="arXiv:1807.00734", year=2018, equation="section 4, algorithm 1", aliases=("rgan",))
class RSGAN(Relativistic):
    """RSGAN: the chance that a real sample scores above a fake one, in pairs."""

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """-E log sigmoid(C(x) - C(G(z)))."""
        return real_loss(real - fake, hp.label_smoothing)

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """-E log sigmoid(C(G(z)) - C(x))."""
        return real_loss(fake - real)


@register(
    "ragan", paper="arXiv:1807.00734", year=2018, equation="section 4, algorithm 2", aliases=("rasgan",)
)
class RaGAN(Relativistic):
    """RaGAN: real against the average fake and fake against the average real."""

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """-E log sigmoid(C(x) - E C(G(z))) - E log(1 - sigmoid(C(G(z)) - E C(x)))."""
        return real_loss(real - fake.mean(), hp.label_smoothing) + fake_loss(fake - real.mean())

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """-E log sigmoid(C(G(z)) - E C(x)) - E log(1 - sigmoid(C(x) - E C(G(z))))."""
        return real_loss(fake - real.mean()) + fake_loss(real - fake.mean())
