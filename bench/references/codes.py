"""Reference rows of games with codes: PCA, the mean of the data, and draws of the prior as codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gan_bench.bench.references.declarations import Ask, Start
from gan_bench.bench.references.makers import untrained_model
from gan_bench.bench.references.registry import register

if TYPE_CHECKING:
    from sklearn.decomposition import PCA
    from torch import Tensor

    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability

FITTED = 10_000
"""Training rows at most that PCA and the mean are fitted on, evenly spread."""

_CODES: dict[str, Any] = {"beside": "encode", "without": ("mapping", "equilibrium"), "default": False}


@register(
    "pca",
    title="PCA of {latent_dim} dimensions",
    meaning="codes and reconstructions by as many leading principal components of the training data as the "
    "codes have dimensions: the best linear autoencoder",
    per=("latent_dim",),
    kinds=("planar", "vectors", "images"),
    **_CODES,
)
class PrincipalComponents:
    """Scikit-learn's PCA, fitted on training data as networks see them.

    Codes have the data's units, so they are compared with no prior.
    """

    def __init__(self, start: Start) -> None:
        self.dataset = start.dataset
        self.size = int(start.trial.hyperparameters["latent_dim"])

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return encoding and reconstruction."""
        from gan_bench.variants.declarations import Ability

        return {"encode": Ability(("real",), makes=""), "reconstruct": Ability(("real",))}

    @cached_property
    def fitted(self) -> PCA:
        """The decomposition."""
        from sklearn.decomposition import PCA

        rows = training(self.dataset).flatten(1)
        return PCA(min(self.size, *rows.shape), svd_solver="full").fit(rows.double().numpy())

    def __call__(self, ask: Ask) -> Restored:
        """Return codes, or the projections of the inputs onto the components."""
        import torch

        from gan_bench.datasets.finite import Restored

        prepared = self.dataset.prepare(ask.given["real"]).double()
        codes = self.fitted.transform(prepared.flatten(1).numpy())
        if ask.ability == "encode":
            return Restored(torch.from_numpy(codes), 0)
        back = torch.from_numpy(self.fitted.inverse_transform(codes)).reshape(prepared.shape)
        return Restored(self.dataset.restore(_within(back, self.dataset)), 0)


@register(
    "mean",
    title="mean of the data",
    meaning="the mean of the training data in place of every reconstruction: the best that ignores its input",
    ability="reconstruct",
    inputs=("real",),
    **_CODES,
)
def mean(ask: Ask) -> Tensor:
    """Return the mean of the training data for every input."""
    row = mean_row(ask.dataset)
    return row.expand(ask.count, *row.shape[1:])


def mean_row(dataset: Dataset) -> Tensor:
    """Return the mean of the training data as networks see them, restored, ``[1, *shape]``."""
    return dataset.restore(training(dataset).double().mean(0, keepdim=True))


@register(
    "prior",
    title="draws of the prior ({latent_dim}, {latent_law}, scale {latent_scale:g})",
    meaning="draws of the prior in place of codes: their distance to other draws is the noise of the "
    "measure, below which no encoder falls",
    per=("latent_dim", "latent_law", "latent_scale"),
    **_CODES,
)
class PriorDraws:
    """The prior of a trial's game; codes are a second draw of it."""

    def __init__(self, start: Start) -> None:
        self.model = untrained_model(start)

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return encoding and the prior."""
        return {name: self.model.abilities[name] for name in ("encode", "prior")}

    def __call__(self, ask: Ask) -> Restored:
        """Return the prior's draws of evaluation; as codes, those of a second draw."""
        from gan_bench.datasets.finite import Restored

        made = self.model.make("prior", ask.count, draws=2)
        return Restored(made.rows[int(ask.ability == "encode")], made.broken)


def training(dataset: Dataset) -> Tensor:
    """Return training rows as networks see them; of infinite data a sample from a stream of its own."""
    from gan_bench.bench.engine.streams import stream
    from gan_bench.datasets.sources import IndexedSource

    source = dataset.stream("real", "train")
    if isinstance(source, IndexedSource):
        from gan_bench.bench.metrics.pairing import training_rows

        return dataset.prepare(training_rows(dataset, ("real",), FITTED)["real"])
    return dataset.prepare(source.sample(FITTED, stream("reference", "training", dataset.name)))  # type: ignore[arg-type]


def _within(rows: Tensor, dataset: Dataset) -> Tensor:
    return rows if dataset.bounds is None else rows.clamp(*dataset.bounds)
