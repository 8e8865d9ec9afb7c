"""Progress of a run: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TaskID, TextColumn
from rich.progress import Task as Bar
from rich.text import Text

from gan_bench.bench.common.printing import draws_bars
from gan_bench.bench.running.executors.base import Done, Event, Progressed, Said, Started
from gan_bench.bench.running.task import Result, Task

TRAINING, EVALUATING = "training", "evaluating"
HEARTBEAT = 30.0
"""Seconds between two lines of progress where there is no terminal."""


class Display:
    """Follows the events of an executor. `costs` are the expected seconds of each task, for the time left."""

    def __init__(self, tasks: Sequence[Task], costs: Sequence[float], console: Console) -> None:
        self._tasks = tasks
        self._costs = costs
        self._console = console
        self._share = [0.0] * len(tasks)
        """Share of each task that is done, 0 to 1."""
        self._phases = [""] * len(tasks)
        """Phase of each task that is at work: `training`, `evaluating`; empty before and after."""
        self._began: dict[str, float] = {}
        """Time at which the first task of a variant was begun."""
        self._done = 0
        self._total = sum(len(task.pack.trials) for task in tasks)
        self._start = self._spoke = time.monotonic()
        self._bars = _bars(console, self._trials_per_variant()) if draws_bars(console) else None

    def __enter__(self) -> Self:
        if self._bars:
            self._bars[0].start()
        return self

    def __exit__(self, *details: object) -> None:
        if self._bars:
            self._bars[0].stop()

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Said):
            self._print(event.text, "said")
            return
        task = self._tasks[event.task]
        self._began.setdefault(_variant(task), time.monotonic())
        if isinstance(event, Started):
            self._phases[event.task] = TRAINING if task.kind == "train" else EVALUATING
        elif isinstance(event, Progressed):
            if not any(self._share):  # the time that libraries took to load says nothing of the pace
                self._start = time.monotonic() - event.seconds
            self._share[event.task] = min(1.0, event.kimg / task.pack.trials[0].kimg)
            # After its last iteration a task reports nothing until its evaluation is done.
            self._phases[event.task] = EVALUATING if self._share[event.task] == 1 else TRAINING
        elif isinstance(event, Done):
            self._share[event.task], self._phases[event.task] = 1.0, ""
            for result in event.results:
                self._done += 1
                self._say(result, len(task.pack.trials) if task.kind == "train" else 1)
        if self._bars:
            self._draw(task)
        elif not isinstance(event, Started) and time.monotonic() - self._spoke > HEARTBEAT:
            self._print(f"{self.fraction:4.0%} done, {duration(self.seconds_left)} left{self._at_work()}")

    @property
    def fraction(self) -> float:
        """Share of the expected work that is done, 0 to 1."""
        work = sum(share * cost for share, cost in zip(self._share, self._costs, strict=True))
        return work / max(sum(self._costs), 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """Time left at the pace so far; None while there is nothing to go by."""
        elapsed = time.monotonic() - self._start
        return elapsed * (1 - self.fraction) / self.fraction if self.fraction > 0.002 else None

    def _at_work(self) -> str:
        """Return the packs in each phase: `; packs: 2 training, 1 evaluating`."""
        counts = {phase: self._phases.count(phase) for phase in (TRAINING, EVALUATING)}
        texts = [f"{count} {phase}" for phase, count in counts.items() if count]
        return f"; packs: {', '.join(texts)}" if texts else ""

    def _trials_per_variant(self) -> dict[str, int]:
        counts = dict.fromkeys(map(_variant, self._tasks), 0)
        for task in self._tasks:
            counts[_variant(task)] += len(task.pack.trials)
        return counts

    def _say(self, result: Result, size: int) -> None:
        if result.status == "elsewhere":  # it comes again, or is there when the other run is done
            self._done -= 1
            return
        width = len(str(self._total))
        text = f"[{self._done:{width}}/{self._total}] {result.trial.title}: {result.status}"
        if result.value is not None:
            text += f", {result.metric} {result.value:.4g}"
        if result.error:
            text += f": {result.error}"
        together = f", its pack of {size}" if size > 1 else ""
        time_taken = f" ({duration(result.seconds)}{together})" if result.seconds else ""
        self._print(text + time_taken, result.status)

    def _print(self, text: str, status: str = "finished") -> None:
        self._spoke = time.monotonic()
        style = {"failed": "red", "diverged": "yellow", "said": "yellow"}.get(status)
        if style or not self._bars:  # what went well is in the bars already
            self._console.print(escape(text), style=style, highlight=False, soft_wrap=True)

    def _draw(self, task: Task) -> None:
        assert self._bars is not None
        progress, bars, overall = self._bars
        variant = _variant(task)
        mine = [i for i, other in enumerate(self._tasks) if _variant(other) == variant]
        trials = sum(self._share[i] * len(self._tasks[i].pack.trials) for i in mine)
        kimg = sum(self._share[i] * sum(t.kimg for t in self._tasks[i].pack.trials) for i in mine)
        cost = sum(self._costs[i] for i in mine)
        left = sum((1 - self._share[i]) * self._costs[i] for i in mine) / max(cost, 1e-9)
        rate = kimg / max(time.monotonic() - self._began[variant], 1e-3)
        phases = {self._phases[i] for i in mine}
        phase = next((phase for phase in (TRAINING, EVALUATING) if phase in phases), "")
        progress.update(bars[variant], completed=trials, rate=rate, left=self._left(left * cost), phase=phase)
        total = sum(share * len(t.pack.trials) for share, t in zip(self._share, self._tasks, strict=True))
        progress.update(overall, completed=total, left=self.seconds_left)

    def _left(self, cost: float) -> float | None:
        """Return the seconds that work of this expected cost still takes alone, at the pace so far."""
        elapsed = time.monotonic() - self._start
        done = self.fraction * sum(self._costs)
        return cost * elapsed / done if done > 0 else None


class _Rate(ProgressColumn):
    """Thousands of images per second that a variant has trained on, since its first task was begun."""

    def render(self, task: Bar) -> Text:
        rate = task.fields.get("rate")
        return Text(f"{rate:.3g} kimg/s" if rate else "", style="cyan")


class _Phase(ProgressColumn):
    """The phase of a variant's tasks: `training` if one of them trains, `evaluating` if all measure."""

    def render(self, task: Bar) -> Text:
        return Text(f"{task.fields.get('phase') or '':{len(EVALUATING)}}", style="dim")


class _Left(ProgressColumn):
    """Time left."""

    def render(self, task: Bar) -> Text:
        left = None if task.completed >= (task.total or 0) else task.fields.get("left")
        return Text("" if left is None else f"{duration(left)} left", style="magenta")


class _Trials(MofNCompleteColumn):
    """Whole trials done, of all."""

    def render(self, task: Bar) -> Text:
        return Text(f"{int(task.completed + 1e-6)}/{int(task.total or 0)}", style="green")


def _bars(console: Console, counts: dict[str, int]) -> tuple[Progress, dict[str, TaskID], TaskID]:
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        _Trials(),
        _Phase(),
        _Rate(),
        _Left(),
        console=console,
        expand=True,
    )
    bars = {name: progress.add_task(name, total=count) for name, count in counts.items()}
    return progress, bars, progress.add_task("all", total=sum(counts.values()))


def _variant(task: Task) -> str:
    return task.pack.trials[0].variant


def duration(seconds: float | None) -> str:
    """Return a short text: `8.1 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds is None:
        return "unknown time"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
