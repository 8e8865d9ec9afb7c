"""A fault that the gate must detect, as a plug-in: Adam uses beta2 = 0.5 in place of the trial's."""

from __future__ import annotations

from types import SimpleNamespace

from torch import Tensor

from gan_bench.bench.engine.optimisers import Adam, Coefficient

_step = Adam.step


def _with_another_beta2(self: Adam, grads: list[Tensor], lr: Coefficient, hp: SimpleNamespace) -> None:
    _step(self, grads, lr, SimpleNamespace(**{**vars(hp), "beta2": 0.5}))


Adam.step = _with_another_beta2  # type: ignore[method-assign]
