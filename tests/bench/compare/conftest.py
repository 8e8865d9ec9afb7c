"""Artificial baseline frames: cells of trials with scores and early losses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gan_bench.bench.compare.layout import uniform


def make_frame(
    *,
    variants: int = 3,
    seeds: int = 10,
    spread: float = 0.15,
    worse: dict[int, float] | None = None,
    stream: int = 0,
    **columns: Any,
) -> pd.DataFrame:
    """`variants` cells of `seeds` trials with `fid` near 10, spread by a share of it; `worse` are factors.

    Early losses are the same for every `stream`; `columns` overwrite those of every row.
    """
    rng = np.random.default_rng(stream)
    rows: list[dict[str, Any]] = []
    for index in range(variants):
        for seed in range(seeds):
            shared = {
                "suite": "toy", "dataset": "ring", "variant": f"v{index:02d}", "architecture": "mlp",
                "hyperparameters": json.dumps({"lr": 1e-3}), "kimg": 96.0, "content": "ring abc",
                "device": "cpu", "protocol": "mlp float32", "versions": "v1",
                "pack": "p1", "torch": "2", "processor": "cpu", "budget": "gate",
                "trial": f"{index}-{seed}", "seed": seed,
                "status": "finished",
            }  # fmt: skip
            value = 10 * (worse or {}).get(index, 1.0) * (1 + spread * rng.normal())
            score = {"name": "fid", "value": value, "direction": "min", "version": 1, "measured": "p"}
            score |= {"primary": True, "low": 0.0, "high": np.inf}
            rows += [{**shared, "what": "trial"}, {**shared, "what": "score", **score}]
            loss = 0.7 + 0.01 * index + 0.001 * seed
            rows.append({**shared, "what": "loss", "name": "critic_loss", "at": 30, "value": loss})
    return uniform(pd.DataFrame(rows).assign(**columns))


@pytest.fixture
def make() -> Callable[..., pd.DataFrame]:
    return make_frame
