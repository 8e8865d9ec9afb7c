"""Promises of metrics and of suites."""

from __future__ import annotations

import math
from typing import Any

import torch

from gan_bench.bench.checking.checks import expect, promises
from gan_bench.bench.metrics import Evaluator, info
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.paper_numbers import paper_numbers_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite
from gan_bench.datasets import Dataset, SampledSource, registry

ROWS = 300
"""Samples of which a metric is measured."""


@promises("metric", "it states a title, a meaning and a direction")
def describes(name: str) -> None:
    """Raise for a metric without texts."""
    entry = info(name)
    expect(bool(entry.title and entry.meaning), "it has no title or meaning: write a docstring")
    expect(entry.version >= 1, f"version = {entry.version}, expected 1 or more")


@promises("metric", "real samples have a score in its range, the same each time")
def measures(name: str) -> None:
    """Raise for a score that is undefined, out of range or changes; of data that the metric is meant for."""
    entry, reasons, measured = info(name), [], False
    low = -math.inf if entry.low is None else entry.low
    high = math.inf if entry.high is None else entry.high
    for data in _grounds(entry):
        first, second = (_score(name, data) for _ in range(2))
        if first is None or second is None:
            continue
        if first.reason:
            reasons.append(f"on {data.name}: {first.reason}")
            continue
        measured = True
        what = f"its score of real {data.name} is {first.value:g}"
        expect(first.value == second.value, f"two scores of the same samples of {data.name} differ")
        expect(math.isfinite(first.value), what)
        expect(low <= first.value <= high, f"{what}, outside of {low:g} to {high:g}")
    expect(measured, "; ".join(reasons) or "no dataset without files is one that it measures samples of")


def _grounds(entry: Any) -> list[Dataset]:
    names = [
        n for n in registry.names() if registry.info(n).kind in entry.kinds and not registry.info(n).files
    ]
    return [registry.load(name) for name in names]


def _score(name: str, data: Dataset) -> Any:
    source = data.stream()
    generator = torch.Generator().manual_seed(0)
    rows: Any
    if isinstance(source, SampledSource):
        rows = source.sample(ROWS, generator)
    else:
        rows = source.gather(torch.randperm(len(source), generator=generator)[:ROWS])
    evaluator = Evaluator(data, samples=ROWS, final_samples=ROWS, requested=[name])
    found = evaluator.measure(rows, final=True)
    return next((one for one in found if one.metric.startswith(name) and one.split == "test"), None)


@promises("suite", "its file can be read, and every name in it is known")
def reads(name: str) -> None:
    """Raise for malformed files and unknown names."""
    paper_numbers_of(load_suite(name))


@promises("suite", "every budget plans trials")
def plans(name: str) -> None:
    """Raise for a budget that cannot be planned."""
    suite = load_suite(name)
    for budget in dict.fromkeys(budget for part in suite.parts for budget in part.budgets):
        expect(bool(plan(suite, catalogue.dataset, budget=budget)), f"budget {budget} plans no trial")
