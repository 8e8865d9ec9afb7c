"""The loops that people write by hand: the same networks, plain PyTorch, nothing else.

They are the yardstick of the engine's speed, so they are written as one would write them well: no
DataLoader, no logging, ``detach`` where it belongs, the fake batch drawn once per update. A loop registers
itself under the name of its variant; ``python -m bench speed --against bare`` finds it by that.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils import data
from torchvision import transforms

Batches = Callable[[], Tensor]
ITEMS = 50_000
"""Samples that are drawn of infinite data for a DataLoader, about as many as MNIST has."""
SETTINGS = {
    "optimiser": "adam", "lr": 1e-3, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8, "decay": 0.99,
    "momentum": 0.0, "n_critic": 1, "ema": 0.0, "latent_law": "normal",
    "penalty_weight": 10.0, "clip": 0.01, "gamma": 0.5, "k_lr": 1e-3,
}  # fmt: skip
"""Facts that a loop knows, by the harness's names; beside these ``batch_size`` and ``latent_dim``."""


class Unknown(ValueError):
    """A setting or layer that no hand-written loop has."""


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


def perceptron(inputs: int, outputs: int, hidden: list[int], slope: float) -> nn.Sequential:
    """The same layers as family ``mlp``; slope 0 is ReLU."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(slope) if slope else nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def ring_batch(batch: int, device: str = "cpu") -> Batches:
    """Batches of the ring of eight Gaussians."""
    angles = torch.arange(8, device=device) * (2 * torch.pi / 8)
    centres = torch.stack((angles.cos(), angles.sin()), 1)
    return lambda: (
        centres[torch.randint(8, (batch,), device=device)] + 0.01 * torch.randn(batch, 2, device=device)
    )


def image_batch(images: Tensor, batch: int) -> Batches:
    """Batches of uint8 images ``[n, *shape]`` held in memory, as floats in [-1, 1]."""
    return lambda: (
        images[torch.randint(len(images), (batch,), device=images.device)].float().div_(127.5).sub_(1.0)
    )


def plain(network: nn.Module) -> nn.Sequential:
    """A network of the harness rebuilt of torch's own layers, with torch's own initial weights.

    Raises:
        Unknown: for layers of its own that the harness has no twin of in torch.
    """
    from gan_bench.variants.networks.layers import Bounded, View
    from gan_bench.variants.networks.norms import BatchNorm

    layers: list[nn.Module] = []
    for layer in network.children():
        if isinstance(layer, View):
            if len(layer.shape) > 1:
                layers.append(nn.Unflatten(1, layer.shape))
            elif not (layers and isinstance(layers[-1], nn.Linear)):
                layers.append(nn.Flatten())
        elif isinstance(layer, BatchNorm):
            kind = nn.BatchNorm1d if isinstance(layers[-1], nn.Linear) else nn.BatchNorm2d
            layers.append(kind(len(layer.weight), layer.eps))
        elif isinstance(layer, Bounded):
            if (layer.centre, layer.radius) != (0.0, 1.0):
                raise Unknown(f"no hand-written layer for the range {layer.centre} ± {layer.radius}")
            layers.append(nn.Tanh())
        elif type(layer).__module__.startswith("torch.nn."):
            layers.append(copy.deepcopy(layer).to_empty(device="cpu"))
            getattr(layers[-1], "reset_parameters", bool)()
        else:
            raise Unknown(f"no hand-written twin of layer {type(layer).__name__}")
    return nn.Sequential(*layers)


def batches(dataset: Any, batch: int, device: str) -> Batches:
    """Real batches as a person would hold them: images in memory, the ring by hand."""
    if dataset.name == "ring":
        return ring_batch(batch, device)
    source = dataset.stream("real")
    if dataset.kind == "images":
        return image_batch(source.gather(torch.arange(len(source))).to(device), batch)
    generator = torch.Generator(device).manual_seed(0)
    return lambda: dataset.prepare(source.sample(batch, generator))


class Items(data.Dataset):
    """One sample at a time: images through PIL and two transforms, as tutorials have it."""

    def __init__(self, dataset: Any) -> None:
        source = dataset.stream("real")
        if dataset.kind == "images":
            self.rows = source.gather(torch.arange(len(source)))
        else:
            self.rows = dataset.prepare(source.sample(ITEMS, torch.Generator().manual_seed(0)))
        self.images = dataset.kind == "images"
        self.normalised = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Tensor:
        row = self.rows[index]
        if not self.images:
            return row
        pixels = row.movedim(0, -1).squeeze(-1).numpy()
        return self.normalised(Image.fromarray(pixels))


def classic_batches(dataset: Any, batch: int, device: str) -> Batches:
    """Batches of a DataLoader with its defaults, shuffled anew in every epoch, moved to the device."""
    loader = data.DataLoader(Items(dataset), batch, shuffle=True, drop_last=True)
    epochs = itertools.chain.from_iterable(iter(loader) for _ in itertools.count())
    return lambda: next(epochs).to(device)


def loop(
    variant: str, dataset: Any, network: Mapping[str, Any], hyperparameters: Mapping[str, Any], device: str,
    classic: bool = False,
) -> Callable[[], None]:  # fmt: skip
    """One iteration of a variant's hand-written loop, on the networks that the harness gives it.

    With ``classic`` batches come from a DataLoader and every loss is read at every step.

    Raises:
        Unknown: for settings that the loops do not know.
    """
    from gan_bench import variants
    from gan_bench.bench.engine.facts import data_spec
    from gan_bench.variants.hyperparameters import continuous, resolve
    from gan_bench.variants.networks import builder

    game_class = variants.get(variant)
    usual = resolve(game_class.hyperparameters)
    of_players = {f"{player}_{what}" for player in ("critic", "generator") for what in ("optimiser", "lr")}
    for name, value in hyperparameters.items():
        known = name in {*SETTINGS, *of_players, "batch_size", "latent_dim", "critic_norm"}
        if (not known and value != usual[name]) or isinstance(value, Mapping) or value == "sphere":
            raise Unknown(f"the hand-written loops do not know {name} = {value}")
    structural = hyperparameters.keys() - continuous(game_class.hyperparameters)
    structure = SimpleNamespace(**{name: hyperparameters[name] for name in structural})
    networks = game_class(data_spec(dataset), structure).networks(builder(network))
    generator, critic = (plain(networks[role]).to(device) for role in ("generator", "critic"))
    batch, latent = hyperparameters["batch_size"], hyperparameters["latent_dim"]
    real = (classic_batches if classic else batches)(dataset, batch, device)
    made = LOOPS[variant](generator, critic, real, batch, latent, hyperparameters, device)
    made.read = classic
    return made.step
