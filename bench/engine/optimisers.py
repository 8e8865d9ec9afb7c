"""Optimisers on lists of tensors that may hold many replicas, with hyperparameters per replica.

Where all replicas share a setting it is a float and Adam runs PyTorch's fused kernel; where it differs it is
a tensor ``[replicas]`` and the update runs on ``_foreach`` kernels, or as one compiled program.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan_bench.bench.engine.compiled import Compiled

Setting = float | Tensor
Tensors = list[Tensor]
State = Mapping[str, Tensors]
Settings = Mapping[str, Setting]


def spread(setting: Setting, tensors: Sequence[Tensor]) -> Any:
    """A float as it is; a ``[replicas]`` tensor as a list that broadcasts over each ``[replicas, ...]``."""
    if not isinstance(setting, Tensor):
        return setting
    return [setting.to(t.dtype).reshape(-1, *[1] * (t.ndim - 1)) for t in tensors]


def _root(squares: Tensor) -> Tensor:
    """Square roots whose derivative at 0 (a dead unit's gradients) is 0 instead of infinite."""
    alive = squares > 0
    return torch.where(alive, torch.where(alive, squares, 1.0).sqrt(), 0.0)


class Optimiser(ABC):
    """One player's update rule and its state.

    Args:
        params: tensors updated in place, ``[replicas, ...]`` each (or ``[...]`` solo).
        compiled: run the update as a compiled program.
    """

    buffers: ClassVar[tuple[str, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    """Hyperparameters of the rule, beside the learning rate."""

    def __init__(self, params: Sequence[Tensor], *, compiled: bool = False) -> None:
        self.params = [p.detach() for p in params]
        self.state = {name: [torch.zeros_like(p) for p in self.params] for name in self.buffers}
        self.count = torch.zeros((), device=self.params[0].device)
        """Steps done; a tensor, so that a captured or compiled step counts on."""
        own = (self.params, self.state)
        self._compiled = compiled
        self._update: Callable = Compiled(self.update, own) if compiled else partial(self.update, *own)

    @abstractmethod
    def update(self, params: Tensors, state: State, grads: Tensors, settings: Settings) -> None:
        """Change ``params`` and ``state`` in place, by settings that are floats or ``[replicas]``."""

    @staticmethod
    @abstractmethod
    def moved(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, settings: Settings
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The same update of one tensor of one replica as a differentiable function: both as they become."""

    def settings(self, count: Tensor, lr: Setting, hp: SimpleNamespace) -> dict[str, Setting]:  # noqa: ARG002
        """What :meth:`update` needs to know at step ``count``."""
        return {"lr": lr, **{name: getattr(hp, name) for name in self.uses}}

    def step(self, grads: Tensors, lr: Setting, hp: SimpleNamespace) -> None:
        """Update the parameters in place; ``hp`` has the rule's settings as floats or ``[replicas]``."""
        self.count += 1
        settings = self.settings(self.count, lr, hp)
        if self._compiled:
            settings = {name: self._tensor(value) for name, value in settings.items()}
        self._update(grads, settings)

    def _tensor(self, value: Setting) -> Tensor:
        """A setting as a tensor, which a compiled program does not take for a constant."""
        if isinstance(value, Tensor):
            return value
        return torch.full((1,), value, dtype=torch.float64, device=self.count.device)


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1), epsilon outside the root as in ``torch.optim.Adam``."""

    buffers = ("mean", "square")
    uses = ("beta1", "beta2", "epsilon")

    def settings(self, count: Tensor, lr: Setting, hp: SimpleNamespace) -> dict[str, Setting]:
        """Decay rates with the corrections of their bias at step ``count``."""
        count = count.double()
        return {
            "rate": lr / (1.0 - hp.beta1**count),
            "root": (1.0 - hp.beta2**count) ** 0.5,
            **{name: getattr(hp, name) for name in self.uses},
        }

    def step(self, grads: Tensors, lr: Setting, hp: SimpleNamespace) -> None:
        """One step."""
        if any(isinstance(setting, Tensor) for setting in (lr, hp.beta1, hp.beta2, hp.epsilon)):
            return super().step(grads, lr, hp)
        self.count += 1
        # The kernel walks memory in order: gradients of convolutions may come with other strides.
        grads = [g.contiguous() for g in grads]
        torch._fused_adam_(
            self.params, grads, self.state["mean"], self.state["square"], [], [self.count] * len(grads),
            lr=lr, beta1=hp.beta1, beta2=hp.beta2, weight_decay=0.0, eps=hp.epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip
        return None

    def update(self, params: Tensors, state: State, grads: Tensors, settings: Settings) -> None:
        """Move by ``rate * mean / (sqrt(square) / root + epsilon)``."""
        now = {name: spread(setting, params) for name, setting in settings.items()}
        mean, square = state["mean"], state["square"]
        torch._foreach_mul_(mean, now["beta1"])
        torch._foreach_add_(mean, torch._foreach_mul(grads, spread(1.0 - settings["beta1"], params)))
        torch._foreach_mul_(square, now["beta2"])
        squares = torch._foreach_mul(
            torch._foreach_mul(grads, grads), spread(1.0 - settings["beta2"], params)
        )
        torch._foreach_add_(square, squares)
        roots = torch._foreach_sqrt(square)
        torch._foreach_div_(roots, now["root"])
        torch._foreach_add_(roots, now["epsilon"])
        updates = torch._foreach_div(mean, roots)
        torch._foreach_mul_(updates, now["rate"])
        torch._foreach_sub_(params, updates)

    @staticmethod
    def moved(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, settings: Settings
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As :meth:`update`."""
        now = settings
        mean = now["beta1"] * state["mean"] + (1.0 - now["beta1"]) * grad
        square = now["beta2"] * state["square"] + (1.0 - now["beta2"]) * grad.square()
        update = now["rate"] * mean / (_root(square) / now["root"] + now["epsilon"])
        return param - update, {"mean": mean, "square": square}


class RMSProp(Optimiser):
    """RMSProp without centring or momentum, as ``torch.optim.RMSprop`` (Tieleman & Hinton 2012)."""

    buffers = ("square",)
    uses = ("decay", "epsilon")

    def update(self, params: Tensors, state: State, grads: Tensors, settings: Settings) -> None:
        """Move by ``lr * grad / (sqrt(square) + epsilon)``."""
        square = state["square"]
        lr, decay, epsilon = settings["lr"], settings["decay"], settings["epsilon"]
        if isinstance(lr, float) and isinstance(decay, float) and isinstance(epsilon, float):
            torch._foreach_mul_(square, decay)
            torch._foreach_addcmul_(square, grads, grads, value=1.0 - decay)
            roots = torch._foreach_sqrt(square)
            torch._foreach_add_(roots, epsilon)
            torch._foreach_addcdiv_(params, grads, roots, value=-lr)
            return
        now = {name: spread(setting, params) for name, setting in settings.items()}
        torch._foreach_mul_(square, now["decay"])
        squares = torch._foreach_mul(grads, grads)
        torch._foreach_mul_(squares, spread(1.0 - settings["decay"], params))
        torch._foreach_add_(square, squares)
        roots = torch._foreach_sqrt(square)
        torch._foreach_add_(roots, now["epsilon"])
        updates = torch._foreach_div(grads, roots)
        torch._foreach_mul_(updates, now["lr"])
        torch._foreach_sub_(params, updates)

    @staticmethod
    def moved(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, settings: Settings
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As :meth:`update`."""
        now = settings
        square = now["decay"] * state["square"] + (1.0 - now["decay"]) * grad.square()
        return param - now["lr"] * grad / (_root(square) + now["epsilon"]), {"square": square}


class SGD(Optimiser):
    """Gradient descent with heavy-ball momentum, as ``torch.optim.SGD``."""

    buffers = ("velocity",)
    uses = ("momentum",)

    def update(self, params: Tensors, state: State, grads: Tensors, settings: Settings) -> None:
        """Move by ``lr * velocity``, which gathers the gradients."""
        velocity = state["velocity"]
        torch._foreach_mul_(velocity, spread(settings["momentum"], params))
        torch._foreach_add_(velocity, grads)
        torch._foreach_sub_(params, torch._foreach_mul(velocity, spread(settings["lr"], params)))

    @staticmethod
    def moved(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, settings: Settings
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As :meth:`update`."""
        velocity = settings["momentum"] * state["velocity"] + grad
        return param - settings["lr"] * velocity, {"velocity": velocity}


RULES: dict[str, type[Optimiser]] = {"adam": Adam, "rmsprop": RMSProp, "sgd": SGD}
