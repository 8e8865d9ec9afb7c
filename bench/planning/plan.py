"""Plan the trials of a suite, with the options of the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.checks import check, check_suite, listed
from gan_bench.bench.planning.overrides import by_owner, parse_changes
from gan_bench.bench.planning.part import Load, Part, Wishes
from gan_bench.bench.planning.suite import ALL, Suite
from gan_bench.bench.planning.trial import Trial


def plan(
    suite: Suite,
    load: Load,
    *,
    budget: str = "quick",
    only: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    profile: str | None = None,
    searches: Any = None,
    dtype: str | None = None,
    changes: Sequence[str] = (),
    notice: Callable[[str], None] = lambda _: None,
) -> list[Trial]:
    """Return the trials of `suite` with `budget`, without repetitions, in the order of the suite file.

    Trials of a variant are omitted if it cannot be trained with their networks or settings. If the variants
    are "all", those that cannot be trained on a dataset, or lack the profile for it, are omitted too. A
    variant that is named has another profile in place of one that it lacks (`variants.profiles.FALLBACKS`).
    `notice` reports every omission and replacement.

    Args:
        suite: what to train.
        load: returns a dataset by name.
        budget: name of a budget of the suite.
        only: variants in place of the suite's; `["all"]` for every registered one.
        seeds, profile, dtype: in place of the suite's.
        searches: searched profiles, see `catalogue.searches`.
        changes: `--set` arguments.
        notice: called with a sentence on each omission.

    Raises:
        UsageError: for a variant named by the user that cannot be trained at all, for unknown names, invalid
            or contradicting hyperparameters, and a plan without trials.
    """
    everything = list(only or ()) == [ALL]
    chosen = [] if everything else [catalogue.variant_name(name, "--variants") for name in only or ()]
    parts = _parts(suite, budget, everything)
    for part in suite.parts:
        check_suite(part, catalogue.variant_names() if everything else chosen)
    changed = parse_changes(changes)
    check(changed, chosen or list(dict.fromkeys(name for part in parts for name in listed(part))))
    wishes = Wishes(budget, chosen, seeds, by_owner(changed), searches)
    notices: dict[str, None] = {}
    trials: dict[str, Trial] = {}
    for part in parts:
        part = part.model_copy(update={"profile": profile or part.profile, "dtype": dtype or part.dtype})
        for trial in Part(part, wishes, load, lambda text: notices.setdefault(text)).trials():
            trials.setdefault(trial.key, trial)
    for text in notices:
        notice(text)
    if not trials:
        raise UsageError(f"suite {suite.name}: nothing to train with these options")
    return list(trials.values())


def _parts(suite: Suite, budget: str, everything: bool) -> list[Suite]:
    """Return the parts of a suite that have the budget; a larger budget may include more suites."""
    known = list(dict.fromkeys(name for part in suite.parts for name in part.budgets))
    check_name("budget", budget, known, f"suite {suite.name}")
    parts = [part for part in suite.parts if budget in part.budgets]
    return [part.model_copy(update={"variants": ALL}) for part in parts] if everything else parts
