"""Auxiliary Classifier GAN (Odena, Olah & Shlens 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.variants.base import Loss, Play
from gan_bench.variants.conditional.conditional import Conditional
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "acgan", paper="arXiv:1610.09585", year=2016, equation="L_S and L_C", aliases=("ac-gan",), version=4
)
class ACGAN(Conditional):
    """ACGAN: the critic also names the class, of real and of generated samples.

    With L_S the log-likelihood of the right source and L_C that of the right class, the critic maximises
    L_S + L_C and the generator L_C - L_S, here in its non-saturating form. One network gives the score and
    the classes' logits; the generator reads the label beside its latent.
    """

    objective = NSGAN()
    hyperparameters = {
        **Conditional.hyperparameters,
        "class_weight": Hyperparameter(1.0, doc="weight of L_C for both players", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "latent_dim": 100, "batch_size": 100},
            source="arXiv:1610.09585, the appendix on CIFAR-10 (110 latent dimensions with the label)",
            differs=(
                "the values could not be read again in the paper: they are kept as they were noted",
                "no noise on the critic's hidden units, which is part of the authors' search",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic: a score, and logits of the class of every sample."""
        return (self.critic("critic", self.data.real, classes=self.label.classes),)

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss:
        """Return -L_C of the real and the generated samples."""
        unlikely = unlikelihood(real["critic"], play.batch["labelled"]["label"])
        if fake:
            unlikely = unlikely + unlikelihood(fake["critic"], play.noise["label"])
        return Loss(play.hp.class_weight * unlikely, {"class_nll": unlikely})

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return -L_C of the generated samples."""
        unlikely = unlikelihood(judged["critic"], play.noise["label"])
        return Loss(play.hp.class_weight * unlikely, {"class_nll": unlikely})


def unlikelihood(judged: Judged, labels: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of labels ``[batch]``; groups have every logit."""
    assert judged.logits is not None
    return cross_entropy(judged.logits.reshape(len(labels), -1), labels)
