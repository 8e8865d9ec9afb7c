"""Kinds of pictures of what a trained game can do: what a record keeps for each.

Each kind asks for abilities, never for a variant. `reports.abilities` draws the kinds by the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.bench.abilities.bounded import small
from gan_bench.bench.abilities.classes import rows_of_classes
from gan_bench.bench.abilities.codes import clusters, codes, confusion
from gan_bench.bench.abilities.subject import Subject, evaluation_draws
from gan_bench.bench.abilities.traversals import traversals
from gan_bench.bench.engine.model import Model, Weights

KINDS: dict[str, Callable[[Subject], dict[str, Tensor]]] = {
    "classes": rows_of_classes,
    "traversal": traversals,
    "codes": codes,
    "clusters": clusters,
    "confusion": confusion,
}
"""Kind -> what makes its arrays: none where the game lacks the ability."""


def pictures(model: Model, dataset: Any, weights: Weights, kept_as: str) -> dict[str, np.ndarray]:
    """Return the arrays of all kinds as `KIND.KEPT_AS.ARRAY`, raw and bounded in size.

    Args:
        model: the trained model.
        dataset: of its trial.
        weights: `raw` or `ema`.
        kept_as: the name of the weights in a record: `final` or `ema`.
    """
    subject = Subject(model, dataset, weights, evaluation_draws(dataset.name))
    return {
        f"{kind}.{kept_as}.{name}": small(rows)
        for kind, keep in KINDS.items()
        for name, rows in keep(subject).items()
    }
