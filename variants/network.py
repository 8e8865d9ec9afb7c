"""Networks as values: a module with the parameters of its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._pytree import tree_map

from gan_bench.variants.supplies import Supply, of_layers, opened

Parameters = dict[str, Tensor]
Score = Callable[..., Tensor]
"""Network, inputs -> scores."""


class Network:
    """A network inside a pure loss: callable, with its parameters as a value.

    Derivatives are computed in one of two ways, which a loss need not know. In a pack the parameters are
    explicit values and derivatives go through ``torch.func``, as ``torch.autograd.grad`` does not work
    inside ``vmap``; a solo run calls the module itself and uses plain autograd, which is a fifth faster.

    Args:
        module: the skeleton, or in a solo run the live module.
        params: parameter name -> tensor; ``None`` calls the module with its own.
        noise: tensors for the module's own declared noise, one mapping per call in order; ``None``: it has
            no such noise, or is evaluated without.
        functional: whether derivatives go through ``torch.func``.
        view: function applied to the parameters at every call (spectral normalisation), not to ``params``.
        reference: the reference batch of virtual batch normalisation, one tensor per input.
        precision: type of matrix products and convolutions (autocast); ``None``: that of the parameters.
            Outputs are float32, so that losses and penalties are not rounded further.
        method: name of the module's method that is called; empty: the module itself.
    """

    __slots__ = (
        "_called", "_calls", "_known", "_method", "_noise", "_params", "_precision", "_reference", "_view",
        "functional", "module",
    )  # fmt: skip

    def __init__(
        self,
        module: nn.Module,
        params: Parameters | None = None,
        *,
        noise: Sequence[Mapping[str, Tensor]] | None = None,
        functional: bool = False,
        view: Callable[[Parameters], Parameters] | None = None,
        reference: tuple[Tensor, ...] = (),
        precision: torch.dtype | None = None,
        method: str = "",
    ) -> None:
        self.module = module
        self.functional = functional
        self._params = params
        self._noise = noise
        self._view = view
        self._reference = reference
        self._precision = precision
        self._method = method
        self._called = _Method(module, method) if method else module
        self._calls = 0
        self._known: list[tuple[tuple[Tensor, ...], Any]] | None = None

    def __call__(self, *inputs: Tensor) -> Any:
        """Apply the network to batches; each call takes the next share of the module's declared noise."""
        draws: Mapping[str, Tensor] = {}
        if self._noise is not None:
            if self._calls == len(self._noise):
                raise RuntimeError(
                    f"a network with noise of its own was called {self._calls + 1} times, but {self._calls} "
                    "times when the game was rehearsed; a loss must call it equally often each time"
                )
            draws = self._noise[self._calls]
            self._calls += 1
        if self._known is None:
            return self._calculated(inputs, draws)
        for given, output in self._known:
            if _same(inputs, given):
                return output
        self._known.append((inputs, self._calculated(inputs, draws)))
        return self._known[-1][1]

    def _calculated(self, inputs: tuple[Tensor, ...], draws: Mapping[str, Tensor]) -> Any:
        if self._precision is None:
            return self._supplied(inputs, draws)
        # Without its cache, which would keep casts of one level of vmap or grad for another.
        with torch.autocast(inputs[0].device.type, self._precision, cache_enabled=False):
            return tree_map(Tensor.float, self._supplied(inputs, draws))

    def _supplied(self, inputs: tuple[Tensor, ...], draws: Mapping[str, Tensor]) -> Any:
        """Apply the network where its layers find their noise, and the statistics of the reference."""
        if not draws and not self._reference:
            return self._apply(inputs)
        statistics: dict[nn.Module, Any] = {}
        if self._reference:
            with opened(Supply({}, statistics, of_reference=True)):
                self._apply(self._reference)
        with opened(Supply(of_layers(self.module, draws), statistics)):
            return self._apply(inputs)

    def _apply(self, inputs: tuple[Tensor, ...]) -> Any:
        if self._params is None and self._view is None:
            return self._in_usual_order(self._called(*inputs))
        params = self.params if self._view is None else self._view(self.params)
        if self._method:
            params = {f"module.{name}": tensor for name, tensor in params.items()}
        return self._in_usual_order(functional_call(self._called, params, inputs))

    def _in_usual_order(self, outputs: Any) -> Any:
        """Return outputs of a live module whose kernels have their channels last as contiguous tensors."""
        if self.functional or not getattr(self.module, "channels_last", False):
            return outputs
        return tree_map(Tensor.contiguous, outputs)

    @property
    def params(self) -> Parameters:
        """Return the parameters by name."""
        return dict(self.module.named_parameters()) if self._params is None else self._params

    @property
    def stochastic(self) -> bool:
        """Return whether the module has declared noise of its own (dropout), so that calls are counted."""
        return self._noise is not None

    def at(self, params: Parameters) -> Network:
        """Return the same network at other parameter values (Unrolled GAN, consensus optimisation)."""
        return self._with(params=params)

    def viewed(self, view: Callable[[Parameters], Parameters]) -> Network:
        """Return the same network with ``view`` applied to its parameters at every call."""
        return self._with(view=view)

    def beside(self, *reference: Tensor) -> Network:
        """Return the same network with a reference for virtual batch normalisation, one batch per input."""
        return self._with(reference=reference)

    def remembering(self) -> Network:
        """Return the same network, which returns the output of an earlier call for the same tensors.

        :meth:`again` keeps the outputs; networks derived in other ways (other parameters, a view, a
        reference) do not have them. A repeated call takes its share of declared noise and does not use it.
        """
        network = self._with()
        network._known = []
        return network

    def again(self) -> Network:
        """Return the same network with its declared noise from the first call on."""
        network = self._with()
        network._known = self._known
        return network

    def calling(self, method: str) -> Network:
        """Return the network of another method of the module, such as an autoencoder's ``encode``.

        Raises:
            AttributeError: if the module has no such method.
        """
        if not callable(getattr(self.module, method)):
            raise AttributeError(f"{type(self.module).__name__}.{method} is no method")
        return self._with(method=method)

    def _with(self, **changes: Any) -> Network:
        kept = {
            "module": self.module, "params": self._params, "noise": self._noise,
            "functional": self.functional, "view": self._view, "reference": self._reference,
            "precision": self._precision, "method": self._method,
        }  # fmt: skip
        return Network(**{**kept, **changes})

    @overload
    def input_gradient(self, points: Tensor, score: Score | None = None) -> Tensor: ...

    @overload
    def input_gradient(
        self, points: tuple[Tensor, ...], score: Score | None = None
    ) -> tuple[Tensor, ...]: ...

    def input_gradient(
        self, points: Tensor | tuple[Tensor, ...], score: Score | None = None
    ) -> Tensor | tuple[Tensor, ...]:
        """Differentiate scores at ``points`` ``[batch, ...]``, per sample.

        Args:
            points: the input, or all inputs as a tuple.
            score: function of network and points; default: the network's outputs.

        Returns:
            A differentiable tensor of the shape of the input; of a tuple, one such tensor for every input of
            floating type, in their order (labels have no gradient).
        """
        inputs = points if isinstance(points, tuple) else (points,)
        moving = [point for point in inputs if point.is_floating_point()]

        def total(*moved: Tensor) -> Tensor:
            parts = iter(moved)
            all_inputs = [next(parts) if point.is_floating_point() else point for point in inputs]
            return (score(self, *all_inputs) if score else self(*all_inputs)).sum()

        slopes = gradients(total, moving, functional=self.functional)
        return slopes if isinstance(points, tuple) else slopes[0]


class _Method(nn.Module):
    """A method of a module as a module, which `functional_call` can call."""

    def __init__(self, module: nn.Module, name: str) -> None:
        super().__init__()
        self.module, self.name = module, name

    def forward(self, *inputs: Tensor) -> Any:
        return getattr(self.module, self.name)(*inputs)


def _same(inputs: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    """Return whether two sequences hold the same tensor objects."""
    return len(inputs) == len(others) and all(a is b for a, b in zip(inputs, others, strict=True))


def gradients(
    function: Callable[..., Tensor], at: Sequence[Tensor], *, functional: bool
) -> tuple[Tensor, ...]:
    """Return the gradients of a scalar function of tensors, themselves differentiable."""
    if functional:
        value, pullback, *_ = torch.func.vjp(function, *at)
        return pullback(torch.ones_like(value))
    with torch.enable_grad():
        points = [p if p.requires_grad else p.detach().requires_grad_() for p in at]
        return torch.autograd.grad(function(*points), points, create_graph=True, materialize_grads=True)


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
