"""Measurements of a trained model as rows, at one point of the budget after another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gan_bench.bench.abilities.beside import side_by_side, unasked
from gan_bench.bench.abilities.by_class import by_class
from gan_bench.bench.abilities.enlarged import enlarged
from gan_bench.bench.abilities.kinds import pictures
from gan_bench.bench.common import keys
from gan_bench.bench.common.files import now
from gan_bench.bench.metrics.outputs import Output, Query, answer
from gan_bench.bench.planning.evaluators import protocol_of
from gan_bench.bench.results.records import Evaluation
from gan_bench.bench.results.rows import Row, best_rows, row_of
from gan_bench.bench.running.shown import most_kept, on_the_way

if TYPE_CHECKING:
    from gan_bench.bench.metrics.base import Measurement
    from gan_bench.datasets.finite import Restored

Ahead = tuple[str, str | None]
"""Weights and split of inputs of samples."""


@dataclass
class Recorder:
    """Everything that is measured and kept of one trial while it trains.

    `dataset` and `evaluator` as in the packages of those names.
    """

    dataset: Any
    evaluator: Any
    rows: list[Row] = field(default_factory=list)
    samples: dict[str, np.ndarray] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    means: list[tuple[int, float]] = field(default_factory=list)
    """Iteration and mean of the samples at every point, where a metric follows them."""
    ahead: dict[Ahead, Output] = field(default_factory=dict)
    """Samples that were made before :meth:`measure`, to be extracted with those of other replicas."""
    way: list[tuple[float, np.ndarray]] = field(default_factory=list)
    """kimg and a few samples at every point of the curve, as a film of the training shows them."""

    def measure(self, model: Any, at: Mapping[str, Any], *, final: bool, curve: bool = True) -> None:
        """Measure a model, its raw weights and their average where there is one.

        `at` (kimg, iteration, seconds, update counts) goes into every row. With `final`, the samples shown
        and the checkpoint are kept too; `curve` says whether the model is a point of the curve.
        """
        for weights in _weights(model):
            for output in self._outputs(model, weights):
                measurements = self.evaluator.measure(output, final=final)
                if _samples(output) and weights == "raw" and self.evaluator.follows_trajectory:
                    measurements += self._along(model, output, at["iteration"], final and curve)
                for measured in measurements:
                    row = row_of(measured, weights=weights, **at)
                    if curve and self._on_curve(measured.metric):
                        self.rows.append({**row, "when": "curve"})
                    if final:
                        self.rows.append({**row, "when": "final"})
                if curve and weights == "raw" and _samples(output):
                    self._film(output, at["kimg"])
                if final:
                    self._keep(output, weights)
            if final:
                for query in unasked(model.abilities, self.evaluator.abilities, self.dataset):
                    self._keep(self._output(model, query, weights), weights)
                self.samples |= pictures(model, self.dataset, weights, _kept_as(weights))
        if final:
            self.samples["real"] = self.dataset.reference("test", most_kept(self.dataset)).cpu().numpy()
            state = model.state()
            self.weights = {
                name: tensor.detach().cpu().clone().contiguous() for name, tensor in state.items()
            }

    def samples_of(self, model: Any) -> dict[Ahead, Output]:
        """Return the samples of one draw that the next :meth:`measure` of a model needs."""
        return {
            (weights, query.split): self._output(model, query, weights)
            for weights in _weights(model)
            for query in self.evaluator.queries(model.abilities)
            if (query.name, query.makes, query.draws) == ("sample", "real", 1)
        }

    def _outputs(self, model: Any, weights: str) -> Iterator[Output]:
        """Yield what the model makes for the metrics of its abilities."""
        for query in self.evaluator.queries(model.abilities):
            ahead = self.ahead.pop((weights, query.split), None) if query.name == "sample" else None
            yield ahead or self._output(model, query, weights)

    def _output(self, model: Any, query: Query, weights: str) -> Output:
        def make(query: Query) -> Restored:
            return model.make(query.name, query.count, query.given, weights=weights, draws=query.draws)

        return answer(query, make)

    def _along(self, model: Any, output: Output, iteration: int, end: bool) -> list[Measurement]:
        """Add a point to the path of the samples' mean; return its measurements at the end."""
        from gan_bench.bench.metrics.dynamics import Trajectory

        self.means.append((iteration, math.nan if output.broken else float(output.first.double().mean())))
        if not end:
            return []
        iterations, values = np.array(self.means).T
        return self.evaluator.measure_trajectory(Trajectory(iterations, values, model.hp.lr))

    def _film(self, output: Output, kimg: float) -> None:
        if (shown := on_the_way(output.first, output.count)) is not None:
            self.way.append((kimg, shown))

    def _keep(self, output: Output, weights: str) -> None:
        """Keep the samples that reports show at the end, or a few outputs beside their inputs."""
        from gan_bench.bench.running.nearest import nearest_arrays

        kind = _kept_as(weights)
        if _samples(output) and len(output.rows):
            self.samples[kind] = output.first[: most_kept(self.dataset)].cpu().numpy()
            self.samples |= nearest_arrays(output.first, kind, self.dataset)
        if output.query.split == "test":
            self.samples |= side_by_side(output, kind) | enlarged(output, kind)
            self.samples |= by_class(output, kind, self.dataset)

    def close(self, training_key: str, seconds: float) -> Evaluation:
        """Return the evaluation of the whole run, with the rows of its best point; close the film, too."""
        if self.way:
            self.samples["way"] = np.stack([samples for _, samples in self.way])
            self.samples["way_kimg"] = np.array([kimg for kimg, _ in self.way])
        protocol = protocol_of(self.evaluator)
        return Evaluation(
            key=keys.evaluation_key(training_key, protocol),
            protocol=protocol,
            primary=",".join(self.evaluator.ranking),
            rows=[*self.rows, *best_rows(self.rows, self.evaluator.ranking)],
            seconds=seconds,
            created=now(),
        )

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what was kept of the points before the last: tensors by name, and plain values."""
        import torch

        tensors = {f"way/{i}": torch.from_numpy(shown) for i, (_, shown) in enumerate(self.way)}
        way = [kimg for kimg, _ in self.way]
        return tensors, {"rows": self.rows, "means": self.means, "way": way}

    def load(
        self, tensors: Mapping[str, Any], facts: Mapping[str, Any], points: Mapping[int, float] | None = None
    ) -> None:
        """Continue from the :meth:`state` of another recorder of the trial.

        With `points` (iteration -> kimg) only the curve is taken over, and of it only these points: the
        state is that at the end of a shorter training.
        """
        self.rows = list(facts["rows"])
        self.means = [(iteration, mean) for iteration, mean in facts["means"]]
        self.way = [(kimg, tensors[f"way/{i}"].numpy()) for i, kimg in enumerate(facts["way"])]
        if points is not None:
            self.rows = [r for r in self.rows if r["when"] == "curve" and r["iteration"] in points]
            self.means = [(iteration, mean) for iteration, mean in self.means if iteration in points]
            self.way = [(kimg, shown) for kimg, shown in self.way if kimg in points.values()]

    def _on_curve(self, metric: str) -> bool:
        # What is read off a trajectory is kept as its last point: measuring the end again cannot repeat it.
        return self.evaluator.protocol["metrics"][metric]["when"] != "final"


def _weights(model: Any) -> tuple[Literal["raw", "ema"], ...]:
    return ("raw", "ema") if model.has_ema else ("raw",)


def _samples(output: Output) -> bool:
    """Return whether an output is the samples that a game is shown by: of test inputs, if it has inputs."""
    return output.query.name == "sample" and output.query.split in (None, "test")


def _kept_as(weights: str) -> str:
    """Return the name under which a record keeps the outputs of these weights."""
    return "final" if weights == "raw" else weights
