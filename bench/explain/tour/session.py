"""The command `tour`: train the three classic examples and write the lesson."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from gan_bench.bench.common.files import make_folder
from gan_bench.bench.common.interrupt import interruptible
from gan_bench.bench.engine import EvaluationPoint, Progress
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.explain.request import Request as Example
from gan_bench.bench.explain.session import prepare, watched
from gan_bench.bench.explain.tour.request import Request
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.results import colours
from gan_bench.reports import tour as lesson
from gan_bench.reports.explain import Watched

NUMBERS = Example("python -m bench explain --dataset gaussian1d --iterations 400 --every 80",
                  dataset="gaussian1d", iterations=400, every=80)  # fmt: skip
CURVE = Example("python -m bench explain --dataset quadratic --iterations 1500 --every 300",
                dataset="quadratic", iterations=1_500, every=300)  # fmt: skip
PERCEPTRON = Path(__file__).parent / "perceptron.toml"
SHOWN = 10
"""Images in a row of the lesson."""

Say = Callable[[Progress], None]


def tour(request: Request, console: Console) -> int:
    """Train the three games and write the page; return the exit status: 0, or 130 if interrupted.

    Nothing is written after an interruption.

    Raises:
        UsageError: if the folder cannot be made.
    """
    make_folder(request.out, "--out")
    start = time.monotonic()
    try:
        with interruptible(), console.status("") as status:

            def follow(step: str) -> Say:
                return lambda p: status.update(f"{step}: iteration {p.iteration:,} of {p.iterations:,}")

            numbers = _watch(NUMBERS, request.seed, follow("1 of 3, a bell curve"))
            curve = _watch(CURVE, request.seed, follow("2 of 3, a curve in the plane"))
            digits = _digits(request, follow("3 of 3, handwritten digits"))
            status.update("writing the page")
            page = lesson.write(request.out, numbers, curve, digits)
    except KeyboardInterrupt:
        console.print("\nStopped: nothing was written.")
        return 130
    console.print(f"Three trainings and the page in {time.monotonic() - start:.0f} s", highlight=False)
    console.print(f"Page: {escape(str(page))}", highlight=False, soft_wrap=True)
    if request.show:
        import typer

        typer.launch(page.resolve().as_uri())
    return 0


def _watch(example: Example, seed: int, on_progress: Say) -> Watched:
    import dataclasses

    command = f"{example.command} --seed {seed}" if seed else example.command
    example = dataclasses.replace(example, seed=seed, command=command)
    return watched(*prepare(example), command, on_progress)


def _digits(request: Request, on_progress: Say) -> lesson.Digits:
    """Train perceptrons on digits; return images at every evaluation point, of the same latents."""
    roots = tuple(path.resolve() for path in request.data_dirs)
    suite = load_suite(str(PERCEPTRON))
    assert isinstance(suite, Suite)
    load = functools.cache(functools.partial(catalogue.dataset, roots=roots))
    (trial,) = plan(suite, load, seeds=(request.seed,))
    dataset = load(suite.datasets[0])
    rows: dict[int, np.ndarray] = {}

    def keep(iteration: int, model: Any) -> None:
        if model is not None:
            rows[iteration] = model.make("sample", SHOWN).rows.numpy()

    def on_point(point: EvaluationPoint) -> None:
        keep(point.iteration, point.models[0])

    with numerics():
        trainer = Trainer(job_of(Pack((trial,)), "cpu"), dataset)
        keep(0, trainer.models(0.0)[0])
        (outcome,) = trainer.run(on_point, on_progress)
    return lesson.Digits(
        variant=trial.variant,
        place=colours.number(trial.variant),
        data=trial.data_name,
        stand_in_for=trial.stand_in_for or "",
        real=dataset.reference("test", SHOWN).numpy(),
        rows=rows,
        iterations=outcome.iterations,
        seconds=outcome.seconds,
        parameters=sum(outcome.parameters.values()),
    )
