"""The classifier of adaptation alone, trained on the labels of one domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.variants.adaptation.classified import ClassifiedDomains
from gan_bench.variants.base import Game, Play, Player, Round
from gan_bench.variants.declarations import Build, DataSpec, Networks
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


def one_shape(data: DataSpec) -> str:
    """Return why one classifier cannot read both domains, or nothing if it can."""
    shapes = [data.spaces[domain].shape for domain in ("domain_a", "domain_b")]
    if shapes[0] == shapes[1]:
        return ""
    return "its classifier reads both domains, whose shapes are {} and {}".format(*shapes)


class Supervised(ClassifiedDomains):
    """A classifier that minimises the cross-entropy of the labels of one domain.

    Class attributes:
        domain, label: fields of its first stream, the only one that it reads.
    """

    domain: ClassVar[str]
    label: ClassVar[str]
    averaged: ClassVar[tuple[str, ...]] = ("classifier",)
    hyperparameters = {**Game.hyperparameters, **optimiser_hyperparameters("classifier")}

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse domains of different shapes."""
        return super().refuses(data) or one_shape(data)

    def networks(self, build: Build) -> Networks:
        """Return the classifier."""
        return {"classifier": build.classifier(self.data.spaces[self.domain], classes=self.classes)}

    def players(self) -> list[Player]:
        """Return the classifier."""
        return [Player("classifier", ("classifier",), self.classifier_loss)]

    def rounds(self) -> list[Round]:
        """Return one update on one batch."""
        return [Round(("classifier",), streams=self.streams[:1])]

    def classifier_loss(self, play: Play) -> Tensor:
        """Return the cross-entropy of the labels."""
        batch = play.batch[self.streams[0]]
        return cross_entropy(play.classifier(batch[self.domain]), batch[self.label])

    def logits(self, play: Play, domain: str) -> Tensor:
        """Return the classifier's logits of either domain."""
        return play.classifier(play.batch[domain])


def paper(row: str) -> dict[str, Mapping[str, Any]]:
    """Return the profile of a row of PixelDA's table of accuracies."""
    settings = {
        "lr": {"schedule": "exponential", "start": 1e-3, "end": 1e-3 * 0.95**25},
        "beta1": 0.5, "batch_size": 32,
    }  # fmt: skip
    return {
        "paper": Profile(
            settings,
            source=f"arXiv:1612.05424, table 1, the row {row}, with the settings of PixelDA's program",
            differs=("the settings of this row are not stated apart: they are those of `pixelda`",),
        )
    }


@register("source-only", paper="arXiv:1612.05424", year=2016, equation="table 1, source only")
class SourceOnly(Supervised):
    """Source only: the classifier learns the labels of the source and is used on the target as it is.

    Adaptation that is no better has learned nothing from the target.
    """

    streams = ("labelled_a", "domain_b")
    domain, label = "domain_a", "label_a"
    profiles = paper("source only")


@register("target-only", paper="arXiv:1612.05424", year=2016, equation="table 1, target only")
class TargetOnly(Supervised):
    """Target only: the classifier learns the labels of the target, which adaptation never sees."""

    streams = ("labelled_b", "labelled_a")
    domain, label = "domain_b", "label_b"
    profiles = paper("target only")
