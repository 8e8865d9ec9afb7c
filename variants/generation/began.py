"""Boundary Equilibrium GAN (Berthelot et al. 2017)."""

from collections.abc import Mapping
from types import SimpleNamespace

import torch
from torch import Tensor

from gan_bench.variants.base import Loss
from gan_bench.variants.generation.ebgan import AutoencoderCritic
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Network
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("began", paper="arXiv:1703.10717", year=2017, equation="the BEGAN objective", version=2)
class BEGAN(AutoencoderCritic):
    """BEGAN: an autoencoder critic, balanced by k; L(v) = |v - D(v)|.

    The critic minimises L(x) - k L(G(z)), the generator L(G(z)), and
    k <- clip(k + lambda (gamma L(x) - L(G(z))), 0, 1).
    """

    hyperparameters = {
        "gamma": Hyperparameter(0.5, doc="diversity ratio E L(G(z)) / E L(x)", low=0.0, high=1.0),
        "k_lr": Hyperparameter(1e-3, doc="lambda, the learning rate of k", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 1e-4,
                "batch_size": 16,
                "latent_dim": 64,
                "latent_law": "uniform",
                "gamma": 0.5,
                "k_lr": 1e-3,
            },
            source="arXiv:1703.10717, section 4",
            differs=(
                "the learning rate does not halve when the convergence measure stalls: schedules do not "
                "depend on what is measured",
                "beta1 is this project's default of 0.5; the paper's could not be confirmed",
            ),
        )
    }

    def state(self) -> dict[str, Tensor]:
        """Return k, zero at the start."""
        return {"k": torch.zeros(())}

    def score(self, critic: Network, *inputs: Tensor) -> Tensor:
        """Return the L1 reconstruction error, mean over a sample's dimensions, ``[batch]``."""
        (samples,) = inputs
        return (samples - critic(samples)).abs().flatten(1).mean(1)

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return L(x)."""
        return real.mean()

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -L(G(z)), of which the critic's objective has k times as much."""
        return -fake.mean()

    def critic_step(
        self, real: Tensor, fake: Tensor, hp: SimpleNamespace, state: Mapping[str, Tensor]
    ) -> Loss:
        """Return L(x) - k L(G(z)), the step of k, and the convergence measure M."""
        real_error, fake_error = self.real(real, hp), fake.mean()
        k = state["k"]
        balance = hp.gamma * real_error - fake_error
        return Loss(
            real_error - k * fake_error,
            logs={"k": k, "convergence": real_error + balance.abs()},
            state={"k": (k + hp.k_lr * balance).clamp(0.0, 1.0)},
        )

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return L(G(z))."""
        return fake.mean()

    def deceive(self, critic: Network, inputs: tuple[Tensor, ...], hp: SimpleNamespace) -> Tensor:
        """Return L(G(z)), as one mean over samples and dimensions."""
        (fake,) = inputs
        return (fake - critic(fake)).abs().mean()
