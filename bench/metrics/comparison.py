"""One output of an ability beside the rows that it is compared with, measured by one metric after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from torch import Tensor

from gan_bench.bench.metrics.base import Measurement, Metric, Split, Undefined, When, measured
from gan_bench.bench.metrics.extractors import Extractor, Outputs
from gan_bench.bench.metrics.outputs import Output, Query, answer, query_of, training_query
from gan_bench.bench.metrics.pairing import training_source
from gan_bench.bench.metrics.protocol import full_name_of
from gan_bench.bench.metrics.reals import Reals
from gan_bench.bench.metrics.samples import Samples


class Comparison:
    """Made, given and target rows of one output, each prepared once for all metrics.

    Args:
        output: what was made.
        reals: reference rows of the dataset.
        counts: number of rows for each `when` of a metric.
        reads: further fields that metrics read, see `Metric.reads`.
    """

    def __init__(
        self, output: Output, reals: Reals, counts: Mapping[When, int], reads: Iterable[str] = ()
    ) -> None:
        self.output, self.query, self.dataset = output, output.query, reals.dataset
        self._reals, self._counts, self._reads = reals, counts, tuple(reads)
        self._made: dict[tuple[Extractor | None, int | None], Samples] = {}
        self._paired: dict[tuple[Extractor | None, int], Samples] = {}
        self._others: dict[tuple[Any, ...], Samples] = {}

    def measure(
        self, metric: Metric, extractor: Extractor | None, split: Split, *, final: bool
    ) -> Measurement:
        """Return the measurement of a metric of the output's ability."""
        target = partial(self.target, metric, extractor, split)

        def compute() -> float:
            if self.output.undefined:
                raise Undefined(self.output.undefined)
            made = self.made(extractor, self._counts[metric.when])
            draws, broken = made.draws[: metric.draws], self.output.broken
            if bad := broken + sum(draw.broken for draw in draws):
                raise Undefined(f"{bad} of {broken + sum(map(len, draws))} samples are not finite")
            self._check_extractor(extractor)
            if missing := [field for field in metric.reads if field not in made.given]:
                raise Undefined(self._unpaired(missing[0]))
            self._also(metric, extractor, made)
            return metric.compute(made, target(), self.dataset.truth)

        return measured(
            metric,
            full_name_of(metric, extractor),
            compute,
            split,
            final=final,
            target=metric.target_of(target, self.dataset.truth),
            samples=min(self.output.count, self._counts[metric.when]),
        )

    def made(self, extractor: Extractor | None, count: int) -> Samples:
        """Return the first `count` rows of the first draw, which know their inputs and the other draws."""
        if (extractor, None) not in self._made:
            self._made[extractor, None] = self._whole(extractor)
        if (extractor, count) not in self._made:
            self._made[extractor, count] = self._made[extractor, None].first(count)
        return self._made[extractor, count]

    def _also(self, metric: Metric, extractor: Extractor | None, made: Samples) -> None:
        """Have the outputs made that a metric compares with these, and attach them to `made`."""
        made.beside = {name: self._beside(name, extractor, len(made)) for name in metric.beside}
        if metric.training:
            inputs = self.query.abilities[self.query.name].inputs
            count = min(metric.training, len(training_source(self.dataset, (*inputs, *metric.reads))))
            key = ("training", extractor, count, metric.reads)
            if key not in self._others:
                query = training_query(self.query, self.dataset, count, metric.reads)
                given = {f: rows for f in metric.reads if (rows := query.paired(f)) is not None}
                self._others[key] = self._made_by(query, extractor).made_from({**query.given, **given})
            made.training = self._others[key]

    def _beside(self, name: str, extractor: Extractor | None, count: int) -> Samples:
        key = (name, extractor, count)
        if key not in self._others:
            split = self.query.split or "test"
            query = query_of(name, self.query.abilities, self.dataset, count, split)
            self._others[key] = self._made_by(query, extractor)
        return self._others[key]

    def _made_by(self, query: Query, extractor: Extractor | None) -> Samples:
        if self.output.make is None:
            raise Undefined(f"{query.name} was not asked of a game")
        output = answer(query, self.output.make)
        if output.broken:
            raise Undefined(f"{output.broken} of {output.count} rows of {query.name} are not finite")
        return Samples(output.rows, self.dataset, extractor, field=query.makes, device=self._reals.device)

    def _whole(self, extractor: Extractor | None) -> Samples:
        draws = [self.output.rows] if self.query.draws == 1 or self.output.broken else self.output.rows
        known = None if extractor is None else self.output.known.get(extractor)
        first, *others = (self._samples(rows, extractor, known) for rows in draws)
        # Rows that are left because others are broken no longer belong to the inputs.
        return first.made_from({} if self.output.broken else self._given, others)

    @cached_property
    def _given(self) -> dict[str, Tensor]:
        """The inputs, and the further fields that belong to them."""
        further = {f: self.query.paired(f) for f in self._reads if f not in self.query.given}
        return {**self.query.given, **{f: rows for f, rows in further.items() if rows is not None}}

    def target(self, metric: Metric, extractor: Extractor | None, split: Split) -> Samples | None:
        """Return the rows that a metric compares the output with; None for codes.

        Raises:
            Undefined: for a paired metric, if the data pair nothing with the inputs.
        """
        field, count = self.query.makes, self._counts[metric.when]
        if metric.paired:
            if (extractor, count) not in self._paired:
                self._paired[extractor, count] = self._aligned(extractor, count)
            return self._paired[extractor, count]
        return self._reals.samples(extractor, split, metric.when, metric.seen, field) if field else None

    def _aligned(self, extractor: Extractor | None, count: int) -> Samples:
        rows = self.query.paired(self.query.makes) if self.query.makes else None
        if rows is None:
            raise Undefined(self._unpaired(self.query.makes or "code"))
        return self._samples(rows[:count], extractor)

    def _samples(self, rows: Tensor, extractor: Extractor | None, known: Outputs | None = None) -> Samples:
        device = self._reals.device
        return Samples(rows, self.dataset, extractor, known, field=self.query.makes, device=device)

    def _unpaired(self, field: str) -> str:
        return f"{self.dataset.name} pairs no {field} with {' and '.join(self.query.given) or 'no input'}"

    def _check_extractor(self, extractor: Extractor | None) -> None:
        """Raise Undefined where the dataset's own extractor does not read images of the field's shape."""
        field = self.query.makes
        if extractor is None or field in ("", "real") or extractor.suffix != self.dataset.extractor:
            return
        reads, shape = self.dataset.shape, self.dataset.spaces[field].shape
        if shape != reads:
            sizes = ["x".join(map(str, size)) for size in (reads, shape)]
            raise Undefined(f"extractor {extractor.suffix} reads {sizes[0]}, {field} has {sizes[1]}")
