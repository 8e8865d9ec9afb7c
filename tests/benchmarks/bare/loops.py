"""Training loops as people write them by hand, one class for each variant."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .data import Batches

SETTINGS = {
    "optimiser": "adam", "lr": 1e-3, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8, "decay": 0.99,
    "momentum": 0.0, "n_critic": 1, "ema": 0.0, "latent_law": "normal",
    "penalty_weight": 10.0, "clip": 0.01, "gamma": 0.5, "k_lr": 1e-3,
}  # fmt: skip
"""Facts that a loop knows, by the harness's names; beside these ``batch_size`` and ``latent_dim``."""


LOOPS: dict[str, type[Bare]] = {}


def by_hand(variant: str) -> Callable[[type[Bare]], type[Bare]]:
    """Register a loop as that of a variant."""

    def add(loop: type[Bare]) -> type[Bare]:
        LOOPS[variant] = loop
        return loop

    return add


def optimiser(module: nn.Module, rule: str, lr: float, of: Mapping[str, Any]) -> torch.optim.Optimizer:
    """PyTorch's own, with its defaults for the rest; `capturable` keeps the count of steps on the device."""
    capturable = next(module.parameters()).is_cuda
    if rule == "adam":
        betas = (of["beta1"], of["beta2"])
        return torch.optim.Adam(module.parameters(), lr, betas, of["epsilon"], capturable=capturable)
    if rule == "rmsprop":
        return torch.optim.RMSprop(
            module.parameters(), lr=lr, alpha=of["decay"], eps=of["epsilon"], capturable=capturable
        )
    return torch.optim.SGD(module.parameters(), lr=lr, momentum=of["momentum"])


class Bare:
    """A training loop of one model; subclasses state ``critic_loss`` and ``generator_loss``.

    Args:
        generator, critic: modules.
        real: draws a real batch.
        batch, latent: sizes.
        settings: of :data:`SETTINGS`, what is not the default; ``critic_lr`` and the like for one player.
        device: of modules and batches.

    Attributes:
        read: read every loss at every step, as scripts that print them do.
    """

    def __init__(
        self, generator: nn.Module, critic: nn.Module, real: Batches, batch: int, latent: int,
        settings: Mapping[str, Any] | None = None, device: str = "cpu",
    ) -> None:  # fmt: skip
        of = {**SETTINGS, **(settings or {})}
        self.generator, self.critic, self.real = generator, critic, real
        self.batch, self.latent, self.device = batch, latent, device
        self.n_critic, self.clip, self.penalty_weight = of["n_critic"], of["clip"], of["penalty_weight"]
        self.gamma, self.k_lr, self.k = of["gamma"], of["k_lr"], torch.zeros((), device=device)
        self.uniform = of["latent_law"] == "uniform"
        self.critic_optimiser, self.generator_optimiser = (
            optimiser(
                module, of.get(f"{name}_optimiser", of["optimiser"]), of.get(f"{name}_lr", of["lr"]), of
            )
            for name, module in (("critic", critic), ("generator", generator))
        )
        self.decay = of["ema"]
        self.average = copy.deepcopy(generator).requires_grad_(False) if self.decay else None
        self.bce = nn.BCEWithLogitsLoss()
        self.read = False
        self.ones, self.zeros = torch.ones(batch, 1, device=device), torch.zeros(batch, 1, device=device)

    def fake(self) -> Tensor:
        """One generated batch."""
        draw = torch.rand if self.uniform else torch.randn
        latent = draw(self.batch, self.latent, device=self.device)
        return self.generator(latent * 2 - 1 if self.uniform else latent)

    def step(self) -> None:
        """One iteration: ``n_critic`` critic updates and one generator update."""
        for _ in range(self.n_critic):
            real = self.real()
            loss = self.critic_loss(real, self.fake().detach())
            self.critic_optimiser.zero_grad()
            loss.backward()
            self.critic_optimiser.step()
            self.after_critic()
            if self.read:
                loss.item()
        loss = self.generator_loss(real, self.fake())
        self.generator_optimiser.zero_grad()
        loss.backward()
        self.generator_optimiser.step()
        if self.read:
            loss.item()
        if self.average is not None:
            with torch.no_grad():
                for kept, fresh in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                    kept.lerp_(fresh, 1 - self.decay)

    def after_critic(self) -> None:
        """Do the work after a critic update."""


@by_hand("nsgan")
class NSGAN(Bare):
    def critic_loss(self, real, fake):
        return self.bce(self.critic(real), self.ones) + self.bce(self.critic(fake), self.zeros)

    def generator_loss(self, real, fake):
        return self.bce(self.critic(fake), self.ones)


@by_hand("gan")
class GAN(NSGAN):
    def generator_loss(self, real, fake):
        return -self.bce(self.critic(fake), self.zeros)


@by_hand("lsgan")
class LSGAN(Bare):
    mse: ClassVar[nn.Module] = nn.MSELoss()

    def critic_loss(self, real, fake):
        return 0.5 * (self.mse(self.critic(real), self.ones) + self.mse(self.critic(fake), self.zeros))

    def generator_loss(self, real, fake):
        return 0.5 * self.mse(self.critic(fake), self.ones)


@by_hand("wgan")
class WGAN(Bare):
    def critic_loss(self, real, fake):
        return self.critic(fake).mean() - self.critic(real).mean()

    def generator_loss(self, real, fake):
        return -self.critic(fake).mean()

    @torch.no_grad()
    def after_critic(self):
        for p in self.critic.parameters():
            p.clamp_(-self.clip, self.clip)


@by_hand("wgan-gp")
class WGANGP(Bare):
    def critic_loss(self, real, fake):
        weight = torch.rand(len(real), *[1] * (real.ndim - 1), device=self.device)
        between = (weight * real + (1 - weight) * fake).requires_grad_()
        slope = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)[0]
        penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        return self.critic(fake).mean() - self.critic(real).mean() + self.penalty_weight * penalty

    def generator_loss(self, real, fake):
        return -self.critic(fake).mean()


@by_hand("began")
class BEGAN(Bare):
    def error(self, x):
        return (self.critic(x) - x).abs().mean()

    def critic_loss(self, real, fake):
        real_error, fake_error = self.error(real), self.error(fake)
        loss = real_error - self.k * fake_error  # with the k of before
        balance = (self.gamma * real_error - fake_error).detach()
        self.k = (self.k + self.k_lr * balance).clamp(0, 1)
        return loss

    def generator_loss(self, real, fake):
        return self.error(fake)


@by_hand("rsgan")
class RSGAN(Bare):
    def critic_loss(self, real, fake):
        return self.bce(self.critic(real) - self.critic(fake), self.ones)

    def generator_loss(self, real, fake):
        with torch.no_grad():
            scores = self.critic(real)
        return self.bce(self.critic(fake) - scores, self.ones)


@by_hand("ragan")
class RaGAN(Bare):
    def critic_loss(self, real, fake):
        real, fake = self.critic(real), self.critic(fake)
        return self.bce(real - fake.mean(), self.ones) + self.bce(fake - real.mean(), self.zeros)

    def generator_loss(self, real, fake):
        with torch.no_grad():
            real = self.critic(real)
        fake = self.critic(fake)
        return self.bce(fake - real.mean(), self.ones) + self.bce(real - fake.mean(), self.zeros)
