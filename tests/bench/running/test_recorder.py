from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator as MetricEvaluator
from gan_bench.bench.metrics.base import Measurement
from gan_bench.bench.metrics.outputs import Output, Query
from gan_bench.bench.results.rows import best_rows
from gan_bench.bench.running.recorder import Recorder
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

AT = {"kimg": 1.0, "iteration": 10, "seconds": 2.0, "critic_updates": 10, "generator_updates": 5}


def row(metric: str, value: float | None, iteration: int, split: str = "validation", **more: Any) -> dict:
    fields = {"weights": "raw", "when": "curve", "direction": "min", **more}
    return {"metric": metric, "value": value, "iteration": iteration, "split": split, **fields}


def test_best_is_chosen_on_validation_and_reported_on_test() -> None:
    rows = [
        *(row("fid", value, i) for i, value in enumerate([5.0, 3.0, 4.0])),
        *(row("fid", value, i, "test") for i, value in enumerate([5.0, 9.0, 1.0])),
        row("isc", 7.0, 1, "test", direction="max"),
    ]
    best = best_rows(rows, ("fid",))
    assert [(r["metric"], r["value"], r["when"], r["split"]) for r in best] == [
        ("fid", 9.0, "best", "test"),
        ("isc", 7.0, "best", "test"),
    ]


def test_ties_go_to_the_next_metric_then_to_the_earlier_point() -> None:
    values = {"modes": [7, 8, 8, 8], "high_quality": [0.9, 0.1, 0.5, 0.5]}
    rows = [
        row(name, value, i, split, direction="max")
        for name, column in values.items()
        for i, value in enumerate(column)
        for split in ("validation", "test")
    ]
    assert {r["iteration"] for r in best_rows(rows, ("modes", "high_quality"))} == {2}
    assert {r["iteration"] for r in best_rows(rows, ("modes",))} == {1}


def test_kinds_of_weights_are_chosen_apart_and_undefined_points_never() -> None:
    rows = [
        row("fid", None, 0),
        row("fid", 2.0, 1),
        row("fid", 1.0, 0, weights="ema"),
        *(row("fid", 4.0, i, "test", weights=w) for i in (0, 1) for w in ("raw", "ema")),
    ]
    assert {(r["weights"], r["iteration"]) for r in best_rows(rows, ("fid",))} == {("raw", 1), ("ema", 0)}


def test_without_validation_or_direction_there_is_no_best() -> None:
    assert best_rows([row("fid", 1.0, 0, "test")], ("fid",)) == []
    assert best_rows([row("mean", 1.0, 0, direction="target")], ("mean",)) == []


SAMPLED = {"sample": Ability()}


class Evaluator:
    abilities = ("sample",)
    follows_trajectory = False
    ranking = ("fid",)
    protocol: ClassVar = {"metrics": {"fid": {"when": "curve"}, "kid": {"when": "final"}}}

    def queries(self, abilities: Any) -> list[Query]:
        assert abilities == SAMPLED
        return [Query("sample", "real", 200)]

    def measure(self, output: Output, *, final: bool) -> list[Measurement]:
        assert output.rows.dtype == torch.uint8  # restored
        assert len(output.rows) == 200
        names = ["fid", "kid"] if final else ["fid"]
        when = "final" if final else "curve"
        return [Measurement(name, float("nan"), 1, "min", when, reason="why") for name in names]


class Data(SimpleNamespace):
    __hash__ = object.__hash__


DATASET = Data(
    name="data",
    kind="images",
    reference=lambda split, count=30: torch.zeros(count, 1, 4, 4, dtype=torch.uint8),
    stream=lambda name, split: datasets.ResidentSource(torch.ones(20, 1, 4, 4, dtype=torch.uint8)),
)


def model(has_ema: bool) -> Any:
    return SimpleNamespace(
        has_ema=has_ema,
        abilities=SAMPLED,
        make=lambda name, count, given, weights, draws: Restored(
            torch.zeros(count, 1, 4, 4, dtype=torch.uint8), 0
        ),
        state=lambda: {"w": torch.zeros(2, 3).T},
    )


