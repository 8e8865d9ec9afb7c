"""Measurements of a trained model as rows, at one point of the budget after another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.bench.common import keys
from gan_bench.bench.common.files import now
from gan_bench.bench.planning.evaluators import protocol_of
from gan_bench.bench.results.records import Evaluation
from gan_bench.bench.results.rows import Row, best_rows, row_of

if TYPE_CHECKING:
    from gan_bench.bench.metrics.dynamics import Trajectory

IMAGES_KEPT = 100
POINTS_KEPT = 2_500
IMAGES_ON_THE_WAY = 36
POINTS_ON_THE_WAY = 500
BYTES_ON_THE_WAY = 200_000


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
    way: list[tuple[float, np.ndarray]] = field(default_factory=list)
    """kimg and a few samples at every point of the curve, as a film of the training shows them."""

    def measure(self, model: Any, at: Mapping[str, Any], *, final: bool, curve: bool = True) -> None:
        """Measure a model, its raw weights and their average where there is one.

        `at` (kimg, iteration, seconds, update counts) goes into every row. With `final`, the samples shown
        and the checkpoint are kept too; `curve` says whether the model is a point of the curve.
        """
        from gan_bench.bench.running.nearest import nearest_arrays

        for weights in ("raw", "ema") if model.has_ema else ("raw",):
            samples, broken = model.restored(self.evaluator.samples_needed, weights)
            measurements = self.evaluator.measure(samples, final=final, broken=broken)
            if weights == "raw" and self.evaluator.follows_trajectory:
                mean = math.nan if broken else float(samples.double().mean())
                self.means.append((at["iteration"], mean))
                measurements += (
                    self.evaluator.measure_trajectory(self._trajectory(model)) if final and curve else []
                )
            for measured in [*measurements, *self._of_abilities(model, weights, final)]:
                row = row_of(measured, weights=weights, **at)
                if curve and self._on_curve(measured.metric):
                    self.rows.append({**row, "when": "curve"})
                if final:
                    self.rows.append({**row, "when": "final"})
            if curve and weights == "raw" and (shown := self._on_the_way(samples)) is not None:
                self.way.append((at["kimg"], shown))
            if final and len(samples):
                kind = "final" if weights == "raw" else "ema"
                self.samples[kind] = self._shown(samples)
                self.samples |= nearest_arrays(samples, kind, self.dataset)
        if final:
            self.samples["real"] = self._shown(self.dataset.reference("test", self._kept))
            state = model.state()
            self.weights = {
                name: tensor.detach().cpu().clone().contiguous() for name, tensor in state.items()
            }

    def _trajectory(self, model: Any) -> Trajectory:
        from gan_bench.bench.metrics.dynamics import Trajectory

        iterations, values = np.array(self.means).T
        return Trajectory(iterations, values, model.hp.lr)

    def _of_abilities(self, model: Any, weights: str, final: bool) -> Iterator[Any]:
        """Yield measurements of the model's other abilities that a metric asks for."""
        from gan_bench.datasets.base import REFERENCE_SPLITS

        for ability in self.evaluator.abilities:
            if ability not in model.abilities:
                continue
            for split in REFERENCE_SPLITS:
                names = model.game.abilities()[ability]["inputs"]
                given = self.dataset.given(names, split, self.evaluator.inputs_needed)
                inputs = model.prepare(given)
                count = min(len(rows) for rows in inputs.values())
                made = model.apply(ability, count, inputs, weights=weights)
                rows, broken = self.dataset.restore_finite(made)
                yield from self.evaluator.measure_ability(
                    ability, given, rows, split, final=final, broken=broken
                )

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

    def _on_curve(self, metric: str) -> bool:
        # What is read off a trajectory is kept as its last point: measuring the end again cannot repeat it.
        return self.evaluator.protocol["metrics"][metric]["when"] != "final"

    @property
    def _kept(self) -> int:
        return POINTS_KEPT if self.dataset.kind in ("scalar", "planar") else IMAGES_KEPT

    def _on_the_way(self, samples: Any) -> np.ndarray | None:
        """A few of the samples, small enough for every point; None for what has no picture.

        None as well where too few of them are finite: every point of a film shows equally many.
        """
        size = int(np.prod(samples.shape[1:]))
        if samples.ndim == 2 and size > 2:
            return None
        count = (
            POINTS_ON_THE_WAY
            if samples.ndim == 2
            else max(1, min(IMAGES_ON_THE_WAY, BYTES_ON_THE_WAY // size))
        )
        if len(samples) < min(count, self.evaluator.samples_needed):
            return None
        kept = samples[:count].cpu().numpy()
        return kept if kept.dtype == np.uint8 else np.clip(kept, -6e4, 6e4).astype(np.float16)

    def _shown(self, samples: Any) -> np.ndarray:
        return samples[: self._kept].cpu().numpy()
