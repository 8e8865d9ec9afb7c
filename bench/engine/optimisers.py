"""Optimisers on lists of tensors that may hold many replicas, with hyperparameters per replica.

A coefficient is a float if all replicas share it, else a tensor ``[replicas]``; in a solo run on a GPU a
scheduled one is a scalar tensor. Adam uses PyTorch's fused kernel if all its coefficients are floats;
otherwise ``_foreach`` kernels or one compiled program.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan_bench.bench.engine.compiled import Compiled

Coefficient = float | Tensor
Tensors = list[Tensor]
State = Mapping[str, Tensors]
Coefficients = Mapping[str, Coefficient]


def spread(coefficient: Coefficient, tensors: Sequence[Tensor]) -> Any:
    """Return a float unchanged, a tensor (``[replicas]``, scalar) as a list that broadcasts over tensors."""
    if not isinstance(coefficient, Tensor):
        return coefficient
    if not coefficient.ndim:
        return [coefficient.to(t.dtype) for t in tensors]
    return [coefficient.to(t.dtype).reshape(-1, *[1] * (t.ndim - 1)) for t in tensors]


def decays(hp: SimpleNamespace) -> bool:
    """Return whether weights decay: ``weight_decay`` times the weights is added to their gradients.

    A game need not declare it, and then none do.
    """
    weight_decay = getattr(hp, "weight_decay", 0.0)
    return isinstance(weight_decay, Tensor) or weight_decay != 0.0


def _root(squares: Tensor) -> Tensor:
    """Return square roots with derivative 0 at 0 (the gradients of a dead unit) instead of infinity."""
    alive = squares > 0
    return torch.where(alive, torch.where(alive, squares, 1.0).sqrt(), 0.0)


class Optimiser(ABC):
    """Update rule of one player, with its state.

    Args:
        params: tensors to update in place, ``[replicas, ...]`` each (or ``[...]`` solo).
        compiled: run the update as a compiled program.

    Attributes:
        state: buffer -> one tensor per parameter, of its shape.
        count: number of steps done, a scalar tensor.
    """

    buffers: ClassVar[tuple[str, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    """Hyperparameters of the rule, without the learning rate."""

    def __init__(self, params: Sequence[Tensor], *, compiled: bool = False) -> None:
        self.params = [p.detach() for p in params]
        self.state = {name: [torch.zeros_like(p) for p in self.params] for name in self.buffers}
        self.count = torch.zeros((), device=self.params[0].device)
        # A tensor, because a captured or compiled step has to increase it.
        self._program = Compiled(self.update, (self.params, self.state)) if compiled else None

    @abstractmethod
    def update(self, params: Tensors, state: State, grads: Tensors, coefficients: Coefficients) -> None:
        """Update ``params`` and ``state`` in place; coefficients are floats or ``[replicas]``."""

    @staticmethod
    @abstractmethod
    def functional_update(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, coefficients: Coefficients
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the updated tensor and state of one tensor of one replica, as a differentiable function."""

    def coefficients(self, count: Tensor, lr: Coefficient, hp: SimpleNamespace) -> dict[str, Coefficient]:  # noqa: ARG002
        """Return the coefficients of :meth:`update` at step ``count``, counted from 1."""
        return {"lr": lr, **{name: getattr(hp, name) for name in self.uses}}

    def step(self, grads: Tensors, lr: Coefficient, hp: SimpleNamespace) -> None:
        """Update the parameters in place; ``lr`` and those of ``hp`` are floats or ``[replicas]``."""
        self.count += 1
        if decays(hp):
            own = torch._foreach_mul(self.params, spread(hp.weight_decay, self.params))
            grads = list(torch._foreach_add(grads, own))
        coefficients = self.coefficients(self.count, lr, hp)
        if self._program is None:
            self.update(self.params, self.state, grads, coefficients)
        else:
            self._program(grads, {name: self._tensor(value) for name, value in coefficients.items()})

    def _tensor(self, value: Coefficient) -> Tensor:
        """Return a coefficient as a tensor, because a compiled program fixes other values as constants."""
        if isinstance(value, Tensor):
            return value
        return torch.full((1,), value, dtype=torch.float64, device=self.count.device)


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1), epsilon outside the root as in ``torch.optim.Adam``."""

    buffers = ("mean", "square")
    uses = ("beta1", "beta2", "epsilon")

    def coefficients(self, count: Tensor, lr: Coefficient, hp: SimpleNamespace) -> dict[str, Coefficient]:
        """Return the decay rates and the bias corrections at step ``count``."""
        count = count.double()
        return {
            "rate": lr / (1.0 - hp.beta1**count),
            "root": (1.0 - hp.beta2**count) ** 0.5,
            **{name: getattr(hp, name) for name in self.uses},
        }

    def step(self, grads: Tensors, lr: Coefficient, hp: SimpleNamespace) -> None:
        """Update the parameters in place, with PyTorch's fused kernel if all coefficients are floats."""
        weight_decay = getattr(hp, "weight_decay", 0.0)
        coefficients = (lr, hp.beta1, hp.beta2, hp.epsilon, weight_decay)
        if any(isinstance(coefficient, Tensor) for coefficient in coefficients):
            return super().step(grads, lr, hp)
        self.count += 1
        # The kernel reads memory in order, but gradients of convolutions may have other strides.
        grads = [_in_layout_of(p, g) for p, g in zip(self.params, grads, strict=True)]
        torch._fused_adam_(
            self.params, grads, self.state["mean"], self.state["square"], [], [self.count] * len(grads),
            lr=lr, beta1=hp.beta1, beta2=hp.beta2, weight_decay=weight_decay, eps=hp.epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip
        return None

    def update(self, params: Tensors, state: State, grads: Tensors, coefficients: Coefficients) -> None:
        """Subtract ``rate * mean / (sqrt(square) / root + epsilon)``."""
        now = {name: spread(coefficient, params) for name, coefficient in coefficients.items()}
        mean, square = state["mean"], state["square"]
        torch._foreach_mul_(mean, now["beta1"])
        torch._foreach_add_(mean, torch._foreach_mul(grads, spread(1.0 - coefficients["beta1"], params)))
        torch._foreach_mul_(square, now["beta2"])
        squares = torch._foreach_mul(
            torch._foreach_mul(grads, grads), spread(1.0 - coefficients["beta2"], params)
        )
        torch._foreach_add_(square, squares)
        roots = torch._foreach_sqrt(square)
        torch._foreach_div_(roots, now["root"])
        torch._foreach_add_(roots, now["epsilon"])
        updates = torch._foreach_div(mean, roots)
        torch._foreach_mul_(updates, now["rate"])
        torch._foreach_sub_(params, updates)

    @staticmethod
    def functional_update(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, coefficients: Coefficients
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the update of :meth:`update` for one tensor."""
        now = coefficients
        mean = now["beta1"] * state["mean"] + (1.0 - now["beta1"]) * grad
        square = now["beta2"] * state["square"] + (1.0 - now["beta2"]) * grad.square()
        update = now["rate"] * mean / (_root(square) / now["root"] + now["epsilon"])
        return param - update, {"mean": mean, "square": square}


class RMSProp(Optimiser):
    """RMSProp without centring or momentum, as ``torch.optim.RMSprop`` (Tieleman & Hinton 2012)."""

    buffers = ("square",)
    uses = ("decay", "epsilon")

    def update(self, params: Tensors, state: State, grads: Tensors, coefficients: Coefficients) -> None:
        """Subtract ``lr * grad / (sqrt(square) + epsilon)``."""
        square = state["square"]
        lr, decay, epsilon = coefficients["lr"], coefficients["decay"], coefficients["epsilon"]
        if isinstance(lr, float) and isinstance(decay, float) and isinstance(epsilon, float):
            torch._foreach_mul_(square, decay)
            torch._foreach_addcmul_(square, grads, grads, value=1.0 - decay)
            roots = torch._foreach_sqrt(square)
            torch._foreach_add_(roots, epsilon)
            torch._foreach_addcdiv_(params, grads, roots, value=-lr)
            return
        now = {name: spread(coefficient, params) for name, coefficient in coefficients.items()}
        torch._foreach_mul_(square, now["decay"])
        squares = torch._foreach_mul(grads, grads)
        torch._foreach_mul_(squares, spread(1.0 - coefficients["decay"], params))
        torch._foreach_add_(square, squares)
        roots = torch._foreach_sqrt(square)
        torch._foreach_add_(roots, now["epsilon"])
        updates = torch._foreach_div(grads, roots)
        torch._foreach_mul_(updates, now["lr"])
        torch._foreach_sub_(params, updates)

    @staticmethod
    def functional_update(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, coefficients: Coefficients
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the update of :meth:`update` for one tensor."""
        now = coefficients
        square = now["decay"] * state["square"] + (1.0 - now["decay"]) * grad.square()
        return param - now["lr"] * grad / (_root(square) + now["epsilon"]), {"square": square}


class SGD(Optimiser):
    """Gradient descent with heavy-ball momentum, as ``torch.optim.SGD``."""

    buffers = ("velocity",)
    uses = ("momentum",)

    def update(self, params: Tensors, state: State, grads: Tensors, coefficients: Coefficients) -> None:
        """Subtract ``lr * velocity``, with ``velocity <- momentum * velocity + grad``."""
        velocity = state["velocity"]
        torch._foreach_mul_(velocity, spread(coefficients["momentum"], params))
        torch._foreach_add_(velocity, grads)
        torch._foreach_sub_(params, torch._foreach_mul(velocity, spread(coefficients["lr"], params)))

    @staticmethod
    def functional_update(
        param: Tensor, state: Mapping[str, Tensor], grad: Tensor, coefficients: Coefficients
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the update of :meth:`update` for one tensor."""
        velocity = coefficients["momentum"] * state["velocity"] + grad
        return param - coefficients["lr"] * velocity, {"velocity": velocity}


def _in_layout_of(param: Tensor, grad: Tensor) -> Tensor:
    """Return a gradient with the strides of its parameter."""
    return grad if grad.stride() == param.stride() else torch.empty_like(param).copy_(grad)


RULES: dict[str, type[Optimiser]] = {"adam": Adam, "rmsprop": RMSProp, "sgd": SGD}
