"""One evaluation, from samples to their scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from gan_bench.bench.common.devices import choose_device
from gan_bench.bench.common.plugins import load_plugins
from gan_bench.bench.common.printing import draws_bars, printable
from gan_bench.bench.engine.numerics import numerics
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.evaluation.fitting import check_options
from gan_bench.bench.evaluation.measuring import Score, scores
from gan_bench.bench.evaluation.models import draw
from gan_bench.bench.evaluation.request import Request
from gan_bench.bench.evaluation.sources import folder_dataset, read_samples
from gan_bench.bench.metrics.descriptions import describe
from gan_bench.bench.metrics.outputs import Output, of_samples
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import new_evaluator
from gan_bench.bench.planning.options import inception_source
from gan_bench.bench.references.declarations import Ask
from gan_bench.bench.references.makers import noise, real
from gan_bench.datasets import Dataset
from gan_bench.datasets.finite import finite_rows

BETTER = {"min": "lower", "max": "higher", "target": "near the data's", None: "–"}
ROWS = {"noise": noise, "real": real}
"""Reference rows that are measured beside samples."""


def evaluate(request: Request, progress: Console) -> pd.DataFrame:
    """Return a row for each metric of samples that were made elsewhere.

    Columns: metric, title, better; value, error (standard error), samples and reason; noise and real, the
    scores of reference rows, not for a folder as data; with `against` the same of the other samples,
    against and against_error, and difference and difference_error.

    Args:
        request: what was asked.
        progress: where the progress is shown.

    Raises:
        UsageError: for samples or data that cannot be read or do not fit each other.
    """
    load_plugins(request.plugins)
    device = choose_device(request.device)
    dataset, folder = _dataset(request)
    check_options(request, dataset, folder)
    if not folder and Path(request.dataset).is_dir():
        name = printable(request.dataset)
        progress.print(
            f"{name} is the registered dataset; the folder is ./{name}", markup=False, highlight=False
        )
    outputs = [_samples(request, dataset)]
    if request.against is not None:
        outputs.append(_read(request, request.against, dataset))
    rows = {} if folder else ROWS
    hidden = not draws_bars(progress)  # rich would end even an unseen bar with an empty line
    with numerics(), Progress(console=progress, transient=True, disable=hidden) as bar:
        task = bar.add_task("Measuring", total=len(outputs) * (request.halves + 1) + len(rows))
        step: Callable[[], Any] = lambda: bar.advance(task)  # noqa: E731
        found = [_scored(request, output, dataset, device, request.halves, step) for output in outputs]
        if folder:  # its training rows are the data themselves
            found = [[one for one in scores if not one.seen] for scores in found]
        frame = _frame(found[0])
        for name, make in rows.items():
            ask = Ask(dataset, "sample", outputs[0].count, {}, stream("reference", name, dataset.name, "0"))
            measured = _scored(request, of_samples(make(ask)), dataset, device, 0, step)
            frame[name] = frame["metric"].map({one.metric: one.value for one in measured})
    return frame if len(found) == 1 else _compared(frame, _frame(found[1]))


def _compared(frame: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Add the scores of other samples, which are independent, and differences with standard errors."""
    other = other.set_index("metric")
    against, error = (frame["metric"].map(other[name]) for name in ("value", "error"))
    return frame.assign(
        against=against,
        against_error=error,
        difference=frame["value"] - against,
        difference_error=np.hypot(frame["error"], error),
    )


def _frame(found: list[Score]) -> pd.DataFrame:
    described = {each.metric: each for each in describe(one.metric for one in found)}
    by_name = {one.metric: one for one in found}
    rows = [
        {
            "metric": name,
            "title": described[name].title,
            "better": BETTER[by_name[name].direction],
            "value": by_name[name].value,
            "error": by_name[name].error,
            "samples": by_name[name].samples,
            "reason": by_name[name].reason,
        }
        for name in described
    ]
    return pd.DataFrame(rows).astype({"value": float, "error": float})


def _dataset(request: Request) -> tuple[Dataset, bool]:
    """Return the data to compare with, and whether they are a folder; a registered name is no folder's."""
    if not catalogue.known("dataset", request.dataset) and Path(request.dataset).is_dir():
        with catalogue.usage_errors():
            return folder_dataset(Path(request.dataset), request.extractor, request.size, request.grey), True
    fitted: dict[str, Any] = {"size": request.size, "grey": request.grey}
    if catalogue.kind_of(request.dataset) and request.source is not None:
        fitted = {}  # of the samples alone
    name = catalogue.dataset_with(request.dataset, extractor=request.extractor, **fitted)
    return catalogue.dataset(name, roots=_roots(request), stand_in=False), False


def _roots(request: Request) -> list[Path]:
    return [path.resolve() for path in request.data_dirs]


def _samples(request: Request, dataset: Dataset) -> Output:
    if request.source is not None:
        return _read(request, request.source, dataset)
    assert request.model is not None
    options: dict[str, Any] = {"scale": request.scale, "channels_last": request.channels_last}
    made = draw(request.model, dataset, request.count, request.latent, request.seed, **options)
    return of_samples(made.rows, made.broken)


def _read(request: Request, source: Path, dataset: Dataset) -> Output:
    options: dict[str, Any] = {"scale": request.scale, "channels_last": request.channels_last}
    options |= {"size": request.size, "grey": request.grey}
    rows = read_samples(source, dataset, **options)
    finite = finite_rows(rows)
    return of_samples(finite, len(rows) - len(finite))


def _scored(
    request: Request, output: Output, dataset: Dataset, device: str, halves: int, step: Callable[[], Any]
) -> list[Score]:
    evaluator = new_evaluator(
        dataset, output.count, output.count, (), (), inception_source(request.inception), device
    )
    found = scores(output, evaluator, request.split.value, halves, request.seed, step)
    step()
    return found
