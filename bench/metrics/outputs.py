"""Outputs of a trained game's abilities, and the queries that ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor

from gan_bench.bench.metrics.base import Split
from gan_bench.bench.metrics.pairing import paired, training_rows
from gan_bench.datasets.base import Dataset
from gan_bench.datasets.finite import Restored

if TYPE_CHECKING:
    from gan_bench.bench.metrics.extractors import Extractor, Outputs
    from gan_bench.variants.declarations import Ability


@dataclass(frozen=True)
class Query:
    """One use of an ability.

    Attributes:
        name: of the ability.
        makes: the field that it makes; empty for codes and other outputs that are no field of the data.
        count: number of rows to make.
        draws: times that every input is used, each with other noise.
        given: raw inputs by field, `count` rows each; empty for an ability without inputs.
        split: the split of the inputs; None without inputs.
        abilities: what the game can do, for metrics of several abilities.
        paired: gives the raw rows of a field that belong to the inputs, see `bench.metrics.pairing`; None
            where the data pair none.
    """

    name: str
    makes: str
    count: int
    draws: int = 1
    given: Mapping[str, Tensor] = field(default_factory=dict)
    split: Split | None = None
    abilities: Mapping[str, Ability] = field(default_factory=dict, compare=False)
    paired: Callable[[str], Tensor | None] = field(default=lambda _: None, compare=False)


Make = Callable[[Query], Restored]
"""A trained game, or a reference row in its place: raw rows `(count, *shape)`, `(draws, count, *shape)` for
more than one draw; only the finite rows where some are not."""


@dataclass(frozen=True)
class Output:
    """Rows that were made in answer to a query.

    Attributes:
        query: the query; its count may be larger than the number of rows.
        rows: as `Make` returns them.
        broken: number of rows without a raw value because they were not finite. With any, every metric is
            undefined.
        make: answers further queries, of metrics that compare several outputs; None for rows from elsewhere.
        known: features and logits of the rows by extractor, where they were extracted ahead.
        undefined: the reason why there are no rows, empty where there are. With one, every metric has it.
    """

    query: Query
    rows: Tensor
    broken: int = 0
    make: Make | None = field(default=None, compare=False)
    known: Mapping[Extractor, Outputs] = field(default_factory=dict, compare=False)
    undefined: str = ""

    @property
    def count(self) -> int:
        """Return the number of rows of one draw; the number asked for where there are none."""
        if self.undefined:
            return self.query.count
        if self.broken:
            return (len(self.rows) + self.broken) // self.query.draws
        return self.rows.shape[1] if self.query.draws > 1 else len(self.rows)

    @property
    def first(self) -> Tensor:
        """Return the rows of the first draw."""
        return self.rows[0] if self.query.draws > 1 and not self.broken else self.rows


def answer(query: Query, make: Make) -> Output:
    """Return what is made in answer to a query."""
    made = make(query)
    return Output(query, made.rows, made.broken, make)


def of_samples(rows: Tensor, broken: int = 0) -> Output:
    """Return generated samples as the output of the ability `sample` without inputs."""
    return Output(Query("sample", "real", len(rows) + broken), rows, broken)


def queries(
    name: str, abilities: Mapping[str, Ability], dataset: Dataset, count: int, draws: int = 1
) -> Iterator[Query]:
    """Yield the queries of one ability: one for each split of its inputs, or a single one without inputs.

    Args:
        name: of the ability.
        abilities: of the game, by name: what they read and make.
        dataset: gives the inputs. A finite split may have fewer rows than `count`, which is then cut.
        count, draws: as in `Query`.
    """
    splits: tuple[Split, ...] = ("validation", "test")
    for split in splits if abilities[name].inputs else splits[-1:]:
        yield query_of(name, abilities, dataset, count, split, draws)


def query_of(
    name: str, abilities: Mapping[str, Ability], dataset: Dataset, count: int, split: Split, draws: int = 1
) -> Query:
    """Return the query of one ability, with inputs of one split if it has any; arguments as of `queries`."""
    ability = abilities[name]
    if not ability.inputs:
        return Query(name, ability.makes, count, draws, abilities=abilities)
    given = dataset.given(ability.inputs, split, count)
    rows = min(map(len, given.values()))
    given = {field: raw[:rows] for field, raw in given.items()}

    def beside(field: str) -> Tensor | None:
        return paired(dataset, field, given, split)

    return Query(name, ability.makes, rows, draws, given, split, abilities, beside)


def training_query(query: Query, dataset: Dataset, count: int, reads: tuple[str, ...]) -> Query:
    """Return the query of the same ability with training rows, evenly spread over the split.

    Args:
        query: one with inputs.
        dataset: gives the rows.
        count: number of rows at most.
        reads: further fields that belong to the inputs.

    Raises:
        Undefined: if no stream of the dataset has all of these fields.
    """
    inputs = query.abilities[query.name].inputs
    given = training_rows(dataset, (*inputs, *reads), count)
    of_inputs = {field: given[field] for field in inputs}
    rows = len(next(iter(given.values())))
    return Query(query.name, query.makes, rows, given=of_inputs, abilities=query.abilities, paired=given.get)
