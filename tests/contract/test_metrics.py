"""Laws of every registered metric, on every dataset it is meant for; a plug-in's metric as well.

Each dataset meets a set of good samples (from its own law, other ones than the reference) and broken ones.
"""

from __future__ import annotations

import json
import math
from functools import cache

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, info, names, register
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.datasets.stacked import stack

COUNT = 350
# These need no files and no network.
PROVING_GROUNDS = (
    "gaussian1d",
    "quadratic",
    "ring",
    "grid",
    "spiral",
    "mixture-1200d",
    "digits",
    "stacked-digits",
)


@cache
def dataset(name):
    if name == "stacked-digits":  # smaller than the registered one, whose references take seconds to read
        return stack(name, datasets.load("digits"), 400, references=400)
    return datasets.load(name)


def good_samples(data):
    source = data.stream("real", "train")
    generator = torch.Generator().manual_seed(0)
    if isinstance(source, datasets.SampledSource):
        return source.sample(COUNT, generator)
    return source.gather(torch.randperm(len(source), generator=generator)[:COUNT])


def broken_samples(data):
    """Obviously broken generators: collapsed to one sample, far away (images: noise), and much too wide."""
    good = good_samples(data)
    generator = torch.Generator().manual_seed(1)
    if data.kind == "images":
        noise = torch.randint(0, 256, good.shape, generator=generator, dtype=torch.uint8)
        return {"collapsed": good[:1].repeat(COUNT, 1, 1, 1), "noise": noise}
    spread = good.std(0)
    return {
        "collapsed": good[:1].repeat(COUNT, 1),
        "far": good + 7.3 * spread,
        "wide": good.mean(0) + 5 * (good - good.mean(0)),
    }


def values(evaluator, samples):
    return {(m.metric, m.split): m for m in evaluator.measure(samples, final=True)}


def on_request(data):
    """Names of the metrics that are measured on request and apply to the data."""
    return [name for name in names() if info(name).on_request and info(name).applies(data)]


class Findings:
    """Everything measured on one dataset: one pass for all the metrics' checks."""

    def __init__(self, name):
        data = dataset(name)
        self.evaluator = Evaluator(data, samples=COUNT, final_samples=COUNT, requested=on_request(data))
        self.samples = good_samples(data)
        self.good = values(self.evaluator, self.samples)
        self.again = values(self.evaluator, self.samples.clone())
        self.broken = {kind: values(self.evaluator, broken) for kind, broken in broken_samples(data).items()}
        self.truth = values(self.evaluator, data.reference("test", COUNT))

    def of(self, metric):
        """Full names and splits under which a registered metric was reported."""
        return [key for key in self.good if key[0] == metric or key[0].startswith(f"{metric}_lenet28")]


findings = cache(Findings)


def check(metric, found):
    """The contract of one metric on one dataset."""
    keys, data = found.of(metric.name), found.evaluator.dataset.name
    assert keys, f"{metric.name} applies to {data} and was not measured"
    assert {split for _, split in keys} == set(metric.splits)
    for key in keys:
        good = found.good[key]
        assert (good.version, good.direction, good.when) == (metric.version, metric.direction, "final")
        assert good.reason is None, f"{key} of {data}: undefined for good samples: {good.reason}"
        assert good == found.again[key], f"{key} of {data}: another value for the same samples"
        everything = [good, found.truth[key], *(broken[key] for broken in found.broken.values())]
        for measured in everything:
            # A value in the declared range, or nan with a reason: never one without the other.
            assert math.isnan(measured.value) == (measured.reason is not None)
            assert measured.reason is not None or metric.low <= measured.value <= metric.high
        if metric.direction is not None:
            worst = max(cost(metric, broken[key], found.truth[key]) for broken in found.broken.values())
            assert cost(metric, good, found.truth[key]) < worst, (
                f"{key} of {data}: no broken samples look worse"
            )


def cost(metric, measured, truth):
    """Smaller is better; undefined is worst."""
    if math.isnan(measured.value):
        return math.inf
    if metric.direction == "target":
        return abs(measured.value - truth.value)
    return measured.value if metric.direction == "min" else -measured.value


TASKS = {name for name in names() if info(name).ability != "sample" or info(name).beside}
"""Metrics of more than samples, which need a game: tests/bench/metrics proves each of them."""
PATHS = {"converges", "eigenvalue_imag", "eigenvalue_real"}
"""Metrics of a whole training: tests/bench/metrics/test_dynamics.py proves them."""


@pytest.mark.parametrize("metric", [name for name in names() if name not in TASKS | PATHS])
def test_contract(metric):
    grounds = [name for name in PROVING_GROUNDS if info(metric).applies(dataset(name))]
    assert grounds, f"no dataset proves {metric}"
    for name in grounds:
        check(info(metric), findings(name))


@pytest.mark.parametrize("metric", names())
def test_a_metric_explains_itself(metric):
    entry = info(metric)
    assert entry.title
    assert len(entry.doc) > 30
    assert entry.version >= 1
    assert "test" in entry.splits
    assert json.loads(json.dumps(dict(entry.settings))) == dict(entry.settings)


@pytest.mark.parametrize("name", PROVING_GROUNDS)
def test_the_primary_metric_ranks(name):
    evaluator = findings(name).evaluator
    for full_name in evaluator.ranking:
        (metric,) = (info(m) for m in names() if (full_name, "test") in findings(name).of(m))
        assert metric.direction in ("min", "max")
        assert metric.when == "curve"
        assert set(metric.splits) == {"test", "validation"}


@pytest.mark.parametrize("name", PROVING_GROUNDS)
def test_measuring_leaves_samples_and_global_generators_alone(name):
    found = findings(name)
    before, state = found.samples.clone(), torch.get_rng_state()
    found.evaluator.measure(found.samples, final=True)
    assert torch.equal(found.samples, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_plug_ins_metric_passes_as_well():
    with METRICS.restored():

        @register(
            "median_error",
            title="Error of median",
            direction="min",
            low=0.0,
            kinds=("scalar",),
            truth=("mean",),
        )
        def median_error(made, target, truth):
            """Distance of the samples' median from the mean, which is the median of a symmetric law."""
            return abs(float(torch.from_numpy(made.points).median()) - truth.mean[0])

        check(info("median_error"), Findings("gaussian1d"))
        assert not info("median_error").applies(dataset("ring"))


def test_a_plug_in_that_breaks_its_promise_is_caught():
    with METRICS.restored():
        register("liar", title="Liar", direction="max", low=0.0, high=1.0, kinds=("scalar",))(lambda *_: 2.0)
        with pytest.raises(AssertionError):
            check(info("liar"), Findings("gaussian1d"))
