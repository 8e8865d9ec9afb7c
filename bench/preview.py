"""What `--dry-run` shows: the plan, and what it will cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.cost import Costs, updates
from bench.packs import Pack
from bench.progress import duration
from bench.runner import Task
from bench.trial import Trial


def preview(
    trials: Sequence[Trial],
    packs: Sequence[Pack],
    tasks: Sequence[Task],
    costs: Costs,
    jobs: int,
    out: Path,
    console: Console,
) -> None:
    """Print trials, packs and estimated cost by dataset, architecture, variant and profile."""
    groups: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.data_name, trial.architecture, trial.variant, trial.profile].append(trial)
    size = {trial.key: len(pack.trials) for pack in packs for trial in pack.trials}
    table = Table("dataset", "networks", "variant", "profile", box=None, pad_edge=False)
    for name in ("trials", "pack", "kimg", "critic updates", "generator updates", "core time"):
        table.add_column(name, justify="right")
    for labels, group in groups.items():
        sizes = sorted({size[trial.key] for trial in group})
        critic, generator = updates(group[0])
        table.add_row(
            *labels,
            str(len(group)),
            "–".join(map(str, {sizes[0]: 0, sizes[-1]: 0})),
            f"{group[0].kimg:g}",
            f"{critic:,}",
            f"{generator:,}",
            duration(sum(map(costs.trial, group))),
        )
    console.print(table)
    train = [costs.pack(task.pack) for task in tasks if task.kind == "train"]
    measure = sum(len(task.pack.trials) for task in tasks if task.kind == "evaluate")
    console.print(
        f"{len(trials)} trials in {len(packs)} packs; "
        f"{len(train)} packs to train, {measure} trials to measure again."
    )
    if train:
        longest = max(max(train), sum(train) / jobs)
        console.print(
            f"Estimated training time with {jobs} job{'s' if jobs > 1 else ''}: about {duration(longest)}, "
            "within a factor of three where nothing like it has run yet."
        )
    console.print(f"Results would go to {out}. Nothing was written.", soft_wrap=True)
