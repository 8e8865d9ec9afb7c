"""The classifier of semi-supervised games alone: trained on the labels that these read, or on all labels."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.variants.base import Game, Play, Player, Round
from gan_bench.variants.declarations import Build, Networks, Subset, ability
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from gan_bench.variants.registry import register
from gan_bench.variants.semisupervised.classes import LABELS, labelled, whole
from gan_bench.variants.sources import Profile

SOURCE = "arXiv:1606.01583, the classifier without a generator, with which SGAN is compared"
PAPER = Profile({}, source=SOURCE, differs=("the paper's settings could not be read: they are the defaults",))


@register("supervised-all", paper="arXiv:1606.01583", year=2016, equation="D/C without G, all labels")
class Supervised(Game):
    """Supervised on all labels: SGAN's classifier, network and losses, without unlabelled samples and G.

    It minimises the negative log-likelihood of the label under the softmax over the classes and FAKE. It is
    about the best that a semi-supervised game with these networks can reach.
    """

    streams: ClassVar[tuple[str, ...]] = ("labelled",)
    averaged: ClassVar[tuple[str, ...]] = ("critic",)
    hyperparameters = {**Game.hyperparameters, **optimiser_hyperparameters("critic")}
    profiles = {"paper": PAPER}

    def networks(self, build: Build) -> Networks:
        """Return the classifier, which is the critic of semi-supervised games."""
        assert self.data.classes is not None
        return {"critic": build.critic(self.data.real, classes=self.data.classes)}

    def players(self) -> list[Player]:
        """Return the classifier."""
        return [Player("critic", ("critic",), self.critic_loss, critic=True)]

    def rounds(self) -> list[Round]:
        """Return one round on labelled samples."""
        return [Round(("critic",), streams=("labelled",))]

    def critic_loss(self, play: Play) -> Tensor:
        """Return the cross-entropy of labelled samples, over the classes and FAKE."""
        batch = play.batch["labelled"]
        return cross_entropy(whole(*play.critic(batch["real"])), batch["label"])

    @ability(inputs=("real",), makes="")
    def classify(self, play: Play) -> Tensor:
        """Return logits of the N classes, without FAKE, ``[batch, N]``."""
        return play.critic(play.batch["real"])[1]


@register("supervised", paper="arXiv:1606.01583", year=2016, equation="D/C without G")
class SupervisedOnLabels(Supervised):
    """Supervised on the labels alone: as `supervised-all`, on the labelled samples of semi-supervised games.

    With one seed these games and this one have the same labelled samples and the same initial weights of the
    classifier, so that gains can be paired.
    """

    hyperparameters = {**Supervised.hyperparameters, **LABELS}

    def subsets(self) -> dict[str, Subset]:
        """Return the labelled samples."""
        return labelled(self.settings)
