"""Estimated seconds of packs, for the order of tasks, the time left and `--dry-run`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.pace import USUAL, Speed

TIMED = 8
"""Trials of a protocol whose evaluations are read for the seconds of measuring, at most."""


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
    """Estimates in seconds of packs at one place of a run.

    A trial's estimate does not depend on the other trials of the run. What was trained before is the estimate
    of packs like it. Others have the time of their operations and FLOP at the device's speed, corrected by
    what training on the same data with the same networks took beyond that.

    Args:
        load: name of a dataset -> the dataset.
        speed: of the device.
        trained: what was trained.
    """

    def __init__(
        self, load: Callable[[str], Any], speed: Speed = USUAL, trained: Iterable[Past] = ()
    ) -> None:
        self._load, self._speed = load, speed
        past = [one for one in trained if _seconds(one.record)]
        self._known = _medians((_alike(one.record), _seconds(one.record)) for one in past)
        self._past = defaultdict[tuple[Any, ...], dict[tuple[Any, ...], Record]](dict)
        for one in past:
            self._past[_group(one.record.trial)].setdefault(_alike(one.record), one.record)
        self._corrections: dict[tuple[Any, ...], float] = {}
        measured = [(one.record.trial, one.measuring) for one in past if one.measuring is not None]
        self._measuring = _medians((_protocol(trial), seconds) for trial, seconds in measured)

    def pack(self, pack: Pack) -> float:
        """Return the seconds of a pack: training, and measuring where trials on these data were measured."""
        trial, size = pack.trials[0], len(pack.trials)
        data = self._load(trial.dataset)
        known = self._known.get((*_work(trial), size, pack.way))
        if known is not None:
            training = known * catalogue.course(trial, data).iterations
        else:
            training = size * self._speed.seconds(trial, data) * self._correction(trial, data)
        return training + size * self._measuring.get(_protocol(trial), 0.0)

    def _correction(self, trial: Trial, data: Any) -> float:
        """Return what training took over what was calculated, with like data and networks; 1 for new ones."""
        group = _group(trial)
        if group not in self._corrections:
            past = [record for record in self._past[group].values() if _registered(record.trial)][:TIMED]
            self._corrections[group] = median([self._ratio(record, data) for record in past] or [1.0])
        return self._corrections[group]

    def _ratio(self, record: Record, data: Any) -> float:
        *_, size, _ = _alike(record)
        return float(record.outcome["seconds"]) / (size * self._speed.seconds(record.trial, data))


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
    structure = {n: v for n, v in trial.hyperparameters.items() if not isinstance(v, float | Mapping)}
    return (trial.variant, keys.digest(structure), *_group(trial))


def _group(trial: Trial) -> tuple[Any, ...]:
    return trial.data_name, trial.content_hash, keys.digest(trial.network)


def _registered(trial: Trial) -> bool:
    return catalogue.known("variant", trial.variant)


def _protocol(trial: Trial) -> tuple[Any, ...]:
    return trial.data_name, trial.samples, trial.final_samples, len(trial.points)


def _medians(pairs: Iterable[tuple[tuple[Any, ...], float]]) -> Mapping[tuple[Any, ...], float]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: median(values) for key, values in found.items()}
