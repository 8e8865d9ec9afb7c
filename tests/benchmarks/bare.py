"""The loops that people write by hand: the same networks, plain PyTorch, nothing else.

They are the yardstick of the engine's overhead, so they are written as one would write them well: no
DataLoader, no logging, ``detach`` where it belongs, the fake batch drawn once per update.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def perceptron(inputs: int, outputs: int, hidden: list[int], slope: float, *, last: nn.Module | None = None):
    """The same layers as family ``mlp``; slope 0 is ReLU."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(slope) if slope else nn.ReLU()]
        inputs = width
    layers.append(nn.Linear(inputs, outputs))
    return nn.Sequential(*layers, *([last] if last else []))


def ring_batch(batch: int) -> Callable[[], Tensor]:
    """Batches of the ring of eight Gaussians."""
    angles = torch.arange(8) * (2 * torch.pi / 8)
    centres = torch.stack((angles.cos(), angles.sin()), 1)
    return lambda: centres[torch.randint(8, (batch,))] + 0.01 * torch.randn(batch, 2)


def image_batch(images: Tensor, batch: int) -> Callable[[], Tensor]:
    """Batches of uint8 images ``[n, 1, 28, 28]`` held in memory, flattened to [-1, 1]."""
    return lambda: images[torch.randint(len(images), (batch,))].flatten(1).float().div_(127.5).sub_(1.0)


class Bare:
    """A hand-written training loop of one model.

    Args:
        variant: ``nsgan`` or ``wgan-gp``.
        generator, critic: modules.
        real: draws a real batch.
        batch, latent: sizes.
    """

    def __init__(
        self,
        variant: str,
        generator: nn.Module,
        critic: nn.Module,
        real: Callable[[], Tensor],
        batch: int,
        latent: int,
    ) -> None:
        self.generator, self.critic, self.real = generator, critic, real
        self.batch, self.latent = batch, latent
        self.step = {"nsgan": self.nsgan, "wgan-gp": self.wgan_gp}[variant]
        self.critic_optimiser = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.9))
        self.generator_optimiser = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.9))
        self.bce = nn.BCEWithLogitsLoss()
        self.ones, self.zeros = torch.ones(batch, 1), torch.zeros(batch, 1)

    def fake(self) -> Tensor:
        """One generated batch."""
        return self.generator(torch.randn(self.batch, self.latent))

    def nsgan(self) -> None:
        """One critic and one generator update."""
        loss = self.bce(self.critic(self.real()), self.ones)
        loss = loss + self.bce(self.critic(self.fake().detach()), self.zeros)
        self.critic_optimiser.zero_grad()
        loss.backward()
        self.critic_optimiser.step()
        loss = self.bce(self.critic(self.fake()), self.ones)
        self.generator_optimiser.zero_grad()
        loss.backward()
        self.generator_optimiser.step()

    def wgan_gp(self) -> None:
        """One critic update with its penalty and one generator update."""
        real, fake = self.real(), self.fake().detach()
        weight = torch.rand(self.batch, 1)
        between = (weight * real + (1 - weight) * fake).requires_grad_()
        slope = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)[0]
        penalty = (slope.norm(dim=1) - 1).square().mean()
        loss = self.critic(fake).mean() - self.critic(real).mean() + 10 * penalty
        self.critic_optimiser.zero_grad()
        loss.backward()
        self.critic_optimiser.step()
        loss = -self.critic(self.fake()).mean()
        self.generator_optimiser.zero_grad()
        loss.backward()
        self.generator_optimiser.step()
