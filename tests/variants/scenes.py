"""Any variant on networks of known form and on fixed draws, so that its losses can be worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

from gan_bench import variants
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Network, Play
from gan_bench.variants.base import as_loss
from gan_bench.variants.declarations import Frozen
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.networks.inputs import Flat, flat_width
from gan_bench.variants.networks.layers import Autoencoder

ROWS = 6
CLASSES = 3
CURVATURE = 0.3
SMALL = {"batch_size": ROWS, "latent_dim": 2, "unroll_steps": 2, "samples": 3, "shared": 0, "categories": 3}
"""Structural settings that keep the hand's work short, where a variant has them."""
IMAGE = Space((1, 1, 2), (-1.0, 1.0))
PLANE, LABEL = Space((2,)), Space((), classes=CLASSES)
STREAMS = {
    "real": PLANE, "labelled": {"real": PLANE, "label": LABEL}, "domain_a": PLANE, "domain_b": PLANE,
    "pairs": {"a": PLANE, "b": PLANE}, "domains": {"real": PLANE, "domain": LABEL},
    "labelled_a": {"domain_a": PLANE, "label_a": LABEL}, "labelled_b": {"domain_b": PLANE, "label_b": LABEL},
    "low_high": {"low": PLANE, "high": PLANE},
}  # fmt: skip
WITH_REAL = {
    "labelled",
    "domains",
    "hole",
    "real_noise",
    "around",
    "order",
    "interpolation",
    "perturbation",
    "perturbation_length",
}
"""Draws that belong to rows of the real batch; all other noise belongs to rows of the latent."""
BESIDE = {
    "around_a": "domain_a", "around_ab": "domain_a", "around_b": "domain_b", "around_ba": "domain_b",
    "drawn_a": "domain_b", "drawn_b": "domain_a",
}  # fmt: skip
"""Draws that belong to rows of a domain."""


class Affine(nn.Module):
    """W x + b, of a score also 0.3 |x|^2 / 2; bounded ones end in a tanh onto their interval.

    Several inputs are one vector, labels in it one-hot. With ``classes`` the outputs are a score and logits;
    a ``gaussian`` one has two outputs of equal size.
    """

    def __init__(self, inputs, outputs, bounds=None, classes=0, gaussian=False):
        super().__init__()
        self.read = Flat(inputs)
        size = (1 + gaussian) * math.prod(outputs) + classes
        self.gaussian = gaussian
        self.weight = nn.Parameter(torch.empty(size, flat_width(inputs)))
        self.bias = nn.Parameter(torch.empty(size))
        self.classes, self.bounds, self.shape = classes, bounds, outputs
        self.is_score = outputs == () and not classes

    def forward(self, *inputs):
        x = self.read(*inputs)
        y = x @ self.weight.T + self.bias
        if self.gaussian:
            return y.chunk(2, dim=1)
        score = y[:, 0] + CURVATURE / 2 * x.square().sum(1)
        if self.classes:
            return score, y[:, 1:]
        if self.is_score:
            return score
        y = y.reshape(len(y), *self.shape)
        return y if self.bounds is None else _onto(self.bounds, torch.tanh(y))

    def hidden(self, *inputs):
        """Activations that depend on input and weights: the input times the first row of W."""
        return self.read(*inputs) * self.weight[0]

    def activations(self, *inputs):
        """Those of three hidden layers: powers of `hidden`."""
        return [self.hidden(*inputs) ** power for power in (1, 2, 3)]


def _is_number(start):
    return not start.ndim and start.is_floating_point()


def _onto(bounds, unit):
    low, high = bounds
    return low + (high - low) * (unit + 1) / 2


class Affines:
    """An architecture of nothing but such maps: what layers a critic may have is not the objective's."""

    def _making(self, *inputs, makes):
        return Affine(inputs, makes.shape, makes.bounds)

    generator = decoder = translator = _making

    def encoder(self, *inputs, makes=None, gaussian=False):
        makes = makes or Space((3,))
        network = Affine(inputs, makes.shape, gaussian=gaussian)
        network.makes = makes
        return network

    def critic(self, *inputs, norm="none", classes=0):
        return Affine(inputs, (), classes=classes)

    def classifier(self, *inputs, classes):
        return Affine(inputs, (classes,))

    def autoencoder(self, data, *, norm="none"):
        code = Space((3,))
        return Autoencoder(
            Affine((data,), code.shape), Affine((code,), data.shape, data.bounds), code_layers=1
        )


