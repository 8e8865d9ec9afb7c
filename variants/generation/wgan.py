"""Wasserstein GANs: weight clipping (Arjovsky et al. 2017) and gradient penalty (Gulrajani et al. 2017)."""

from types import SimpleNamespace

from torch import Tensor

from variants.base import Player
from variants.hyperparameters import Hyperparameter
from variants.network import Parameters
from variants.penalties import GradientPenalty
from variants.registry import register
from variants.two_player import TwoPlayer


class Wasserstein(TwoPlayer):
    """Mean scores apart: the Kantorovich-Rubinstein dual, over whatever keeps the critic Lipschitz."""

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """E D(G(z)) - E D(x), minus the dual's estimate of the distance."""
        return fake.mean() - real.mean()

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()


@register("wgan", paper="arXiv:1701.07875", year=2017, equation="algorithm 1")
class WGAN(Wasserstein):
    """WGAN: after every update the critic's weights are clipped to [-c, c]."""

    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "clip": Hyperparameter(0.01, doc="c, the bound of the critic's weights", low=0.0, open_low=True),
    }
    profiles = {"paper": {"optimiser": "rmsprop", "lr": 5e-5, "n_critic": 5, "clip": 0.01, "batch_size": 64}}

    def players(self) -> list[Player]:
        """Critic with clipping, generator."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True, constraint=clip_weights),
            Player("generator", ("generator",), self.generator_loss),
        ]


def clip_weights(parameters: Parameters, hp: SimpleNamespace) -> Parameters:
    """Project every weight to [-c, c]."""
    return {name: p.clamp(-hp.clip, hp.clip) for name, p in parameters.items()}


@register("wgan-gp", paper="arXiv:1704.00028", year=2017, equation="eq. 3, algorithm 1", aliases=("wgangp",))
class WGANGP(Wasserstein):
    """WGAN-GP: a two-sided penalty holds the critic's slope at 1 between real and fake."""

    penalty = GradientPenalty(points="interpolates", target=1.0, default_weight=10.0)
    hyperparameters = TwoPlayer.hyperparameters | penalty.hyperparameters()
    profiles = {
        "paper": {
            "lr": 1e-4,
            "beta1": 0.0,
            "beta2": 0.9,
            "n_critic": 5,
            "penalty_weight": 10.0,
            "batch_size": 64,
        }
    }
