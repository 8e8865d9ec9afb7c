"""Synthetic results for every test of a report: many, few, hostile, joined; and what `explain` leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.reports.explain import Watched
from tests.reports.synthetic import HOSTILE, Results, make_results


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return make_results(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def results(_made: Results) -> Results:
    """Eight variants and five seeds of images, two diverged trials and a failed one."""
    return Results(_made.trials.copy(), _made.scores.copy(), _made.history.copy())


@pytest.fixture(scope="session")
def make():
    """The factory itself."""
    return make_results


@pytest.fixture
def tiny(tmp_path: Path):
    """Makes results with few plots, for tests that write reports and look at something else."""

    def made(**options) -> Results:
        options = {"variants": {"gan": 2014}, "seeds": 1, "lost": False, "ema": False, "points": 2} | options
        results = make_results(tmp_path / "tiny", **options)
        scores = results.scores
        return Results(results.trials, scores[scores["when"] == "final"][:1], results.history[:0])

    return made


@pytest.fixture(scope="session")
def join():
    """Puts several results into one store."""

    def joined(*parts: Results) -> Results:
        names = ("trials", "scores", "history")
        return Results(
            *(pd.concat([getattr(part, name) for part in parts], ignore_index=True) for name in names)
        )

    return joined


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Names that would break HTML, Markdown, LaTeX, mathtext, XML or a path; stand-in data, two seeds."""
    names = {
        "variants": dict.fromkeys(HOSTILE, 2014),
        "dataset": "<img src=x>",
        "stand_in_for": "m&m",
        "suite": "a/b",
    }
    return make_results(tmp_path_factory.mktemp("hostile"), **names, seeds=2, ema=False)


@pytest.fixture(scope="session")
def watch():
    """Makes what `bench explain` leaves of one critic: two looks, at the first iteration and the tenth."""

    def make_watched(variant: str = "nsgan", data: str = "ring") -> Watched:
        rng = np.random.default_rng(2)
        names = {"iteration": [1, 10], "update": ["critic", "generator"], "source": ["real", "fake"]}
        keys = pd.MultiIndex.from_product(names.values(), names=list(names)).to_frame(index=False)
        features = keys.merge(pd.DataFrame({"moment": ["before", "after"]}), how="cross")
        features = features.merge(pd.DataFrame({"sample": range(30)}), how="cross").assign(steps=10)
        features[["feature_1", "feature_2"]] = rng.normal(size=(len(features), 2))
        columns = [f"{what}_{place}" for what in ("before", "after", "shift") for place in (1, 2)]
        centroids = keys.assign(steps=10)
        centroids[[*columns, "shift"]] = np.abs(rng.normal(size=(len(keys), 7)))
        places = pd.DataFrame(rng.normal(size=(90, 2)), columns=["x", "y"])
        drawn = pd.Series([0, 10, None], dtype="Int64").repeat(30).reset_index(drop=True)
        scatters = places.assign(iteration=drawn, source=["generated"] * 60 + ["real"] * 30)
        losses = pd.DataFrame({"iteration": range(1, 11), "name": "critic_loss", "value": rng.random(10)})
        title, context = f"What the critic of {variant} sees on {data}", f"{variant} · {data} · seed 0"
        return Watched(
            variant, 3, title, context, ["Data: a ring."], f"python -m bench explain --dataset '{data}'",
            features, centroids, scatters, losses,
        )  # fmt: skip

    return make_watched
