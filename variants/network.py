"""Networks as values: a module with the parameters of its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._pytree import tree_map

Parameters = dict[str, Tensor]
Score = Callable[["Network", Tensor], Tensor]
"""Network, batch -> one score per sample."""


class Network:
    """A network inside a pure loss: callable, with its parameters as a value.

    Derivatives are computed in one of two ways, which a loss need not know. In a pack the parameters are
    explicit values and derivatives go through ``torch.func``, as ``torch.autograd.grad`` does not work
    inside ``vmap``; a solo run calls the module itself and uses plain autograd, which is a fifth faster.

    Args:
        module: the skeleton, or in a solo run the live module.
        params: parameter name -> tensor; ``None`` calls the module with its own.
        noise: tensors for the module's own declared noise, one mapping per call in order.
        functional: whether derivatives go through ``torch.func``.
        view: function applied to the parameters at every call (spectral normalisation), not to ``params``.
        reference: the reference batch of virtual batch normalisation.
        precision: type of matrix products and convolutions (autocast); ``None``: that of the parameters.
            Outputs are float32, so that losses and penalties are not rounded further.
    """

    __slots__ = (
        "_calls", "_known", "_noise", "_params", "_precision", "_reference", "_view", "functional", "module"
    )  # fmt: skip

    def __init__(
        self,
        module: nn.Module,
        params: Parameters | None = None,
        *,
        noise: tuple[Mapping[str, Tensor], ...] = (),
        functional: bool = False,
        view: Callable[[Parameters], Parameters] | None = None,
        reference: Tensor | None = None,
        precision: torch.dtype | None = None,
    ) -> None:
        self.module = module
        self.functional = functional
        self._params = params
        self._noise = noise
        self._view = view
        self._reference = reference
        self._precision = precision
        self._calls = 0
        self._known: tuple[Tensor, Any] | None = None

    def __call__(self, *inputs: Tensor) -> Any:
        """Apply the network to batches; each call takes the next share of the module's declared noise."""
        if self._known is not None and inputs[0] is self._known[0]:
            return self._known[1]
        options: dict[str, Any] = {}
        if self._noise:
            if self._calls == len(self._noise):
                raise RuntimeError(
                    f"a network with noise of its own was called {self._calls + 1} times, "
                    f"but its round declares {self._calls} calls (Round.calls)"
                )
            options["noise"] = self._noise[self._calls]
            self._calls += 1
        if self._reference is not None:
            options["reference"] = self._reference
        if self._precision is None:
            return self._apply(inputs, options)
        # Without its cache, which would keep casts of one level of vmap or grad for another.
        with torch.autocast(inputs[0].device.type, self._precision, cache_enabled=False):
            return tree_map(Tensor.float, self._apply(inputs, options))

    def _apply(self, inputs: tuple[Tensor, ...], options: dict[str, Any]) -> Any:
        if self._params is None and self._view is None:
            return self.module(*inputs, **options)
        params = self.params if self._view is None else self._view(self.params)
        return functional_call(self.module, params, inputs, options)

    @property
    def params(self) -> Parameters:
        """Return the parameters by name."""
        return dict(self.module.named_parameters()) if self._params is None else self._params

    @property
    def stochastic(self) -> bool:
        """Return whether the module has declared noise of its own (dropout), so that calls are counted."""
        return bool(self._noise)

    def at(self, params: Parameters) -> Network:
        """Return the same network at other parameter values (Unrolled GAN, consensus optimisation)."""
        return self._with(params=params)

    def viewed(self, view: Callable[[Parameters], Parameters]) -> Network:
        """Return the same network with ``view`` applied to its parameters at every call."""
        return self._with(view=view)

    def beside(self, reference: Tensor) -> Network:
        """Return the same network with a reference batch for virtual batch normalisation."""
        return self._with(reference=reference)

    def knowing(self, batch: Tensor) -> Network:
        """Return the same network, with its outputs for this batch computed now and reused in later calls.

        Networks derived from it (other parameters, a view, a reference) do not reuse them.
        """
        network = self._with()
        network._known = (batch, self(batch))
        return network

    def again(self) -> Network:
        """Return the same network with its declared noise from the first call on."""
        network = self._with()
        network._known = self._known
        return network

    def leading(self, layers: int) -> Network:
        """Return the network of the first ``layers`` layers of a sequence (an autoencoder's encoder)."""
        part = self.module[:layers]  # type: ignore[index]
        params = self.params if self._view is None else self._view(self.params)
        return self._with(module=part, params={n: params[n] for n, _ in part.named_parameters()}, view=None)

    def _with(self, **changes: Any) -> Network:
        kept = {
            "module": self.module, "params": self._params, "noise": self._noise,
            "functional": self.functional, "view": self._view, "reference": self._reference,
            "precision": self._precision,
        }  # fmt: skip
        return Network(**{**kept, **changes})

    def input_gradient(self, points: Tensor, score: Score | None = None) -> Tensor:
        """Differentiate scores at ``points`` ``[batch, ...]``, per sample.

        Args:
            points: inputs.
            score: function of network and points; default: the network's outputs.

        Returns:
            A differentiable tensor of the shape of ``points``.
        """
        return gradient(
            lambda x: (score(self, x) if score else self(x)).sum(), points, functional=self.functional
        )


def gradient(function: Callable[[Tensor], Tensor], at: Tensor, *, functional: bool) -> Tensor:
    """Return the gradient of a scalar function of one tensor, itself differentiable."""
    if functional:
        value, pullback, *_ = torch.func.vjp(function, at)
        return pullback(torch.ones_like(value))[0]
    with torch.enable_grad():
        point = at if at.requires_grad else at.detach().requires_grad_()
        return torch.autograd.grad(function(point), point, create_graph=True)[0]


def parameter_gradient(
    function: Callable[[Parameters], Tensor], at: Parameters, *, functional: bool
) -> Parameters:
    """Return the gradient of a scalar function of a network's parameters, itself differentiable."""
    if functional:
        return torch.func.grad(function)(at)
    with torch.enable_grad():
        points = {k: p if p.requires_grad else p.detach().requires_grad_() for k, p in at.items()}
        grads = torch.autograd.grad(
            function(points), list(points.values()), create_graph=True, materialize_grads=True
        )
    return dict(zip(points, grads, strict=True))