build = Affines()


class Numbers:
    """The same map in NumPy, of one vector; several inputs are stacked, labels as one-hot rows."""

    def __init__(self, module: Affine):
        self.weight, self.bias = (p.detach().numpy().copy() for p in (module.weight, module.bias))
        self.is_score, self.bounds, self.gaussian = module.is_score, module.bounds, module.gaussian
        self.classes = module.classes

    def __call__(self, *inputs):
        x = np.hstack(inputs)
        y = x @ self.weight.T + self.bias
        score = y[:, 0] + CURVATURE / 2 * (x**2).sum(1)
        if self.classes:
            return np.hstack([score[:, None], y[:, 1:]])
        if self.is_score:
            return score
        if self.gaussian:
            return np.split(y, 2, axis=1)
        return y if self.bounds is None else _onto(self.bounds, np.tanh(y))

    def hidden(self, x):
        """Return the activations before the last layer."""
        return x * self.weight[0]

    def activations(self, x):
        """Return those of three hidden layers."""
        return [self.hidden(x) ** power for power in (1, 2, 3)]

    def slope(self, x):
        """Gradient of a score by its input, ``[rows, size]``."""
        return self.weight[0] + CURVATURE * x


def on_scores(variant: str, player: str, real: Any, fake: Any, **hp: Any) -> torch.Tensor:
    """The objective of ``critic`` or ``generator`` on scores."""
    sides = (torch.as_tensor(side, dtype=torch.float64) for side in (real, fake))
    objective = variants.get(variant).objective
    return getattr(objective, player)(*sides, SimpleNamespace(**{"label_smoothing": 0.0} | hp))


def slopes(loss: torch.Tensor, *by: torch.Tensor) -> list[np.ndarray]:
    """Derivatives of a loss, as arrays."""
    return [slope.numpy() for slope in torch.autograd.grad(loss, by)]


def leaf(values: Any) -> torch.Tensor:
    """Numbers that a loss can be differentiated by."""
    return torch.tensor(np.asarray(values, dtype=float), requires_grad=True)


