"""Longer trainings: what hinders one from continuing where a shorter one of the same course ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.trial import Trial


def obstacle(longer: Trial, kimg: float, points: Sequence[float], data: Any) -> str | None:
    """Return the reason why a trial cannot continue a shorter training of its course, or None.

    It continues to the bits of a training that was as long from the beginning, with the same evaluations. So
    nothing may follow the share of the budget that is spent, and where both train, both are measured.

    Args:
        longer: the trial.
        kimg, points: length and evaluation points of the shorter training.
        data: the dataset, loaded.
    """
    course = catalogue.course(longer, data)
    scheduled = [name for name, value in longer.hyperparameters.items() if isinstance(value, Mapping)]
    if scheduled:
        return f"the schedule of {', '.join(scheduled)} depends on the length"
    if any(tuple(each.active) != (0.0, 1.0) for each in course.rounds):
        return "the game has phases, whose lengths are shares of the whole"
    end = course.iterations_until(kimg)
    known = set(map(course.iterations_until, points))
    wanted = {course.iterations_until(point): point for point in longer.points}
    for iteration, point in wanted.items():
        if iteration <= end and iteration not in known:
            return f"the shorter training was not measured at {point:g} kimg"
    if end not in wanted:
        return f"the longer training is not measured at {kimg:g} kimg, where the shorter one ended"
    return None
