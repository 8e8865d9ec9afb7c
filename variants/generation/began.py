"""Boundary Equilibrium GAN (Berthelot et al. 2017)."""

import torch
from torch import Tensor, nn

from variants.base import Build, Loss, Play
from variants.hyperparameters import Hyperparameter
from variants.network import Network
from variants.registry import register
from variants.two_player import TwoPlayer


@register("began", paper="arXiv:1703.10717", year=2017, equation="section 3.4")
class BEGAN(TwoPlayer):
    """BEGAN: an autoencoder critic, kept in balance by k; L(v) = |v - D(v)|.

    The critic minimises L(x) - k L(G(z)), the generator L(G(z)), and
    k <- clip(k + lambda (gamma L(x) - L(G(z))), 0, 1).
    """

    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "gamma": Hyperparameter(0.5, doc="diversity ratio E L(G(z)) / E L(x)", low=0.0, high=1.0),
        "k_lr": Hyperparameter(1e-3, doc="lambda, the learning rate of k", low=0.0),
    }
    profiles = {"paper": {"lr": 1e-4, "beta1": 0.5, "batch_size": 16, "latent_law": "uniform", "gamma": 0.5}}

    def critic_network(self, build: Build) -> nn.Module:
        """Return an autoencoder at most as large as the plain critic."""
        norm, bounds = self.settings.critic_norm, self.data.bounds
        return build("autoencoder", self.data.shape, self.data.shape, critic_norm=norm, bounds=bounds)

    def state(self) -> dict[str, Tensor]:
        """k, zero at the start."""
        return {"k": torch.zeros(())}

    def scores(self, critic: Network, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Return L1 reconstruction errors, mean over a sample's dimensions, ``[batch]`` each."""
        out = torch.cat(super().scores(critic, real, fake))
        return ((torch.cat((real, fake)) - out).abs().flatten(1).mean(1)).split((len(real), len(fake)))

    def critic_loss(self, play: Play) -> Loss:
        """L(x) - k L(G(z)), the step of k, and the convergence measure M (eq. 1 and section 3.4.1)."""
        fake = play.generator(play.noise["latent"])
        real_scores, fake_scores = self.scores(play.critic, play.batch["real"], fake)
        real_error, fake_error = real_scores.mean(), fake_scores.mean()
        k = play.state["k"]
        balance = play.hp.gamma * real_error - fake_error
        return Loss(
            real_error - k * fake_error,
            logs={"k": k, "convergence": real_error + balance.abs()},
            state={"k": (k + play.hp.k_lr * balance).clamp(0.0, 1.0)},
        )

    def generator_loss(self, play: Play) -> Tensor:
        """L(G(z))."""
        fake = play.generator(play.noise["latent"])
        return (fake - play.critic(fake)).abs().mean()
