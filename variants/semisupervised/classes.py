"""The common case of semi-supervised learning: critics that also classify, and few labelled samples."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Subset, ability
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.options import refuse_groups

LABELS = {
    "labels": Hyperparameter(
        0, "structural", "labelled training samples, which each seed draws anew; 0: all have labels", low=0
    ),
    "balanced_labels": Hyperparameter(
        True, "structural", "labelled samples are equally many of each class, or drawn regardless of class"
    ),
}
"""Hyperparameters of games that read labels of a part of the data."""


class ClassCritic(Critic):
    """A critic with one softmax over the N classes and FAKE: its score is the log-odds of being real.

    With Z = sum_k exp(l_k) over the classes, the score is log Z - l_FAKE: its sigmoid is 1 - p(FAKE | x). A
    network of N + 1 outputs has a ``free`` logit of FAKE, minus its score; one of N outputs, a classifier,
    has it fixed at 0, so that D(x) = Z / (Z + 1) (Salimans et al. 2016, section 5). The functions are the
    same ones; their gradients are not.
    """

    def __init__(self, *arguments: Any, free: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.free = free

    def network(self, build: Build) -> nn.Module:
        """Return the network of a score and N logits, or the classifier."""
        if self.free:
            return super().network(build)
        if (norm := self.settings.critic_norm) not in ("none", "spectral"):
            raise Misfit(f"critic_norm = {norm}: the critic is a classifier, which takes none or spectral")
        return build.classifier(*self.spaces, classes=self.classes)

    def judge(self, network: Network, inputs: Inputs) -> Judged:
        """Judge one batch; the logits ``[batch, N + 1]`` are of the classes and, last, of FAKE."""
        made = network(*inputs)
        logits = whole(*made) if self.free else pad(made, (0, 1))
        return Judged(logits[:, :-1].logsumexp(1) - logits[:, -1], logits)

    def score(self, network: Network, *inputs: Tensor) -> Tensor:
        """Return the log-odds of being real."""
        return self.judge(network, inputs).scores


class Classifying(Adversarial):
    """Games whose critic classifies: unlabelled samples have any of the classes, labelled ones their own.

    A subclass states the critic and what is generated.
    """

    streams: ClassVar[tuple[str, ...]] = ("real", "labelled")
    averaged: ClassVar[tuple[str, ...]] = ("generator", "critic")
    hyperparameters = {
        **Adversarial.hyperparameters,
        **LABELS,
        "label_weight": Hyperparameter(1.0, doc="weight of the cross-entropy of labelled samples", low=0.0),
    }

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse groups of samples, which have no class."""
        super().check(settings)
        refuse_groups(settings)

    @property
    def classes(self) -> int:
        """Return N, the number of classes."""
        assert self.data.classes is not None
        return self.data.classes

    def subsets(self) -> dict[str, Subset]:
        """Return the labelled samples."""
        return labelled(self.settings)

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss:
        """Return the cross-entropy of labelled samples."""
        batch = play.batch["labelled"]
        judged = self.critics[0].judge(play.critic, (batch["real"],))
        assert judged.logits is not None
        unlikely = cross_entropy(judged.logits, batch["label"])
        return Loss(play.hp.label_weight * unlikely, {"class_nll": unlikely})

    @ability(inputs=("real",), makes="")
    def classify(self, play: Play) -> Tensor:
        """Return logits of the N classes, without FAKE, ``[batch, N]``."""
        play, _ = self.normalised(play, "critic")
        judged = self.critics[0].judge(play.critic, (play.batch["real"],))
        assert judged.logits is not None
        return judged.logits[:, : self.classes]


def whole(scores: Tensor, logits: Tensor) -> Tensor:
    """Return the logits ``[batch, N + 1]`` of the classes and FAKE, which is minus the (mean) score."""
    return torch.cat((logits, -scores.reshape(len(logits), -1).mean(1, keepdim=True)), dim=1)


def labelled(settings: SimpleNamespace) -> dict[str, Subset]:
    """Return the part of the stream ``labelled`` that a game with the hyperparameters `LABELS` reads."""
    if not settings.labels:
        return {}
    return {"labelled": Subset(settings.labels, "label" if settings.balanced_labels else "")}
