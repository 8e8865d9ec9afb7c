"""Suites from text, with their planned trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial


def planned(text: str, folder: Path) -> tuple[Suite, list[Trial]]:
    """The suite of a text, and its trials; the file is written to a folder."""
    path = folder / "mine.toml"
    path.write_text(text)
    suite = load_suite(str(path))
    return suite, plan(suite, catalogue.dataset)


def trial_of(variant: str, folder: Path, **settings: Any) -> Trial:
    """The trial of a suite of one variant with small perceptrons on digits, for rows that stand beside it."""
    lines = [f"{name} = {value}" for name, value in settings.items()]
    _, (trial,) = planned(
        f'title = "One"\ndatasets = ["digits"]\nvariants = ["{variant}"]\nprofile = "default"\nseeds = 1\n'
        '[architectures.mlp]\nfamily = "mlp"\nhidden = [8]\n[budgets.quick]\nkimg = 1\n'
        + "\n".join(["[hyperparameters]", *lines]),
        folder,
    )
    return trial
