"""Estimated seconds of packs, for the order of tasks, the time left and `--dry-run`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store

OVERHEAD = 6e-4
"""Seconds of one player's update that do not depend on its size, on one CPU core."""
RATE = 4e10
"""Multiply-adds per second of one core in matrix products of the sizes met here."""
TIMED = 8
"""Trials of a protocol whose evaluations are read for the seconds of measuring, at most."""
PASSES = {True: 6, False: 5}
"""Passes of one batch through all networks per update, forward and backward, of critics and of others."""


@dataclass(frozen=True)
class Past:
    """A trial that was trained: its record, and the seconds of measuring it, None where it was not."""

    record: Record
    measuring: float | None = None


def past(store: Store) -> Iterator[Past]:
    """Yield what a store holds; the seconds of measuring are read of a few trials of each protocol."""
    asked = Counter[tuple[Any, ...]]()
    for key in store:
        if (record := store.read(key)) is not None:
            protocol = _protocol(record.trial)
            asked[protocol] += 1
            evaluations = store.evaluations(key) if asked[protocol] <= TIMED else []
            yield Past(record, evaluations[0].seconds if evaluations else None)


class Costs:
    """Estimates in seconds at one place of a run.

    What was trained before is the estimate of packs like it. Others have the seconds that were measured of an
    iteration, or a guess from the size of their networks, which what was measured of the same family of
    networks corrects. What training took beyond that in the past corrects both.

    Args:
        load: name of a dataset -> the dataset.
        recall: the seconds that were measured of an iteration of a pack, or None.
        packs: those of the run.
        trained: what was trained; of variants and data that the run has not, nothing is used.
    """

    def __init__(
        self,
        load: Callable[[str], Any],
        recall: Callable[[Pack], float | None] = lambda _: None,
        packs: Iterable[Pack] = (),
        trained: Iterable[Past] = (),
    ) -> None:
        self._load, self._recall = load, recall
        packs = list(packs)
        self._scales = self._families(packs)
        asked = {(pack.trials[0].variant, pack.trials[0].dataset) for pack in packs}
        known = [
            one
            for one in trained
            if (one.record.trial.variant, one.record.trial.dataset) in asked and _seconds(one.record)
        ]
        self._known = _medians((_alike(one.record), _seconds(one.record)) for one in known)
        self._correction = median(
            [_seconds(one.record) / self._predicted(_pack_of(one.record)) for one in known] or [1.0]
        )
        measured = [(one.record.trial, one.measuring) for one in known if one.measuring is not None]
        self._measuring = _medians((_protocol(trial), seconds) for trial, seconds in measured)

    def pack(self, pack: Pack) -> float:
        """Return the seconds of a pack: training, and measuring where trials on these data were measured."""
        trial = pack.trials[0]
        iterations = catalogue.course(trial, self._load(trial.dataset)).iterations
        measuring = self._measuring.get(_protocol(trial), 0.0)
        return iterations * self._iteration(pack) + len(pack.trials) * measuring

    def guess(self, pack: Pack) -> float:
        """Return the seconds of an iteration by the size of the networks, on one CPU core."""
        trial = pack.trials[0]
        data = self._load(trial.dataset)
        course = catalogue.course(trial, data)
        rehearsal = catalogue.rehearsal(trial.variant, trial.network, trial.hyperparameters, data)
        seconds = sum(
            course.updates(critic, course.iterations) * (OVERHEAD + rehearsal.work * passes / RATE)
            for critic, passes in PASSES.items()
        )
        return len(pack.trials) * seconds / course.iterations

    def _iteration(self, pack: Pack) -> float:
        trial, size = pack.trials[0], len(pack.trials)
        known = self._known.get((*_work(trial), size, pack.way))
        return known if known is not None else self._correction * self._predicted(pack)

    def _predicted(self, pack: Pack) -> float:
        measured = self._recall(pack)
        return measured if measured is not None else self.guess(pack) * self._scale(pack)

    def _families(self, packs: Iterable[Pack]) -> dict[str, float]:
        """Return measured over guessed seconds by family of networks, and of all families as `""`."""
        found = defaultdict(list)
        for pack in packs:
            if (seconds := self._recall(pack)) is not None:
                for family in (_family(pack), ""):
                    found[family].append(seconds / self.guess(pack))
        return {family: median(ratios) for family, ratios in found.items()}

    def _scale(self, pack: Pack) -> float:
        return self._scales.get(_family(pack), self._scales.get("", 1.0))


def _seconds(record: Record) -> float:
    """Return the seconds of an iteration of the pack of a finished trial; 0 where they are not known."""
    iterations = record.outcome.get("iterations")
    if record.status != "finished" or not iterations:
        return 0.0
    return (record.outcome.get("seconds") or 0.0) / iterations


def _alike(record: Record) -> tuple[Any, ...]:
    pack = record.provenance.get("pack", {})
    way = pack.get("way") or ("compiled" if pack.get("compiled") else "batched")
    return (*_work(record.trial), pack.get("size", 1), way)


def _work(trial: Trial) -> tuple[Any, ...]:
    return trial.variant, trial.data_name, str(trial.network), trial.hyperparameters.get("batch_size")


def _protocol(trial: Trial) -> tuple[Any, ...]:
    return trial.data_name, trial.samples, trial.final_samples, len(trial.points)


def _pack_of(record: Record) -> Pack:
    *_, size, way = _alike(record)
    return Pack((record.trial,) * size, way)


def _family(pack: Pack) -> str:
    return str(pack.trials[0].network.get("family"))


def _medians(pairs: Iterable[tuple[tuple[Any, ...], float]]) -> Mapping[tuple[Any, ...], float]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: median(values) for key, values in found.items()}
