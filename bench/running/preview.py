"""The preview of `--dry-run`: the plan and its estimated cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from gan_bench.bench.common import keys
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.rehearsals import rehearsal_of
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.cost import Costs
from gan_bench.bench.running.progress import duration
from gan_bench.bench.running.task import Task
from gan_bench.names import counted

FEW = 3  # profiles of a variant that have a line each; a search, whose settings all are one, has more


def preview(
    trials: Sequence[Trial],
    packs: Sequence[Pack],
    tasks: Sequence[Task],
    costs: Costs,
    load: Callable[[str], Any],
    jobs: int,
    out: Path,
    console: Console,
) -> None:
    """Print trials, packs and estimated cost by dataset, architecture, variant and profile or search.

    `load` gives a dataset by name: with it each trial's updates are known, and the images that it really
    uses where its budget is rounded up to whole iterations.
    """
    size = {trial.key: len(pack.trials) for pack in packs for trial in pack.trials}
    seconds = {trial.key: costs.pack(pack) / size[trial.key] for pack in packs for trial in pack.trials}
    courses = {trial.key: catalogue.course(trial, load(trial.dataset)) for trial in trials}
    weights = {
        trial.key: rehearsal_of(trial.variant, trial.network, trial.hyperparameters, load(trial.dataset))
        for trial in trials
    }
    rounded = any(courses[trial.key].images != round(trial.kimg * 1000) for trial in trials)
    pretrained = any(pretraining(course) for course in courses.values())
    boards: dict[str, Table] = {}
    counts: dict[str, dict[str, list[str]]] = {}
    for (data, networks, kimg, *labels), group in _lines(trials).items():
        title = f"{data} · {networks} · {kimg} kimg"
        table = boards.setdefault(title, _table(title, rounded, pretrained))
        planned = [courses[trial.key] for trial in group]
        table.add_row(
            *labels,
            str(len({keys.digest(trial.hyperparameters) for trial in group})),
            str(len(group)),
            _range(size[trial.key] for trial in group),
            *([_range(c.images / 1000 for c in planned)] if rounded else []),
            *([_range(pretraining(c) / 1000 for c in planned)] if pretrained else []),
            _range(c.updates(True, c.iterations) for c in planned),
            _range(c.updates(False, c.iterations) for c in planned),
            duration(sum(seconds[trial.key] for trial in group)),
        )
        described = {_weights(weights[trial.key]): None for trial in group}
        counts.setdefault(title, {}).setdefault("; ".join(described), []).append(labels[0])
    for title, table in boards.items():
        console.print(table)
        for text, variants in counts[title].items():
            names = ", ".join(dict.fromkeys(variants))
            console.print(f"Weights of {names}: {text}.", style="dim", highlight=False)
    if rounded:
        console.print("Budgets are rounded up to whole iterations: `kimg trained` is what they really use.")
    train = [costs.pack(task.pack) for task in tasks if task.kind == "train"]
    measure = sum(len(task.pack.trials) for task in tasks if task.kind == "evaluate")
    console.print(
        f"{counted(len(trials), 'trial')} in {counted(len(packs), 'pack')} ({_layout(packs)}); "
        f"{counted(len(train), 'pack')} to train, {counted(measure, 'trial')} to measure again."
    )
    if train:
        longest = max(max(train), sum(train) / jobs)
        console.print(
            f"Estimated time with {counted(jobs, 'job')}: about {duration(longest)} of training "
            "and, where the results hold trials like these, of measuring; the report comes after it."
        )
    console.print(f"Results would go to {out}. Nothing was written.", soft_wrap=True)


def _layout(packs: Sequence[Pack]) -> str:
    """Return the division into packs in words: `2 of 5 batched, 3 alone`."""
    counts = Counter(
        "alone" if len(pack.trials) == 1 and not pack.compiled else f"of {len(pack.trials)} {pack.way}"
        for pack in packs
    )
    return ", ".join(f"{count} {text}" for text, count in counts.items())


def pretraining(course: Any) -> int:
    """Return the samples that a trial uses before a critic first trains."""
    return course.pretraining_images(course.iterations)


def _weights(rehearsal: Any) -> str:
    """Return `critic 134,401, generator 76,048; frozen: features 1,000`."""

    def words(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{role} {count:,}" for role, count in counts.items())

    frozen = rehearsal.frozen_parameters
    return words(rehearsal.parameters) + (f"; frozen: {words(frozen)}" if frozen else "")


def _table(title: str, rounded: bool, pretrained: bool) -> Table:
    table = Table("variant", "profile", title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    trained = ["kimg\ntrained"] if rounded else []
    trained += ["pre-training\nkimg"] if pretrained else []
    for name in (
        "settings",
        "trials",
        "pack",
        *trained,
        "critic\nupdates",
        "generator\nupdates",
        "core time",
    ):
        table.add_column(name, justify="right")
    return table


def _lines(trials: Sequence[Trial]) -> dict[tuple[str, ...], list[Trial]]:
    """Return trials by data, networks, kimg, variant and profile; many profiles share one line."""
    variants: dict[tuple[str, ...], dict[str, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        where = (trial.data_name, trial.architecture, f"{trial.kimg:g}", trial.variant)
        variants[where][trial.profile].append(trial)
    lines: dict[tuple[str, ...], list[Trial]] = {}
    for labels, profiles in variants.items():
        if len(profiles) > FEW:  # `search 00` to `search 63` are `search`
            words = {profile.split()[0].rstrip(",") for profile in profiles}
            lines[*labels, words.pop() if len(words) == 1 else "several"] = [
                trial for group in profiles.values() for trial in group
            ]
        else:
            lines |= {(*labels, profile): group for profile, group in profiles.items()}
    return lines


def _range(counts: Iterable[float]) -> str:
    """Return `32`, or `1–5` where the counts differ."""
    found = sorted(set(counts))
    return "–".join(f"{count:,.10g}" for count in dict.fromkeys((found[0], found[-1])))
