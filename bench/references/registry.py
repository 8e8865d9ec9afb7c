"""The list of reference rows, open to plug-ins: `@register("name", title=...)` on a function or a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gan_bench.bench.common.errors import UsageError
from gan_bench.names import Registry

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from gan_bench.bench.planning.trial import Trial
    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability

ALL_KINDS = ("scalar", "planar", "vectors", "images")


@dataclass(frozen=True)
class Ask:
    """A request to a reference row for samples or outputs.

    Attributes:
        dataset: the data that a trained game would imitate.
        ability: `sample`, or another ability that metrics ask a trained game for.
        count: number of rows to make; fewer may be made where finite data have no more.
        given: inputs of the ability by field, raw, `count` rows each; empty without inputs.
        generator: the row's own stream of random numbers, on the CPU.
        target: raw rows of the field to make that belong to the inputs; None where the data know none.
        draws: number of outputs for each input, with other noise.
    """

    dataset: Dataset
    ability: str
    count: int
    given: Mapping[str, Tensor]
    generator: torch.Generator
    target: Tensor | None = None
    draws: int = 1


class Maker(Protocol):
    """One draw of a reference row, in the place of a trained game."""

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return the abilities by name."""

    def __call__(self, ask: Ask) -> Restored:
        """Make raw rows, shape (count, *shape); (draws, count, *shape) for more than one draw.

        Rows that are not finite are counted and left out.
        """


@dataclass(frozen=True)
class Start:
    """Data, trial, draw and device that a maker is made from.

    Attributes:
        dataset: the data.
        trial: a planned trial on these data and networks, of the game with the most abilities.
        draw: number of the draw, from 0.
        device: where networks run.
    """

    dataset: Dataset
    trial: Trial
    draw: int
    device: str


@dataclass(frozen=True)
class Reference:
    """A row that is measured like a trained game and never ranked, so that a score can be read.

    Attributes:
        name: its name in the suite key `references`.
        start: gives the maker of one draw.
        title: name in tables.
        meaning: one sentence for readers: what it is, and how to read a score beside it.
        of_networks: whether it depends on the board's networks; else one row serves all of them.
        per: names of hyperparameters: there is a row for each combination of their values among the trials
            whose game has the ability `beside`. `title` holds the names in braces.
        beside: the ability of a game that the row stands beside, empty for every game.
        kinds: dataset kinds it is meant for.
        truth: fields of the dataset's truth that it needs.
        without: fields of the truth that make it meaningless.
        fits: a further condition on the dataset.
        draws: number of independent draws, 1 where it is deterministic.
        default: whether suites that name no reference rows have it.
        version: raised whenever it would make other rows.
    """

    name: str
    start: Callable[[Start], Maker] = field(repr=False, compare=False)
    title: str
    meaning: str
    of_networks: bool = False
    per: tuple[str, ...] = ()
    beside: str = ""
    kinds: tuple[str, ...] = ALL_KINDS
    truth: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fits: Callable[[Dataset], bool] = field(default=lambda _: True, repr=False, compare=False)
    draws: int = 1
    default: bool = True
    version: int = 1

    def applies(self, dataset: Dataset) -> bool:
        """Return whether this row is meant for such a dataset."""
        known = {name for name, value in vars(dataset.truth).items() if value is not None}
        fits = known.issuperset(self.truth) and known.isdisjoint(self.without)
        return dataset.kind in self.kinds and fits and self.fits(dataset)


@dataclass(frozen=True)
class _Function:
    """A registered function as a maker: one ability, no state."""

    make: Callable[[Ask], Tensor]
    abilities: Mapping[str, Ability]

    def __call__(self, ask: Ask) -> Restored:
        import torch

        from gan_bench.datasets.finite import Restored

        made = [self.make(ask) for _ in range(ask.draws)]
        return Restored(made[0] if ask.draws == 1 else torch.stack(made), 0)


REFERENCES: Registry[Reference] = Registry("reference row", refused=UsageError, unknown=UsageError)
Made = TypeVar("Made", bound=Callable[..., Any])


def register(
    name: str,
    *,
    ability: str = "sample",
    inputs: tuple[str, ...] = (),
    makes: str = "real",
    **fields: Any,
) -> Callable[[Made], Made]:
    """Register a function `(Ask) -> Tensor`, or a class made from a `Start` that is a `Maker`.

    Args:
        name: unique name, as suites write it.
        ability, inputs, makes: of a function, the ability that it stands in for, and the fields that it
            reads and makes.
        fields: the other fields of `Reference`.

    Raises:
        UsageError: the name is taken.
    """

    def add(make: Made) -> Made:
        start: Callable[[Start], Maker] = make
        if not inspect.isclass(make):

            def start(_: Start) -> Maker:
                from gan_bench.variants.declarations import Ability

                return _Function(make, {ability: Ability(inputs, makes)})

        REFERENCES.add(name, Reference(name=name, start=start, **fields), make)
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
