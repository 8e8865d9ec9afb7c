"""Hyperparameters: what a variant declares, and how settings are resolved and refused."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from gan_bench.errors import UserError
from gan_bench.names import suggestion
from gan_bench.variants.schedules import Schedule

LARGEST, SMALLEST = (2 - 2.0**-23) * 2.0**127, 2.0**-149
"""Sizes of numbers that 32-bit floats hold, beside 0."""
ZERO, INFINITE = SMALLEST / 2, LARGEST + 2.0**103
"""Sizes that 32-bit floats round to 0 and to infinity; between them a number is held, maybe rounded."""
MOST = 2**63 - 1
"""The largest whole number that tensors hold."""

Value = float | int | str | bool | dict | list


def number(value: Any) -> Any:
    """Return the number that a text stands for in Python (`1e-4`, `.5`, `+3`, `1_000`, `0x10`, `inf`).

    Return anything else as it is, and also a text that is no number.
    """
    if isinstance(value, str):
        for read in (int, lambda text: int(text, 0), float):
            try:
                return read(value)
            except ValueError:
                continue
    return value


def whole(value: Any) -> Any:
    """Return the int that a value or text stands for (3, 3.0, `3`, `3e0`); return anything else as it is."""
    value = number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


class HyperparameterError(UserError, ValueError):
    """An unknown name or an impossible value; the message says what would be valid."""


@dataclass(frozen=True)
class Hyperparameter:
    """One declared hyperparameter.

    ``continuous`` ones may differ between the replicas of a pack and may follow a schedule; ``structural``
    ones (integers, choices, flags, factors of draws) change shapes, loop counts or draws and split packs.
    Options of architecture families are declared in the same way; they are structural, and may be lists.

    Attributes:
        default: the value when neither profile nor user gives one; ``None`` takes the value of ``inherits``.
            Its type is that of the values: a boolean, a number, a text, or a list of whole numbers.
        kind: ``continuous`` or ``structural``.
        doc: one line with unit and source.
        low, high: the closed range of numbers, also of those in a list (``high`` open if ``open_high``,
            ``low`` open if ``open_low``).
        choices: the valid values of a choice; without them, a text default admits any text.
        inherits: the hyperparameter whose value replaces a ``None`` default.
        implied: trials leave it out of their settings while it has its default. For hyperparameters that are
            declared after results were stored: the keys and records of those results stay valid.
    """

    default: Any
    kind: Literal["continuous", "structural"] = "continuous"
    doc: str = ""
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()
    inherits: str | None = None
    implied: bool = False

    @property
    def real(self) -> bool:
        """Return whether the values are real numbers, not only whole ones."""
        return self.kind == "continuous" or isinstance(self.default, float)

    def check(self, name: str, value: Any) -> Value:
        """Return ``value`` as a plain JSON value, or raise :class:`HyperparameterError`."""
        if isinstance(value, Mapping):
            return self._check_schedule(name, value)
        if isinstance(self.default, (list, tuple)):
            return self._check_list(name, value)
        if self.choices:
            if value not in self.choices:
                raise HyperparameterError(
                    f"{name} = {value!r}: unknown choice; {suggestion(value, self.choices)}"
                )
            return value
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise HyperparameterError(f"{name} = {value!r}: true or false expected")
            return value
        if isinstance(self.default, str):
            if not isinstance(value, str):
                raise HyperparameterError(f"{name} = {value!r}: a text expected")
            return value
        value = number(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise HyperparameterError(f"{name} = {value!r}: a number expected")
        if abs(value) > sys.float_info.max:  # also a whole number that no float holds
            value = math.inf if value > 0 else -math.inf
        if self.real:
            value = float(value)
        self._check_range(name, value)
        if not self.real and value != int(value):
            raise HyperparameterError(
                f"{name} = {value!r}: a whole number expected (nearest: {round(value)})"
            )
        return value if self.real else int(value)

    def _check_range(self, name: str, value: float) -> None:
        low, high = self.low, self.high
        below = low is not None and (value < low or (self.open_low and value == low))
        above = high is not None and (value > high or (self.open_high and value == high))
        if below or above or value != value or value in (float("inf"), float("-inf")):
            left = "-inf" if low is None else f"{low:g}"
            right = "inf" if high is None else f"{high:g}"
            interval = f"{'(' if self.open_low else '['}{left}, {right}{')' if self.open_high else ']'}"
            bound = f" (nearest bound: {low if below else high:g})" if below or above else ""
            raise HyperparameterError(f"{name} = {value!r}: outside {interval}{bound}")
        if self.real and value and not ZERO < abs(value) < INFINITE:
            raise HyperparameterError(
                f"{name} = {value!r}: 32-bit floats, with which networks are trained, hold no such number; "
                f"expected 0 or a size from {SMALLEST:.2g} to {LARGEST:.2g}"
            )
        if not self.real and abs(value) > MOST:
            raise HyperparameterError(f"{name} = {value!r}: too large; expected at most {MOST:,}")

    def _check_list(self, name: str, value: Any) -> list[int]:
        if not isinstance(value, (list, tuple)):
            raise HyperparameterError(f"{name} = {value!r}: a list of whole numbers expected")
        item = replace(self, default=1)
        return [int(item.check(f"{name}[{place}]", each)) for place, each in enumerate(value)]  # type: ignore

    def _check_schedule(self, name: str, value: Mapping) -> dict:
        if self.kind != "continuous":
            raise HyperparameterError(f"{name} is structural and cannot follow a schedule")
        try:
            schedule = Schedule.parse(value)
        except (TypeError, ValueError) as error:
            raise HyperparameterError(f"{name}: {error}") from None
        reachable = replace(self, open_low=False)  # a rate may decay to 0, though it cannot be 0 throughout
        for end in (schedule.start, schedule.end):
            reachable._check_range(name, end)
        return schedule.to_dict()


def resolve(
    declared: Mapping[str, Hyperparameter], *layers: Mapping[str, Any], owner: str = "this variant"
) -> dict[str, Value]:
    """Return every hyperparameter with its final value: settings over declared defaults.

    Args:
        declared: name -> declaration.
        layers: settings in rising precedence (a profile, a suite's, the user's). A setting also overrides
            settings of lower layers that inherit from it: the user's ``lr`` a profile's ``critic_lr``.
        owner: the variant that declares them, for messages.

    Returns:
        All hyperparameters in the order of declaration, as plain JSON values.

    Raises:
        HyperparameterError: for an unknown name or a value outside its range.
    """
    given: dict[str, Any] = {}
    for layer in layers:
        for name in layer:
            if name not in declared:
                raise HyperparameterError(
                    f"{owner} has no hyperparameter {name!r}; {suggestion(name, declared)}"
                )
        given = {**without(declared, given, layer), **layer}
    values = completed(declared, given)
    return {name: declared[name].check(f"{owner}.{name}", value) for name, value in values.items()}


def without(
    declared: Mapping[str, Hyperparameter], settings: Mapping[str, Any], settled: Iterable[str]
) -> dict[str, Any]:
    """Return the settings less those that are settled elsewhere, by name or by what they inherit from."""
    names = set(settled)
    return {n: v for n, v in settings.items() if not names & {n, declared[n].inherits}}


def completed(declared: Mapping[str, Hyperparameter], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for every declared hyperparameter: its setting, what it inherits, or its default."""
    values: dict[str, Any] = {}
    for name, hyperparameter in declared.items():
        value = settings.get(name, hyperparameter.default)
        inherits = hyperparameter.inherits if value is None else None
        values[name] = value if inherits is None else values[inherits]
    return values


