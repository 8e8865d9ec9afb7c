"""Reference rows: the choice of those that a run needs, and their measurement."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.files import now
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import Evaluators, protocol_of
from gan_bench.bench.planning.suite import Suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references.checks import check_rows
from gan_bench.bench.references.declarations import Ask, Reference, Start
from gan_bench.bench.references.registry import info, names
from gan_bench.bench.results.reference_row import ReferenceRow
from gan_bench.bench.results.rows import Row, row_of
from gan_bench.bench.results.store import Store

if TYPE_CHECKING:
    from gan_bench.bench.metrics.outputs import Query


@dataclass(frozen=True)
class Wanted:
    """A reference row on the data and networks of a trial, whose board has so many seeds (None: enough)."""

    reference: Reference
    trial: Trial
    seeds: int | None = None

    @property
    def draws(self) -> int:
        """The reference's number of draws, or that of the board's seeds where these are fewer.

        At one seed, three draws of untrained networks would take longer than training.
        """
        return self.reference.draws if self.seeds is None else min(self.reference.draws, self.seeds)

    @property
    def network(self) -> str | None:
        """The networks that it belongs to, as a hash; None where it belongs to all."""
        return keys.digest(self.trial.network) if self.reference.of_networks else None

    @property
    def values(self) -> dict[str, Any]:
        """The values of the trial's hyperparameters that the row is of, by name."""
        game = catalogue.variant(self.trial.variant).game
        return {
            name: self.trial.hyperparameters.get(name, game.hyperparameters[name].default)
            for name in self.reference.per
        }

    @property
    def name(self) -> str:
        """The reference's name, with the values that the row is of: `pca(latent_dim=8)`."""
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.reference.name}({values})" if values else self.reference.name

    @property
    def fits(self) -> bool:
        """Return True if the trial's game has the ability that the row stands beside, and its settings."""
        game = catalogue.variant(self.trial.variant).game
        able = not self.reference.beside or self.reference.beside in game.abilities()
        return able and game.hyperparameters.keys() >= {*self.reference.per}

    def key(self, protocol: Mapping[str, Any]) -> str:
        """Return the key of this row measured under `protocol`."""
        of_networks = ("variant", "network", "hyperparameters", "dtype", "versions")
        spec = self.trial.spec() if self.reference.of_networks else {}
        identity = {"name": self.name, "version": self.reference.version}
        identity |= {"data": self.trial.content_hash, "draws": self.draws}
        identity |= {name: spec[name] for name in of_networks if name in spec}
        return keys.digest({"key": "reference", "protocol": protocol, **identity})

    def measure(self, dataset: Any, evaluator: Any, device: str) -> ReferenceRow:
        """Make the rows of every draw and measure them as a trained game's are at the end.

        Where the maker raises `Undefined`, every metric of the ability has its reason in place of a value.
        """
        started = time.perf_counter()
        rows: list[Mapping[str, Any]] = [
            row
            for draw in range(self.draws)
            for row in self._draw(Start(dataset, self.trial, draw, device), evaluator)
        ]
        protocol = protocol_of(evaluator)
        return ReferenceRow(
            key=self.key(protocol),
            name=self.name,
            title=self.reference.title.format(**self.values),
            meaning=self.reference.meaning,
            content_hash=self.trial.content_hash,
            network=self.network,
            protocol=protocol,
            rows=rows,
            seconds=time.perf_counter() - started,
            created=now(),
        )

    def _draw(self, start: Start, evaluator: Any) -> Iterable[Row]:
        import torch

        from gan_bench.bench.engine.streams import stream
        from gan_bench.bench.metrics.base import Undefined
        from gan_bench.bench.metrics.outputs import Output, answer
        from gan_bench.datasets.finite import Restored

        dataset, maker = start.dataset, self.reference.start(start)
        generator = stream("reference", self.name, dataset.name, str(start.draw))

        def make(query: Query) -> Restored:
            target = query.paired(query.makes) if query.makes else None
            ask = Ask(dataset, query.name, query.count, query.given, generator, target, query.draws)
            made = maker(ask)
            check_rows(self.reference.name, made, Restored, query.name)
            return made

        def answered(query: Query) -> Output:
            try:
                return answer(query, make)
            except Undefined as reason:
                return Output(query, torch.empty(0), make=make, undefined=str(reason))

        for query in evaluator.queries(maker.abilities):
            for measured in evaluator.measure(answered(query), final=True):
                yield row_of(measured, when="final", draw=start.draw)


def wanted_rows(suite: Suite, trials: Iterable[Trial], load: Callable[[str], Any]) -> list[Wanted]:
    """Return the reference rows that the trials of a suite and of those that it includes need, each once.

    A suite names them (`references`), or has all that are meant for its data by default.

    Raises:
        UsageError: for a name that is not known, or a row that is meant for none of the suite's data.
    """
    found: dict[str, Wanted] = {}
    seeds: dict[str, set[int]] = defaultdict(set)
    trials = list(trials)
    for part in suite.parts or [suite]:
        mine = [trial for trial in trials if trial.suite == part.name]
        for reference in _references(part):
            fitting = [trial for trial in mine if reference.applies(load(trial.dataset))]
            if mine and not fitting and part.references is not None:
                raise UsageError(
                    f"{_where(part)}: {reference.name!r} is meant for none of the datasets "
                    f"{', '.join(dict.fromkeys(trial.dataset for trial in mine))}"
                )
            for trial in fitting:
                row = Wanted(reference, trial)
                if not row.fits:
                    continue
                measuring = (trial.data_name, *trial.measuring)
                place = keys.digest([row.name, trial.content_hash, row.network, measuring])
                seeds[place].add(trial.seed)
                if place not in found or (reference.of_networks and _can(trial) > _can(found[place].trial)):
                    found[place] = row
    return [replace(row, seeds=len(seeds[place])) for place, row in found.items()]


def measure_missing(
    wanted: Iterable[Wanted], store: Store, evaluators: Evaluators, notice: Callable[[str], None]
) -> list[str]:
    """Measure and store the reference rows that `store` does not hold; return the keys of all.

    Args:
        wanted: as `wanted_rows` gives them.
        store: where they are kept.
        evaluators: what measures the trials.
        notice: told what was measured, and how long it took.
    """
    from gan_bench.bench.engine.numerics import numerics

    found, titles, seconds = [], [], 0.0
    for row in wanted:
        evaluator = evaluators(row.trial)
        found.append(row.key(protocol_of(evaluator)))
        if not store.has_reference(found[-1]):
            with numerics():
                measured = row.measure(evaluators.load(row.trial.dataset), evaluator, evaluators.device)
            store.add_reference(measured)
            titles.append(measured.title)
            seconds += measured.seconds
    if titles:
        notice(f"Reference rows measured: {', '.join(dict.fromkeys(titles))} ({seconds:.1f} s)")
    return found


def _can(trial: Trial) -> int:
    """Return the number of abilities of the trial's game: the most able game of a board is measured."""
    return len(catalogue.variant(trial.variant).game.abilities())


def _references(suite: Suite) -> list[Reference]:
    if suite.references is None:
        return [reference for reference in map(info, names()) if reference.default]
    return [info(name, _where(suite)) for name in suite.references]


def _where(suite: Suite) -> str:
    return f"suite {suite.name}, `references`"