def test_a_point_gives_curve_rows_and_the_end_gives_all() -> None:
    recorder = Recorder(DATASET, Evaluator())
    recorder.measure(model(False), AT, final=False)
    assert [(r["metric"], r["when"], r["value"], r["reason"]) for r in recorder.rows] == [
        ("fid", "curve", None, "why")
    ]
    assert recorder.samples == recorder.weights == {}
    recorder.measure(model(False), AT, final=True)
    assert [(r["metric"], r["when"]) for r in recorder.rows[1:]] == [
        ("fid", "curve"),
        ("fid", "final"),
        ("kid", "final"),
    ]
    assert AT.items() <= recorder.rows[-1].items()
    kept = {name: s.shape for name, s in recorder.samples.items()}
    assert {name: kept.pop(f"{name}_final") for name in ("nearest", "distance")} == {
        "nearest": (10, 1, 4, 4),
        "distance": (10,),
    }
    assert kept.pop("distance_test") == (30,)
    assert kept == dict.fromkeys(("final", "real"), (100, 1, 4, 4))
    assert recorder.weights["w"].is_contiguous()


def test_averaged_weights_are_measured_beside_the_raw() -> None:
    recorder = Recorder(DATASET, Evaluator())
    recorder.measure(model(True), AT, final=True)
    assert {r["weights"] for r in recorder.rows} == {"raw", "ema"}
    near = {f"{what}_{kind}" for what in ("nearest", "distance") for kind in ("final", "ema")}
    assert recorder.samples.keys() == {"final", "ema", "real", "distance_test"} | near


def test_measuring_again_adds_no_point_to_the_curve() -> None:
    recorder = Recorder(DATASET, Evaluator())
    recorder.measure(model(False), AT, final=True, curve=False)
    evaluation = recorder.close("key", 1.0)
    assert {r["when"] for r in evaluation.rows} == {"final"}
    assert evaluation.primary == "fid"
    assert "sampling" in evaluation.protocol


def test_what_a_path_says_stays_when_the_end_is_measured_again() -> None:
    dirac = datasets.load("dirac")
    evaluator = MetricEvaluator(dirac, samples=10, final_samples=10)

    def at_distance(distance: float) -> Any:
        facts = {"has_ema": False, "abilities": SAMPLED, "hp": SimpleNamespace(lr=0.01)}
        made = Restored(torch.full((10, 1), distance, dtype=torch.float64), 0)
        make = lambda *_, **__: made  # noqa: E731
        return SimpleNamespace(**facts, make=make, state=lambda: {"w": torch.zeros(1)})

    recorder = Recorder(dirac, evaluator)
    for point in range(1, 9):
        model = at_distance(2.0**-point)
        recorder.measure(model, {**AT, "iteration": 100 * point}, final=point == 8)
    kept = [(row["when"], row["value"]) for row in recorder.rows if row["metric"] == "converges"]
    assert kept == [("curve", 1.0), ("final", 1.0)]
    again = Recorder(dirac, evaluator)
    again.measure(at_distance(0.1), AT, final=True, curve=False)
    assert not [row for row in again.rows if row["metric"] == "converges"]


def test_a_few_samples_of_every_point_are_kept_as_a_film() -> None:
    recorder = Recorder(DATASET, Evaluator())
    recorder.measure(model(True), AT, final=False)
    recorder.measure(model(True), {**AT, "kimg": 2 * AT["kimg"]}, final=True)
    recorder.close("key", 1.0)
    assert recorder.samples["way"].shape == (2, 36, 1, 4, 4)
    assert recorder.samples["way"].dtype == np.uint8
    assert recorder.samples["way_kimg"].tolist() == [AT["kimg"], 2 * AT["kimg"]]


@pytest.mark.parametrize(
    ("shape", "kept"), [((2,), (1, 500, 2)), ((1200,), None), ((3, 256, 256), (1, 1, 3, 256, 256))]
)
def test_a_film_is_small_whatever_the_samples(shape, kept) -> None:
    evaluator = Evaluator()
    evaluator.measure = lambda output, *, final: []
    recorder = Recorder(DATASET, evaluator)
    giving = model(False)
    giving.make = lambda *_, **__: Restored(torch.full((1000, *shape), 1e9), 0)
    recorder.measure(giving, AT, final=False)
    recorder.close("key", 1.0)
    if kept is None:
        assert recorder.samples == {}
    else:
        assert recorder.samples["way"].shape == kept
        assert recorder.samples["way"].dtype == np.float16
        assert np.isfinite(recorder.samples["way"]).all()


def test_measuring_the_end_again_makes_no_film() -> None:
    recorder = Recorder(DATASET, Evaluator())
    recorder.measure(model(False), AT, final=True, curve=False)
    recorder.close("key", 1.0)
    assert recorder.samples.keys() == {
        "final",
        "real",
        "nearest_final",
        "distance_final",
        "distance_test",
    }