class Scene:
    """A variant with random weights, batches, noise and hyperparameters, all from one seed.

    Networks are attributes in NumPy (``scene.critic(x)``, ``scene.encode`` and ``scene.decode`` of an
    autoencoder), and so are batches and noise (``scene.real``, ``scene.latent``).
    """

    def __init__(self, variant: str, seed: int = 0, **structure: Any):
        kind = variants.get(variant)
        self.generator_of_numbers = numbers = torch.Generator().manual_seed(seed)
        settings = resolve(
            kind.hyperparameters,
            {n: v for n, v in SMALL.items() if n in kind.hyperparameters},
            {n: self._drawn(h) for n, h in kind.hyperparameters.items() if h.kind == "continuous"},
            structure,
        )
        of_kind = {n: h.kind for n, h in kind.hyperparameters.items()}
        structural = {n: v for n, v in settings.items() if of_kind[n] == "structural"}
        self.hp = SimpleNamespace(**{n: v for n, v in settings.items() if of_kind[n] == "continuous"})
        data = DataSpec.of(**STREAMS)
        of_real = (PLANE, replace(PLANE, bounds=(-1.0, 1.0)), IMAGE)
        offers = [replace(data, spaces={**data.spaces, "real": space}) for space in of_real]
        data = next(data for data in offers if not kind.refuses(data))
        self.game = kind(data, SimpleNamespace(**structural))
        frozen = Affine((PLANE,), (3,))
        networks = self.game.networks(build)
        self.modules = {r: (frozen if isinstance(m, Frozen) else m).double() for r, m in networks.items()}
        for module in self.modules.values():
            for p in module.parameters():
                nn.init.normal_(p, generator=numbers)
        self.batch = {name: torch.randn(ROWS, *PLANE.shape, generator=numbers).double() for name in STREAMS}
        labels = torch.randint(CLASSES, (ROWS,), generator=numbers)
        self.batch["labelled"] = {"real": self.batch["labelled"], "label": labels}
        for of in (self.batch, self.batch["labelled"]):
            of["real"] = of["real"].reshape(ROWS, *data.real.shape)
        wanted = torch.randn(ROWS, *PLANE.shape, generator=numbers).double()
        self.batch["pairs"] = {"a": self.batch["pairs"], "b": wanted}
        domains = torch.randint(CLASSES, (ROWS,), generator=numbers)
        self.batch["domains"] = {"real": self.batch["domains"], "domain": domains}
        for domain in "ab":
            labels = torch.randint(CLASSES, (ROWS,), generator=numbers)
            of = {f"domain_{domain}": self.batch[f"labelled_{domain}"], f"label_{domain}": labels}
            self.batch[f"labelled_{domain}"] = of
        finer = torch.randn(ROWS, *PLANE.shape, generator=numbers).double()
        self.batch["low_high"] = {"low": self.batch["low_high"], "high": finer}
        self.noise = {n: self._typed(d.draw(1, ROWS, numbers)[0]) for n, d in self.game.noise().items()}
        self.state = {  # numbers anywhere in [0, 1): at BEGAN's start, 0, half of its loss would not be seen
            name: torch.rand((), generator=numbers).double() if _is_number(start) else self._typed(start)
            for name, start in self.game.state().items()
        }

    def _drawn(self, declared):
        low = declared.low or 0.0
        high = low + 2.0 if declared.high is None else min(declared.high, low + 2.0)
        return low + (0.01 + 0.98 * torch.rand((), generator=self.generator_of_numbers).item()) * (high - low)

    @staticmethod
    def _typed(tensor):
        return tensor.double() if tensor.is_floating_point() else tensor

    def __getattr__(self, name):
        if name in (modules := self.__dict__.get("modules", {})):
            return Numbers(modules[name])
        if name in ("encode", "decode"):
            return Numbers(modules["critic"][name == "decode"])
        for draws in ("batch", "noise"):
            if name in self.__dict__.get(draws, {}):
                found = self.__dict__[draws][name]
                return {k: v.numpy() for k, v in found.items()} if isinstance(found, dict) else found.numpy()
        raise AttributeError(name)

    @property
    def fake(self):
        """Return the generated samples of the latents."""
        return self.generator(self.latent)

    def play(self) -> Play:
        """Return the inputs of a loss."""
        networks = {role: Network(module) for role, module in self.modules.items()}
        return Play(networks, self.batch, self.noise, self.hp, self.state)

    def results(self) -> dict[str, variants.Loss]:
        """Every player's loss with its logs and its state."""
        return {player.name: as_loss(player.loss(self.play())) for player in self.game.players()}

    def losses(self) -> dict[str, float]:
        """Every player's loss."""
        return {name: loss.value.item() for name, loss in self.results().items()}

    def reordered(self, order) -> Scene:
        """Put rows into another order, in place: ``order(group)`` gives that of the rows which belong to
        ``real``, ``latent``, ``domain_a``, ``domain_b``, ``pairs``, ``low_high``, ``labelled_a`` or
        ``labelled_b``."""
        groups = (
            "real", "latent", "domain_a", "domain_b", "pairs", "low_high", "labelled_a", "labelled_b",
        )  # fmt: skip
        orders = {group: order(group) for group in groups}
        if self.game.streams[0] == "labelled_a" and getattr(self.game, "reads", ()):
            orders["latent"] = orders["labelled_a"]  # each latent goes with a source sample
        for draws, other in ((self.batch, None), (self.noise, "latent")):
            for name, rows in draws.items():
                group = BESIDE.get(name) or ("real" if name in WITH_REAL else other or name)
                fields = rows if isinstance(rows, dict) else {"": rows}
                moved = {field: values[orders[group]] for field, values in fields.items()}
                if name == "order":  # row numbers, which move with the rows
                    moved[""] = orders[group].argsort()[moved[""]]
                draws[name] = moved if isinstance(rows, dict) else moved[""]
        return self
