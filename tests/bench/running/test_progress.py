from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.running.executors import Done, Progressed, Started
from gan_bench.bench.running.progress import Display, duration
from gan_bench.bench.running.task import Result, Task


def show(terminal: bool, tasks: list[Task], *events: object) -> tuple[str, Display]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120, color_system=None)
    display = Display(tasks, [1.0] * len(tasks), console)
    with display:
        for event in events:
            display(event)  # type: ignore[arg-type]
    return file.getvalue(), display


@pytest.fixture
def tasks(trials: list[Trial]) -> list[Task]:
    return [Task("train", Pack(tuple(trials[:2]))), Task("train", Pack((trials[2],)))]


def done(tasks: list[Task], index: int, **fields: object) -> Done:
    results = [Result(t, **{"status": "finished", **fields}) for t in tasks[index].pack.trials]  # type: ignore[arg-type]
    return Done(index, tuple(results))


def test_plain_lines_without_a_terminal(tasks: list[Task]) -> None:
    text, display = show(
        False,
        tasks,
        Started(0),
        Progressed(0, 0.5, 10, 1.0),
        done(tasks, 0, metric="fid", value=12.34, seconds=3.0),
    )
    assert text.splitlines() == [
        "[1/3] ring · mlp · nsgan · paper · seed 0: finished, fid 12.34 (3.0 s, its pack of 2)",
        "[2/3] ring · mlp · nsgan · paper · seed 1: finished, fid 12.34 (3.0 s, its pack of 2)",
    ]
    assert display.fraction == 0.5


def test_time_left_is_at_the_pace_of_training(tasks: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    display = Display(tasks, [1.0, 1.0], Console(file=io.StringIO()))
    display(Started(0))
    now[0] = 130.0  # half a minute to load libraries, 2 seconds of training for a quarter of the first task
    display(Progressed(0, tasks[0].pack.trials[0].kimg / 4, 10, 2.0))
    assert display.seconds_left == pytest.approx(14.0)


def test_errors_are_not_markup(tasks: list[Task]) -> None:
    text, _ = show(False, tasks, done(tasks, 1, status="failed", error="[bold]x[/bold] in ['a']"))
    assert "failed: [bold]x[/bold] in ['a']" in text


def test_a_bar_per_variant_with_rate_and_time_left_in_a_terminal(tasks: list[Task]) -> None:
    text, _ = show(True, tasks, Started(0), Progressed(0, 0.5, 10, 1.0))
    last = text[text.rindex("nsgan") :]
    assert "1/3" in last  # two trials half done
    assert "kimg/s" in last
    assert "left" in last
    assert "all" in last


def test_phases_of_packs_are_named(tasks: list[Task]) -> None:
    whole = tasks[0].pack.trials[0].kimg
    training = (Started(0), Progressed(0, 0.5, 10, 1.0))
    for events, phase in (
        (training, "training"),
        ((*training, Progressed(0, whole, 20, 2.0)), "evaluating"),
        ((Started(1), *training, done(tasks, 1)), "training"),
    ):
        text, display = show(True, tasks, *events)
        assert phase in text[text.rindex("nsgan") :]
        assert display._at_work() == f"; packs: 1 {phase}"
    text, display = show(True, tasks, *training, done(tasks, 0))
    assert display._at_work() == ""
    again = [Task("evaluate", tasks[0].pack)]
    assert show(False, again, Started(0))[1]._at_work() == "; packs: 1 evaluating"


@pytest.mark.parametrize("width", [60, 80])
def test_bars_fit_the_terminal(tasks: list[Task], width: int) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    with Display(tasks, [1.0, 1.0], console) as display:
        display(Progressed(0, 0.5, 10, 1.0))
    lines = re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", console.file.getvalue()).splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width


def test_time_left_is_extrapolated_from_the_work_done(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("gan_bench.bench.running.progress.time.monotonic", lambda: now[0])
    display = Display(tasks, [3.0, 1.0], Console(file=io.StringIO()))
    assert display.seconds_left is None
    now[0] += 30
    display(Progressed(0, 0.5, 1, 30.0))  # half of 3 of 4
    assert display.seconds_left == pytest.approx(30 / 0.375 * 0.625)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "unknown time"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (61, "1 min 1 s"),
        (3600, "1 h 0 min"),
        (59.7, "1 min 0 s"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
