"""Settings of a sweep can be told apart by what is written of them, and nothing is written twice."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gan_bench.reports.frames import tidy
from gan_bench.reports.labels import stacked
from gan_bench.reports.schema import SCORES, TRIALS
from gan_bench.reports.summary import leaderboard
from gan_bench.reports.terminal import terminal
from gan_bench.reports.variation import value_text, varying, written

values = st.one_of(st.floats(allow_nan=False), st.integers(), st.sampled_from(["adam", "sgd"]))


@given(values, values)
def test_different_values_have_different_texts_and_are_written_whole(one: Any, other: Any) -> None:
    if one != other:
        assert value_text(one) != value_text(other)
    if isinstance(one, float):
        assert float(value_text(one)) == one


def test_what_is_derived_is_left_out_and_what_is_not_stays() -> None:
    parents = {"critic_lr": "lr", "generator_lr": "lr"}
    alike = [{"lr": r, "critic_lr": r, "generator_lr": r, "beta1": 0.5} for r in (0.1, 0.2)]
    assert varying(alike, parents) == ["lr"]
    assert varying(alike, {}) == ["lr", "critic_lr", "generator_lr"]
    own = [*alike, {"lr": 0.1, "critic_lr": 0.4, "generator_lr": 0.1, "beta1": 0.5}]
    assert varying(own, parents) == ["lr", "critic_lr"]
    assert varying([{"lr": 0.1}, {"lr": 0.1, "clip": 1.0}], {}) == ["clip"]


def test_values_are_written_as_in_a_suite_file() -> None:
    setting = {"lr": 1e-05, "beta1": 0.0, "n": 5, "flag": True, "w": {"schedule": "linear", "end": 1e16}}
    assert written(setting) == "lr=1e-5, beta1=0, n=5, flag=true, w={schedule=linear, end=1e16}"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_rows_of_a_table_show_all_that_varies_at_any_width(width: int) -> None:
    rates = [0.0012345678, 0.0012345679, 1e-5]
    trials = pd.DataFrame(
        {
            "trial": [f"t{i}{seed}" for i in range(3) for seed in range(2)],
            "suite": "s", "dataset": "ring", "variant": "nsgan+r1(gamma=0.3)+pac(2)", "status": "finished",
            "profile": [f"search {i:02d}" for i in range(3) for _ in range(2)],
            "seed": [0, 1] * 3, "kimg": 1.0, "primary": "modes",
            "hyperparameters": [json.dumps({"lr": r, "critic_lr": r}) for r in rates for _ in range(2)],
            "inherits": json.dumps({"critic_lr": "lr"}),
            "varied": [json.dumps({"lr": r}) for r in rates for _ in range(2)],
        }
    )  # fmt: skip
    facts = {"metric": "modes", "value": 1.0, "direction": "max", "version": 1}
    scores = trials.assign(**facts, when="final", split="test", weights="raw")
    trials, scores = (trials.reindex(columns=TRIALS.columns), scores.reindex(columns=SCORES.columns))
    console = Console(width=width, file=io.StringIO())
    console.print(terminal(leaderboard(trials, scores), width=width))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    labels = list(tidy(trials, scores).trials["label"].unique())
    assert labels == [
        f"nsgan+r1(gamma=0.3)+pac(2) (search {i:02d}, lr={value_text(rates[i])})" for i in range(3)
    ]
    for rate in rates:
        assert value_text(rate) in "".join(text.split())


def test_names_on_axes_are_whole() -> None:
    label = "nsgan+r1(gamma=0.3)+pac(2) (search 03, beta1=0.5, lr=0.0012345678, n_critic=5)"
    assert "".join(stacked(label).split()) == "".join(label.split())
