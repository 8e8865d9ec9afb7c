"""Points of two domains and two classes, with fewer rows in every split than a batch or a metric asks for.

python -m bench run --suite few_points.toml --budget smoke --plugin few_points.py
"""

import numpy as np

from gan_bench.datasets import finite_dataset, register_dataset
from gan_bench.spaces import Space


@register_dataset("few_points", kind="planar", title="Few points", source="drawn once")
def few_points():
    rng = np.random.default_rng(0)

    def part(rows):
        ours, theirs = rng.normal(size=(rows, 2)), rng.normal(1.0, size=(rows + 1, 2))
        return {"a": ours, "b": theirs, "label": np.arange(rows + 1) % 2}

    return finite_dataset(
        "few_points",
        {"train": part(5), "validation": part(2), "test": part(3)},
        kind="planar",
        streams={"real": "b", "domain_a": "a", "domain_b": "b", "labelled": ("real", "label")},
        spaces={"a": Space((2,)), "b": Space((2,)), "label": Space(classes=2)},
    )
