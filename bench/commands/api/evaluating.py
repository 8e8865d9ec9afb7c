"""`gan_bench.evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.bench.commands.api.requests import as_usage_errors, request_of, signature
from gan_bench.bench.commands.api.screen import screen
from gan_bench.bench.evaluation.request import Request

if TYPE_CHECKING:
    import pandas as pd


def evaluate(
    source: str | Path | None = None, *, dataset: str = "mnist", progress: bool = True, **options: Any
) -> pd.DataFrame:
    """Score images, points or a generator that were made elsewhere.

    Args:
        source: a folder of images, or a file .npz or .npy of images or points; without it `model`.
        dataset: a dataset by name, or a folder of images to compare with.
        progress: False shows nothing.
        options: every other option of `bench evaluate`, with underscores for dashes.

    Returns:
        A row for each metric: value, error (standard error), samples and reason, beside reference rows; see
        `bench.evaluation.session.evaluate`.

    Raises:
        UsageError: with the sentence of the command line.
    """
    from gan_bench.bench.evaluation.session import evaluate as measured

    with as_usage_errors():
        request = request_of(Request, "gan_bench.evaluate", {"source": source, "dataset": dataset, **options})
        return measured(request, screen(progress))


evaluate.__signature__ = signature(Request, evaluate)  # type: ignore[attr-defined]
