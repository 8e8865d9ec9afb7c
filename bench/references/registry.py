"""The list of reference rows, open to plug-ins: `@register("name", title=...)` on a function or a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.references.checks import (
    check_abilities,
    check_class,
    check_fields,
    check_function,
    check_rows,
)
from gan_bench.bench.references.declarations import Ask, Maker, Reference, Start
from gan_bench.names import Registry

if TYPE_CHECKING:
    from torch import Tensor

    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability


@dataclass(frozen=True)
class _Function:
    """A registered function as a maker: one ability, no state."""

    name: str
    make: Callable[[Ask], Tensor]
    abilities: Mapping[str, Ability]

    def __call__(self, ask: Ask) -> Restored:
        import torch

        from gan_bench.datasets.finite import Restored

        made = [self.make(ask) for _ in range(ask.draws)]
        for rows in made:
            check_rows(self.name, rows, torch.Tensor, ask.ability)
        return Restored(made[0] if ask.draws == 1 else torch.stack(made), 0)


REFERENCES: Registry[Reference] = Registry("reference row", refused=UsageError, unknown=UsageError)
Made = TypeVar("Made", bound=Callable[..., Any])


def register(
    name: str,
    *,
    ability: str = "sample",
    inputs: tuple[str, ...] = (),
    makes: str = "real",
    **given: Any,
) -> Callable[[Made], Made]:
    """Register a function `(Ask) -> Tensor`, or a class made from a `Start` that is a `Maker`.

    Args:
        name: unique name, as suites write it.
        ability, inputs, makes: of a function, the ability that it stands in for, and the fields that it
            reads and makes.
        given: the other fields of `Reference`.

    Raises:
        UsageError: the name is taken, or a field, the function or the class is not what it must be.
    """
    check_fields(name, given, [each.name for each in fields(Reference) if each.name not in ("name", "start")])

    def add(make: Made) -> Made:
        from_start: Callable[[Start], Maker] = make
        is_class = inspect.isclass(make)
        if is_class:
            stated = {"ability": ability != "sample", "inputs": bool(inputs), "makes": makes != "real"}
            check_class(name, make, [key for key, is_stated in stated.items() if is_stated])
        else:
            check_function(name, make, ability, inputs, makes)

        def start(at: Start) -> Maker:
            from gan_bench.variants.declarations import Ability

            if not is_class:
                return _Function(name, make, {ability: Ability(inputs, makes)})
            maker = from_start(at)
            check_abilities(name, getattr(maker, "abilities", None))
            return maker

        REFERENCES.add(name, Reference(name=name, start=start, **given), make)
        return make

    return add


def names() -> tuple[str, ...]:
    """Return the names of all reference rows, in order of registration."""
    return REFERENCES.names()


def info(name: str, where: str = "") -> Reference:
    """Return the reference row called `name`.

    Raises:
        UsageError: there is none; the message says `where` it was written, and the nearest name.
    """
    return REFERENCES.get(name, where)
