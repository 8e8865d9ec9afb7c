"""Reference rows of games with labels and categories: real data by class, and k-means on the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_bench.bench.references.codes import training
from gan_bench.bench.references.declarations import Ask, Start
from gan_bench.bench.references.registry import register

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability

MANY = 20
"""Draws of an infinite law for each row of a class."""

_CLUSTERS: dict[str, Any] = {
    "beside": "cluster",
    "kinds": ("planar", "vectors", "images"),
    "truth": ("classes",),
    "draws": 3,
}


@register(
    "real-by-class",
    title="real data, by class",
    meaning="training data of the classes that are asked for in the place of generated samples; "
    "about the best score that so many samples can reach",
    ability="sample_labelled",
    inputs=("label",),
    beside="sample_labelled",
    truth=("classes",),
)
def real_by_class(ask: Ask) -> Tensor:
    """Draw training rows of the labels, each row of a class once before any is repeated.

    A class without a training row has rows of any class: no training data are of it.
    """
    import torch

    rows, labels = _labelled(ask.dataset, ask.count, ask.generator)
    wanted = ask.given["label"]
    chosen = torch.empty(len(wanted), dtype=torch.int64)
    for label in wanted.unique().tolist():
        places, known = (wanted == label).nonzero()[:, 0], (labels == label).nonzero()[:, 0]
        pool = known if len(known) else torch.arange(len(labels))
        chosen[places] = pool[torch.arange(len(places)) % len(pool)]
    return rows[chosen]


def _labelled(dataset: Dataset, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return training rows and their labels in random order: all of finite data, many draws of a law."""
    import torch

    from gan_bench.datasets.sources import IndexedSource

    source = dataset.stream("labelled", "train")
    if isinstance(source, IndexedSource):
        both = source.gather(torch.randperm(len(source), generator=generator))
    else:
        both = source.sample(MANY * count, generator)
    assert isinstance(both, dict)
    return both["real"], both["label"]


class KMeans:
    """Categories by scikit-learn's k-means on data as networks see them, with as many clusters as classes.

    A draw is a seed of its first centres.

    Class attributes:
        on_training: whether it is fitted on training rows; else on the rows that it clusters.
    """

    on_training = False

    def __init__(self, start: Start) -> None:
        self.dataset, self.seed = start.dataset, start.draw

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return clustering."""
        from gan_bench.variants.declarations import Ability

        return {"cluster": Ability(("real",), makes="")}

    def __call__(self, ask: Ask) -> Restored:
        """Return the clusters of the rows, one-hot."""
        import torch

        from gan_bench.bench.metrics.clusters import k_means
        from gan_bench.datasets.finite import Restored

        count = self.dataset.truth.classes
        assert count is not None
        rows = self.dataset.prepare(ask.given["real"])
        fitted = training(self.dataset) if self.on_training else rows
        points, others = (each.flatten(1).double().cpu().numpy() for each in (fitted, rows))
        clusters = torch.from_numpy(k_means(points, others, count, self.seed)).long()
        return Restored(torch.nn.functional.one_hot(clusters, count).double(), 0)


@register(
    "kmeans",
    title="k-means on the data",
    meaning="clusters of pixels or coordinates by k-means, fitted on the held-out samples that it clusters; "
    "a network that finds no better clusters was not needed",
    **_CLUSTERS,
)
class OnHeldOut(KMeans):
    """K-means that is fitted on the rows that it clusters."""


@register(
    "kmeans-train",
    title="k-means on the data, fitted on training rows",
    meaning="clusters of pixels or coordinates by k-means, fitted on up to 10,000 training samples",
    **_CLUSTERS,
)
class OnTraining(KMeans):
    """K-means that is fitted on training rows."""

    on_training = True
