"""Declaration of a reference row, and what its maker is made from and asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gan_bench.bench.references.checks import ALL_KINDS

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from gan_bench.bench.planning.trial import Trial
    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability


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
        draws: number of independent draws, 1 where it is deterministic; fewer where a board has fewer seeds.
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
