"""Reference rows that cannot be made of the data: rows without values, which state the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, Undefined
from gan_bench.bench.references import Ask, Start, info, register
from gan_bench.bench.references.planning import Wanted
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.bench.results.rows import Row
from gan_bench.datasets.images import ImageDataset, Split
from tests.bench.references.planned import trial_of

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")
DIGITS = datasets.load("digits")


@pytest.fixture
def rows_of(tmp_path: Path) -> Callable[..., list[Row]]:
    """The rows of a reference, measured on data beside a game of clusters."""

    def measured(name: str, data: datasets.Dataset = DIGITS) -> list[Row]:
        wanted = Wanted(info(name), trial_of("clustergan", tmp_path))
        assert wanted.fits
        return [*wanted.measure(data, Evaluator(data, samples=30, final_samples=30), "cpu").rows]

    return measured


def blank(different: int) -> ImageDataset:
    """Images of so many different greys, of three classes."""
    labels = np.arange(30) % 3
    greys = (80 * (np.arange(30) % different))[:, None, None].astype(np.uint8)
    part = Split.of(np.broadcast_to(greys, (30, 28, 28)).copy(), labels)
    return ImageDataset("blank", {"train": part, "validation": part, "test": part}, classes=3)


@pytest.mark.parametrize("name", ["kmeans", "kmeans-train"])
def test_k_means_of_fewer_different_rows_than_classes_is_a_row_with_its_reason(
    name: str, rows_of: Callable[..., list[Row]]
) -> None:
    found = rows_of(name, blank(2))
    assert {row["draw"] for row in found} == {0, 1, 2}
    assert {(row["value"], row["reason"]) for row in found} == {
        (None, "k-means of 3 clusters needs as many different points, there are 2")
    }
    defined = rows_of(name, blank(3))
    assert all(row["value"] is not None for row in defined)
    columns = ("metric", "split", "draw", "samples")
    assert [[row[key] for key in columns] for row in found] == [
        [row[key] for key in columns] for row in defined
    ]


def test_a_plug_ins_row_may_be_undefined_for_some_of_its_outputs(rows_of: Callable[..., list[Row]]) -> None:
    with REFERENCES.restored():

        @register("half", title="half", meaning="no samples of some data", kinds=("images",))
        def half(ask: Ask) -> torch.Tensor:
            raise Undefined(f"no {ask.count} rows of {ask.dataset.name}")

        found = rows_of("half")
    assert {row["reason"] for row in found} == {"no 30 rows of digits"}
    assert {row["samples"] for row in found} == {30}


def test_any_other_error_of_a_maker_is_not_taken_for_a_reason(rows_of: Callable[..., list[Row]]) -> None:
    with REFERENCES.restored():

        @register("broken", title="broken", meaning="a fault in its program", kinds=("images",))
        class Broken:
            abilities = info("noise").start(Start(DIGITS, None, 0, "cpu")).abilities  # type: ignore[arg-type]

            def __init__(self, start: Start) -> None:
                pass

            def __call__(self, ask: Ask) -> object:
                raise ZeroDivisionError("a fault")

        with pytest.raises(ZeroDivisionError, match="a fault"):
            rows_of("broken")
