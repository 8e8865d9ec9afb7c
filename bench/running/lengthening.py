"""Longer trainings of a plan: which packs continue where shorter ones ended, and why others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.longer import obstacle
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import ends
from gan_bench.bench.running.identity import end_of, identity_of
from gan_bench.bench.running.task import RunContext
from gan_bench.names import counted

NOT_KEPT = "no end of it in the same pack is there (kept are those of a minute or more, until `clean`)"
OTHER = "code, plug-ins, libraries, device or measurements are others than then"


@dataclass(frozen=True)
class Lengthening:
    """The kept ends of trainings in a folder of results, for the packs of a plan.

    Attributes:
        context: of the run.
        store: its results.
        load: gives the dataset of a name.
        evaluator: gives the evaluator of a trial.
    """

    context: RunContext
    store: Store
    load: Callable[[str], Any]
    evaluator: Callable[[Trial], Any]

    def packs(self, trials: Iterable[Trial]) -> list[Pack]:
        """Return packs of these trials that continue packs whose end was kept, with their members and way."""
        found: list[Pack] = []
        if not (kept := ends(self.store.root)):
            return found
        by_course = {trial.course: trial for trial in trials}
        for courses, identity in kept:
            members = [by_course[course] for course in courses if course in by_course]
            lengths = {(trial.kimg, trial.points) for trial in members}
            if len(members) < len(courses) or len(lengths) > 1:
                continue
            pack = Pack(tuple(members), identity["way"])
            if self.continues(pack)[0] is not None:
                found.append(pack)
        return found

    def continues(self, pack: Pack) -> tuple[float | None, str]:
        """Return the length in kimg from which a pack continues, or None and the reason why it does not."""
        trial = pack.trials[0]
        place = end_of(pack, self.store.root, identity_of(pack, self.context, self.evaluator(trial)))
        try:
            about = place.about()
        except UsageError as error:
            return None, str(error)
        if about is None:
            return None, OTHER if place.folder.exists() else NOT_KEPT
        if about["kimg"] >= trial.kimg:
            return None, f"the end that is kept is that of {about['kimg']:g} kimg"
        why = obstacle(trial, about["kimg"], about["points"], self.load(trial.dataset))
        return (about["kimg"], "") if why is None else (None, why)

    def sentences(self, packs: Sequence[Pack], planned: Iterable[Pack]) -> list[str]:
        """Return what is to be said of packs that are to be trained and were trained for less before.

        Args:
            packs: those to be trained.
            planned: every pack that was ever planned in the folder.
        """
        before = self._before({trial.key for pack in packs for trial in pack.trials}, planned)
        counts: Counter[str] = Counter()
        for pack in packs if before else ():
            shorter = before.get((first := pack.trials[0]).course)
            if shorter is not None and shorter.kimg < first.kimg:
                counts[f"of {first.variant}: {self._course_of(pack, shorter)}"] += len(pack.trials)
        return [f"{counted(count, 'trial')} {text}." for text, count in counts.items()]

    def _before(self, asked: Collection[str], planned: Iterable[Pack]) -> dict[str, Trial]:
        """Return the longest trial of each course that is in the store and not asked for."""
        found: dict[str, Trial] = {}
        for trial in (trial for pack in planned for trial in pack.trials if trial.key not in asked):
            if self.store.has(trial.key):
                found[trial.course] = max(trial, found.get(trial.course, trial), key=lambda t: t.kimg)
        return found

    def _course_of(self, pack: Pack, shorter: Trial) -> str:
        """Return words for where the training of a pack begins, which a shorter one was before."""
        done, why = self.continues(pack)
        if done is not None:
            return f"continued from {done:g} kimg"
        if why == NOT_KEPT:  # an obstacle that would have been there anyway is the better reason
            first = pack.trials[0]
            why = obstacle(first, shorter.kimg, shorter.points, self.load(first.dataset)) or why
        return f"trained from the beginning, not from {shorter.kimg:g} kimg: {why}"