def stated(declared: Mapping[str, Hyperparameter], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as trials keep them: without implied ones at their default. Undone by `completed`."""
    return {n: v for n, v in settings.items() if not declared[n].implied or v != declared[n].default}


def continuous(declared: Mapping[str, Hyperparameter]) -> set[str]:
    """Return the names of the hyperparameters that may differ between the replicas of a pack."""
    return {name for name, hyperparameter in declared.items() if hyperparameter.kind == "continuous"}


def optimiser_hyperparameters(*players: str) -> dict[str, Hyperparameter]:
    """Declare the optimisers of ``players``: one common setting each, and a learning rate per player."""
    table = {
        "optimiser": Hyperparameter("adam", "structural", "update rule", choices=("adam", "rmsprop", "sgd")),
        "lr": Hyperparameter(2e-4, doc="learning rate of every player", low=0.0, open_low=True),
        "beta1": Hyperparameter(0.5, doc="Adam's first decay rate", low=0.0, high=1.0, open_high=True),
        "beta2": Hyperparameter(0.999, doc="Adam's second decay rate", low=0.0, high=1.0, open_high=True),
        "decay": Hyperparameter(0.99, doc="RMSProp's decay rate", low=0.0, high=1.0, open_high=True),
        "momentum": Hyperparameter(0.0, doc="SGD's momentum", low=0.0, high=1.0, open_high=True),
        "epsilon": Hyperparameter(1e-8, doc="added to Adam's and RMSProp's denominators", low=0.0),
        "weight_decay": Hyperparameter(
            0.0, doc="times each weight: added to its gradient, before the update rule", low=0.0, implied=True
        ),
    }
    for player in players:
        table[f"{player}_optimiser"] = Hyperparameter(
            None, "structural", f"update rule of the {player}",
            choices=("adam", "rmsprop", "sgd"), inherits="optimiser",
        )  # fmt: skip
        table[f"{player}_lr"] = Hyperparameter(
            None, doc=f"learning rate of the {player}", low=0.0, open_low=True, inherits="lr"
        )
    return table
