"""The original game, in its minimax and its non-saturating form (Goodfellow et al. 2014)."""

from types import SimpleNamespace

from torch import Tensor

from variants.losses import fake_loss, real_loss
from variants.options import SMOOTHING
from variants.registry import register
from variants.two_player import TwoPlayer


class Logistic(TwoPlayer):
    """Critic of both forms: maximise log D(x) + log(1 - D(G(z))), D the sigmoid of the score (eq. 1)."""

    hyperparameters = TwoPlayer.hyperparameters | SMOOTHING

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Cross-entropy of real towards 1 and of fake towards 0."""
        return real_loss(real, hp.label_smoothing) + fake_loss(fake)


PAPER = {
    "optimiser": "sgd",
    "lr": 0.1,
    "momentum": 0.5,
    "latent_dim": 100,
    "latent_law": "uniform",
    "batch_size": 100,
}
"""The authors' released MNIST settings: SGD from 0.1 with momentum from 0.5, k = 1 critic step."""


@register(
    "gan", paper="arXiv:1406.2661", year=2014, equation="eq. 1, algorithm 1", aliases=("mmgan", "minimax")
)
class GAN(Logistic):
    """GAN, minimax: the generator minimises log(1 - D(G(z)))."""

    profiles = {"paper": PAPER}

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Mean of log(1 - D(G(z))), the negative of the critic's term."""
        return -fake_loss(fake)


@register("nsgan", paper="arXiv:1406.2661", year=2014, equation="section 3", aliases=("ns-gan",))
class NSGAN(Logistic):
    """GAN, non-saturating: the generator maximises log D(G(z))."""

    profiles = {"paper": PAPER}

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Mean of -log D(G(z))."""
        return real_loss(fake)
