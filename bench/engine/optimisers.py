"""Optimisers on lists of tensors that may hold many replicas, with hyperparameters per replica.

Where all replicas share a setting it is a float and Adam runs PyTorch's fused kernel; where it differs it is
a tensor ``[replicas]`` and the update runs on ``_foreach`` kernels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor

Setting = float | Tensor


def spread(setting: Setting, tensors: Sequence[Tensor]) -> Any:
    """A float as it is; a ``[replicas]`` tensor as a list that broadcasts over each ``[replicas, ...]``."""
    if not isinstance(setting, Tensor):
        return setting
    return [setting.to(t.dtype).reshape(-1, *[1] * (t.ndim - 1)) for t in tensors]


class Optimiser(ABC):
    """One player's update rule and its state.

    Args:
        params: tensors updated in place, ``[replicas, ...]`` each (or ``[...]`` solo).
    """

    buffers: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: Sequence[Tensor]) -> None:
        self.params = [p.detach() for p in params]
        self.state = {name: [torch.zeros_like(p) for p in self.params] for name in self.buffers}

    @abstractmethod
    def step(self, grads: list[Tensor], lr: Setting, hp: SimpleNamespace) -> None:
        """Update the parameters in place; ``hp`` has the rule's settings as floats or ``[replicas]``."""

    def spread(self, setting: Setting) -> Any:
        """The setting as it broadcasts over this player's parameters, see :func:`spread`."""
        return spread(setting, self.params)


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1), epsilon outside the root as in ``torch.optim.Adam``."""

    buffers = ("mean", "square")

    def __init__(self, params: Sequence[Tensor]) -> None:
        super().__init__(params)
        self.count = 0
        device = self.params[0].device
        self._counts = [torch.zeros((), device=device)] * len(self.params)

    def step(self, grads: list[Tensor], lr: Setting, hp: SimpleNamespace) -> None:
        """One step."""
        self.count += 1
        mean, square = self.state["mean"], self.state["square"]
        if not any(isinstance(s, Tensor) for s in (lr, hp.beta1, hp.beta2, hp.epsilon)):
            self._counts[0].fill_(self.count)
            # The kernel walks memory in order: gradients of convolutions may come with other strides.
            grads = [g.contiguous() for g in grads]
            torch._fused_adam_(
                self.params, grads, mean, square, [], self._counts,
                lr=lr, beta1=hp.beta1, beta2=hp.beta2, weight_decay=0.0, eps=hp.epsilon,
                amsgrad=False, maximize=False,
            )  # fmt: skip
            return
        torch._foreach_mul_(mean, self.spread(hp.beta1))
        torch._foreach_add_(mean, torch._foreach_mul(grads, self.spread(1.0 - hp.beta1)))
        torch._foreach_mul_(square, self.spread(hp.beta2))
        torch._foreach_add_(
            square, torch._foreach_mul(torch._foreach_mul(grads, grads), self.spread(1.0 - hp.beta2))
        )
        roots = torch._foreach_sqrt(square)
        torch._foreach_div_(roots, self.spread((1.0 - hp.beta2**self.count) ** 0.5))
        torch._foreach_add_(roots, self.spread(hp.epsilon))
        updates = torch._foreach_div(mean, roots)
        torch._foreach_mul_(updates, self.spread(lr / (1.0 - hp.beta1**self.count)))
        torch._foreach_sub_(self.params, updates)


class RMSProp(Optimiser):
    """RMSProp without centring or momentum, as ``torch.optim.RMSprop`` (Tieleman & Hinton 2012)."""

    buffers = ("square",)

    def step(self, grads: list[Tensor], lr: Setting, hp: SimpleNamespace) -> None:
        """One step."""
        square = self.state["square"]
        torch._foreach_mul_(square, self.spread(hp.decay))
        squares = torch._foreach_mul(grads, grads)
        torch._foreach_mul_(squares, self.spread(1.0 - hp.decay))
        torch._foreach_add_(square, squares)
        roots = torch._foreach_sqrt(square)
        torch._foreach_add_(roots, self.spread(hp.epsilon))
        updates = torch._foreach_div(grads, roots)
        torch._foreach_mul_(updates, self.spread(lr))
        torch._foreach_sub_(self.params, updates)


class SGD(Optimiser):
    """Gradient descent with heavy-ball momentum, as ``torch.optim.SGD``."""

    buffers = ("velocity",)

    def step(self, grads: list[Tensor], lr: Setting, hp: SimpleNamespace) -> None:
        """One step."""
        velocity = self.state["velocity"]
        torch._foreach_mul_(velocity, self.spread(hp.momentum))
        torch._foreach_add_(velocity, grads)
        torch._foreach_sub_(self.params, torch._foreach_mul(velocity, self.spread(lr)))


RULES: dict[str, type[Optimiser]] = {"adam": Adam, "rmsprop": RMSProp, "sgd": SGD}
